import { scripted } from "@lockstitch/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { knownModels } from "../../testing/src/simulator/known-models.js";
import type { ModelRefusal as SimulatorRefusal } from "../../testing/src/simulator/simulated-model.js";
import {
  type Agent,
  AgentError,
  defaultMaxTokens,
  defaultModel,
  findModel,
  type Model,
  type ModelRefusal,
  models,
  type RunOptions,
  run,
} from "../src/index.js";
import { virtualTime } from "./helpers.js";

afterEach(() => {
  vi.restoreAllMocks();
});

const served = knownModels.filter(({ retired }) => retired !== true);

describe("the catalogue beside the simulator's, which was written by itself", () => {
  /** The simulator's names for what ours says in ours. What it knows of versions that the SDK doesn't speak is left out. */
  const names: Readonly<Record<Exclude<SimulatorRefusal, "sampling">, ModelRefusal>> = {
    forced_tool_choice: "forced_tool_choice",
    thinking_adaptive: "thinking.adaptive",
    thinking_budget: "thinking.enabled",
    thinking_disabled: "thinking.disabled",
    thinking_between_tools: "thinking.between_tools",
    thinking_out_of_place: "changed_history",
    prefill: "prefill",
    system_message: "system_message",
  };
  const efforts = ["low", "medium", "high", "xhigh", "max"];

  /** What the simulator answers with 400, in our words. */
  function refusedBySimulator({ refuses = [], efforts: known = efforts }: (typeof served)[number]) {
    const own = refuses.flatMap((refusal) => (refusal === "sampling" ? [] : [names[refusal]]));
    const missing = efforts.filter((effort) => !known.includes(effort));
    return [
      // In the version 2026-10-21 no model takes them.
      ...["temperature", "top_p", "top_k"],
      ...own,
      ...(known.length === 0 ? ["effort"] : missing.map((effort) => `effort.${effort}`)),
      // A rule of the API for every model that can be told to think.
      ...(own.includes("thinking.enabled") ? [] : ["forced_tool_choice_with_thinking"]),
    ].sort();
  }

  it("has the same models, under all the same names", () => {
    const namesOf = ({ id, aliases = [] }: { id: string; aliases?: readonly string[] }) =>
      [id, ...aliases].sort().join(" ");
    expect(models.map(namesOf).sort()).toEqual(served.map(namesOf).sort());
  });

  it.each(served)(
    "agrees on $id: its window, its longest reply, its end and what it refuses",
    (simulated) => {
      const model = findModel(simulated.id);
      expect(model).toMatchObject({
        contextWindow: simulated.contextWindow,
        maxOutput: simulated.maxOutputTokens,
      });
      expect(model?.retires).toBe(simulated.retiresAt?.slice(0, 10));
      expect([...(model?.refuses ?? [])].sort()).toEqual(refusedBySimulator(simulated));
    },
  );

  it("agrees on the days of release, give or take the one between an announcement and the first call", () => {
    for (const { id, createdAt } of served) {
      const { released } = findModel(id) ?? {};
      if (released === undefined) continue;
      const days = Math.abs(Date.parse(released) - Date.parse(createdAt)) / 86_400_000;
      expect(days, id).toBeLessThanOrEqual(1);
    }
  });
});

describe("a row of the catalogue", () => {
  it.each(models)("of $id says where it was read", ({ source }) => {
    expect(source).toMatch(/^https:\/\/platform\.claude\.com\/docs\/.*November 2026/);
  });

  it("names a successor that is in the catalogue and has no announced end itself", () => {
    const successors = models.flatMap(({ successor }) => (successor === undefined ? [] : [successor]));
    expect(successors).not.toEqual([]);
    for (const id of successors) {
      expect(findModel(id), id).toBeDefined();
      expect(findModel(id)?.retires, id).toBeUndefined();
    }
  });

  it("is put in the place of another by a catalogue that begins with it", () => {
    const mine: Model = { ...findModel("claude-haiku-4-5")!, contextWindow: 1, aliases: ["small"] };
    expect(findModel("small", [mine, ...models])).toBe(mine);
    expect(findModel("claude-haiku-4-5", [mine, ...models])).toBe(mine);
    expect(findModel("claude-haiku-4-5")?.contextWindow).toBe(200_000);
  });

  it("of the default model takes the default reply", () => {
    expect(findModel(defaultModel)?.maxOutput).toBeGreaterThanOrEqual(defaultMaxTokens);
  });
});

/** How a run with these begins: with an answer, or with what it was refused for. */
async function begin(agent: Agent, options: RunOptions = {}): Promise<string> {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const claude = scripted(["fine"]);
  try {
    return (await run(agent, "Hello", { claude, ...options })).text;
  } catch (error) {
    expect(error).toBeInstanceOf(AgentError);
    expect(claude.requests).toEqual([]);
    return (error as AgentError).message;
  }
}

const request = (fields: object): Pick<Agent, "request"> => ({ request: fields });

describe("an agent that asks for what its model refuses", () => {
  it.each<[string, Agent, RegExp]>([
    ["temperature", request({ temperature: 0 }), /refuses temperature.*Leave it out, and say/],
    ["top_p", request({ top_p: 1 }), /refuses top_p/],
    ["top_k", request({ top_k: 5 }), /refuses top_k/],
    [
      "adaptive thinking before 4.6",
      { model: "claude-haiku-4-5-20251001", ...request({ thinking: { type: "adaptive" } }) },
      /^claude-haiku-4-5-20251001 refuses thinking\.type "adaptive".*budget_tokens/,
    ],
    [
      "a thinking budget since 4.7",
      { model: "claude-opus-5", ...request({ thinking: { type: "enabled", budget_tokens: 2000 } }) },
      /refuses thinking\.type "enabled".*output_config\.effort/,
    ],
    [
      "no thinking at all",
      { model: "claude-opus-5-5", ...request({ thinking: { type: "disabled" } }) },
      /refuses thinking\.type "disabled"/,
    ],
    [
      "thinking between tools, which one model has",
      { model: "claude-opus-5", ...request({ thinking: { type: "between_tools" } }) },
      /refuses thinking\.type "between_tools"/,
    ],
    ["any tool", request({ tool_choice: { type: "any" } }), /refuses a forced tool_choice.*"auto"/],
    ["one tool", request({ tool_choice: { type: "tool", name: "add" } }), /refuses a forced tool_choice/],
    [
      "a tool beside thinking",
      {
        model: "claude-opus-4-6",
        ...request({
          thinking: { type: "enabled", budget_tokens: 2000 },
          tool_choice: { type: "any" },
        }),
      },
      /a forced tool_choice beside thinking\.type "enabled".*Give up one/,
    ],
    [
      "an effort of a model without",
      { model: "claude-haiku-4-5", ...request({ output_config: { effort: "low" } }) },
      /refuses output_config\.effort,/,
    ],
    [
      "more effort than there is",
      { model: "claude-opus-4-6", ...request({ output_config: { effort: "xhigh" } }) },
      /refuses output_config\.effort "xhigh".*"high" or less/,
    ],
    [
      "the most effort of one that has less",
      { model: "claude-opus-4-5", ...request({ output_config: { effort: "max" } }) },
      /refuses output_config\.effort "max"/,
    ],
    [
      "a longer reply than it can write",
      { model: "claude-haiku-4-5", maxTokens: 64_001 },
      /maxTokens is 64001, and claude-haiku-4-5 writes at most 64000/,
    ],
  ])("is told so at the start, with the way out: %s", async (_what, agent, message) => {
    const said = await begin(agent);
    expect(said).toMatch(message);
    expect(said).toContain("options.models: [{ ...findModel(");
  });

  it.each<[string, Agent]>([
    ["nothing special", {}],
    ["fields that are there and empty", request({ temperature: undefined, thinking: undefined })],
    ["an effort", request({ output_config: { effort: "max" } })],
    ["thinking between tools", request({ thinking: { type: "between_tools" } })],
    ["a free choice of tools", request({ tool_choice: { type: "auto" } })],
    [
      "any tool, of a model that takes it",
      { model: "claude-opus-5", ...request({ tool_choice: { type: "any" } }) },
    ],
    [
      "a thinking budget",
      { model: "claude-opus-4-5", ...request({ thinking: { type: "enabled", budget_tokens: 2000 } }) },
    ],
    ["the longest reply", { model: "claude-haiku-4-5", maxTokens: 64_000 }],
  ])("is one thing, one that asks for what it takes another: %s", async (_what, agent) => {
    expect(await begin(agent)).toBe("fine");
  });

  it("is let through where nothing is known of the model", async () => {
    const fields = { temperature: 1, tool_choice: { type: "any" }, thinking: { type: "disabled" } };
    expect(await begin({ model: "claude-of-tomorrow", maxTokens: 1_000_000, ...request(fields) })).toBe(
      "fine",
    );
  });

  it("is let through by a row of its own, and refused by one too", async () => {
    const known = findModel("claude-haiku-4-5")!;
    const agent: Agent = { model: "claude-haiku-4-5", maxTokens: 100_000, ...request({ temperature: 0.5 }) };
    const wider: Model = { ...known, maxOutput: 128_000, refuses: [] };
    expect(await begin(agent, { models: [wider, ...models] })).toBe("fine");
    const own: Model = { ...known, id: "mine", aliases: [], refuses: ["effort"] };
    const asks: Agent = { model: "mine", ...request({ output_config: { effort: "low" } }) };
    expect(await begin(asks, { models: [own] })).toMatch(/^mine refuses output_config\.effort/);
  });
});

describe("a model whose end is announced", () => {
  const base = findModel("claude-haiku-5-5")!;
  /** What is said of it by runs on these days. */
  async function warnings(model: Model, ...days: readonly string[]): Promise<readonly string[]> {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (const day of days) {
      const environment = { ...virtualTime(), now: () => Date.parse(`${day}T12:00:00Z`) };
      await run({ model: model.id }, "Hello", { claude: scripted(["fine"]), models: [model], environment });
    }
    return warn.mock.calls.map(([text]) => String(text));
  }

  it("is warned of once a process, with the model to take in its place", async () => {
    const model: Model = { ...base, id: "ending-1", retires: "2027-01-31", successor: "ending-2" };
    expect(await warnings(model, "2026-12-01", "2026-12-02", "2027-02-01")).toEqual([
      "The model ending-1 is deprecated: from 2027-01-31 on, calls fail. Take ending-2 instead.",
    ]);
  });

  it("is warned of from the day of the announcement on, where that is known", async () => {
    const model: Model = { ...base, id: "ending-3", deprecated: "2026-12-10", retires: "2027-01-31" };
    expect(await warnings(model, "2026-12-09")).toEqual([]);
    vi.restoreAllMocks();
    expect(await warnings(model, "2026-12-10")).toHaveLength(1);
  });

  it("is told apart from one whose end has come, and from one that has no day for it", async () => {
    expect(await warnings({ ...base, id: "ended", retires: "2026-11-30" }, "2026-11-30")).toEqual([
      "The model ended was retired on 2026-11-30: calls fail.",
    ]);
    vi.restoreAllMocks();
    expect(await warnings({ ...base, id: "old", deprecated: "2026-01-01" }, "2026-11-30")).toEqual([
      "The model old is deprecated.",
    ]);
  });

  it("is none that the default names, nor any other without an announcement", async () => {
    expect(await warnings({ ...base, id: "lasting" }, "2030-01-01")).toEqual([]);
  });
});
