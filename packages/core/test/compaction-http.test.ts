import Anthropic from "@anthropic-ai/sdk";
import { type Agent, claude, type Environment, type Model, memoryStore, models, run } from "@lockstitch/core";
import { createSimulator, type Mind, type ReplyBlock, type Simulator } from "@lockstitch/testing";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { knownModels } from "../../testing/src/simulator/known-models.js";
import { findHistoryProblem } from "../src/pure/conversation/history.js";
import { asksForSummary, only, page } from "./compaction-helpers.js";
import { readLog } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";
import { pngOf } from "./media-files.js";

// Hundreds of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000 });

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** A model of the API with a window that fills soon, on both sides. */
async function withSmallWindow(id: string, contextWindow: number, mind: Mind) {
  const known = knownModels.find((model) => model.id === id || model.aliases?.includes(id));
  const row = models.find((model) => model.id === id);
  if (known === undefined || row === undefined) throw new Error(`no model ${id}`);
  const simulator = await createSimulator({ mind, models: [{ ...known, contextWindow }] });
  open.push(simulator);
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
  const catalogue: readonly Model[] = [{ ...row, contextWindow }, ...models];
  return { simulator, options: { claude: claude({ client, governor: false }), models: catalogue } };
}

const isSummary = (request: Parameters<Mind>[0]) => asksForSummary(request as never);

/** Asks for so many pages, and then has read them all. */
function reading(most: number): Mind {
  let pages = 0;
  return (request) => {
    if (isSummary(request)) return { content: "Some pages." };
    pages += 1;
    return pages > most
      ? { content: "All read." }
      : { content: [{ type: "tool_use", name: "read", input: { pages } }] };
  };
}

const refusals = ({ requests }: Simulator) => requests.flatMap(({ error }) => (error ? [error.message] : []));

describe("over HTTP", () => {
  it("a run that would fill its model's window twice over comes to its end, and the API refuses nothing", async () => {
    let pages = 0;
    const { simulator, options } = await withSmallWindow("claude-sonnet-5-5", 20_000, (request) => {
      if (isSummary(request)) return { content: `Read ${pages} pages.` };
      if (pages === 19) return { content: "All read." };
      pages += 1;
      return {
        content: [
          { type: "thinking", thinking: "On." },
          { type: "tool_use", name: "read", input: { pages } },
        ],
      };
    });
    const read = handTool("read", () => page.repeat(2));
    const store = memoryStore();
    const agent: Agent = { model: "claude-sonnet-5-5", maxTokens: 2_000, tools: [read] };
    const result = await run(agent, "Read all pages.", { ...options, store, session: "s" });
    expect(refusals(simulator)).toEqual([]);
    expect(result).toMatchObject({ reason: "end_turn", text: "All read.", steps: 20 });
    expect(only(await readLog(store), "compaction").length).toBeGreaterThanOrEqual(2);
  });

  it("the prompt is counted by the API where the agent wants that, and summarised only if it is as large as it seemed", async () => {
    const play = async (at: number) => {
      const { simulator, options } = await withSmallWindow("claude-sonnet-5-5", 20_000, reading(12));
      const store = memoryStore();
      const agent: Agent = {
        model: "claude-sonnet-5-5",
        maxTokens: 2_000,
        tools: [handTool("read", () => page)],
        compact: { at, count: "api" },
      };
      const result = await run(agent, "Read all pages.", { ...options, store, session: "s" });
      expect(result).toMatchObject({ reason: "end_turn" });
      const log = await readLog(store);
      const counts = only(log, "prompt.count");
      const asked = simulator.requests.filter(({ path }) => path.endsWith("/count_tokens"));
      expect(counts).toHaveLength(asked.length);
      expect(refusals(simulator)).toEqual([]);
      return { counts, compactions: only(log, "compaction") };
    };
    const { counts, compactions } = await play(0.6);
    expect(compactions.length).toBeGreaterThan(0);
    expect(counts.length).toBeGreaterThanOrEqual(compactions.length);
    expect(counts[0]?.tokens).toBeGreaterThan(20_000 * 0.5);
    // Never near it, so nothing is counted.
    expect((await play(1)).counts.length).toBeLessThan(counts.length);
  });

  it("the estimate has to do where the API can't count", async () => {
    const { options } = await withSmallWindow("claude-sonnet-5-5", 20_000, reading(14));
    const store = memoryStore();
    const agent: Agent = {
      model: "claude-sonnet-5-5",
      maxTokens: 2_000,
      tools: [handTool("read", () => page)],
      compact: { count: "api" },
    };
    const failing = Object.assign((...call: Parameters<typeof options.claude>) => options.claude(...call), {
      countTokens: () => Promise.reject(new Error("no such endpoint")),
    });
    const result = await run(agent, "Read.", { ...options, claude: failing, store, session: "s" });
    expect(result).toMatchObject({ reason: "end_turn" });
    const log = await readLog(store);
    expect(only(log, "prompt.count").length).toBeGreaterThan(0);
    expect(only(log, "compaction").length).toBeGreaterThan(0);
  });
});

/** What a model does in one reply. */
const move = fc.constantFrom(
  ...(["call", "calls", "talk and call", "look", "search", "pause", "answer"] as const),
);
type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never;

const image = {
  type: "image" as const,
  source: {
    type: "base64" as const,
    media_type: "image/png" as const,
    data: pngOf(1_092, 1_092).toString("base64"),
  },
};

describe("whatever a conversation holds", () => {
  const setups = {
    newest: { id: "claude-opus-5-5", request: {}, system: true },
    manual: {
      id: "claude-haiku-4-5",
      request: { thinking: { type: "enabled" as const, budget_tokens: 1_024 } },
      system: false,
    },
  };

  it.each(Object.entries(setups))(
    "no compaction makes a history that the API refuses (%s models)",
    async (_, setup) => {
      let compactions = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(move, { minLength: 12, maxLength: 30 }),
          fc.array(fc.constantFrom("text", "image", "system"), { minLength: 3, maxLength: 6 }),
          fc.integer({ min: 0, max: 8 }),
          fc.boolean(),
          async (moves, inputs, keep, steers) => {
            compactions += await converse(setup, moves, inputs, keep, steers);
          },
        ),
        { numRuns: 20, examples: [thoughtlessTurn] },
      );
      expect(compactions).toBeGreaterThan(8);
    },
  );
});

/** A turn that goes on calling tools over two compactions: the first has taken its thoughts, and the second asks for a summary of it. */
const thoughtlessTurn: [Move[], string[], number, boolean] = [
  [
    ...(["call", "look", "look", "call", "look", "calls", "answer", "look", "search"] as const),
    ...Array.from({ length: 9 }, () => "call" as const),
  ],
  ["text", "text", "text"],
  7,
  false,
];

async function converse(
  setup: { readonly id: string; readonly request: object; readonly system: boolean },
  moves: readonly Move[],
  inputs: readonly string[],
  keep: number,
  steers: boolean,
): Promise<number> {
  let made = 0;
  let searches: string | undefined;
  const mind: Mind = (request) => {
    if (isSummary(request)) return { content: "This and that was said." };
    made += 1;
    const thought = { type: "thinking", thinking: "Well. ".repeat(10) } as const;
    if (searches !== undefined) {
      const found = {
        type: "web_search_tool_result",
        tool_use_id: searches,
        content: [],
      } as unknown as ReplyBlock;
      searches = undefined;
      return { content: [found, { type: "text", text: "Found nothing." }] };
    }
    const next = moves[made % moves.length];
    const call = (name: string) => ({ type: "tool_use", name, input: { made } }) as const;
    const talk = { type: "text", text: `${made}: ${page.slice(0, 300)}` } as const;
    const id = `srvtoolu_${made}`;
    const search = { type: "server_tool_use", id, name: "web_search", input: { query: "x" } } as const;
    const found = { type: "web_search_tool_result", tool_use_id: id, content: [] } as unknown as ReplyBlock;
    switch (next) {
      case "call":
        return { content: [thought, call("read")] };
      case "calls":
        return { content: [thought, call("read"), call("read")] };
      case "talk and call":
        return { content: [thought, talk, call("read")] };
      case "look":
        return { content: [thought, call("look")] };
      case "search":
        return { content: [thought, search, found, talk] };
      case "pause":
        searches = id;
        return { content: [thought, search], stop_reason: "pause_turn" };
      default:
        return { content: [thought, talk] };
    }
  };
  const { simulator, options } = await withSmallWindow(setup.id, 14_000, mind);
  const store = memoryStore();
  const agent: Agent = {
    model: setup.id,
    maxTokens: 1_500,
    system: "You read.",
    tools: [
      handTool("read", () => page.slice(0, 2_000)),
      handTool("look", () => [{ type: "text", text: "Look:" }, image]),
      { type: "web_search_20250305", name: "web_search" },
    ],
    limits: { maxSteps: 12 },
    compact: { at: 0.5, keep },
    request: setup.request,
  };
  const environment: Environment = virtualTime();
  for (const kind of inputs) {
    const said = kind === "image" ? [image, { type: "text" as const, text: "What is this?" }] : "Go on.";
    const messages = [
      { role: "user" as const, content: said },
      ...(kind === "system" && setup.system ? [{ role: "system" as const, content: "You read." }] : []),
    ];
    const again = { ...options, environment, store, session: "s" };
    const running = run(agent, messages, again);
    if (steers) await running.steer("And mind the dates.").catch(() => {});
    const result = await running;
    expect(result).toMatchObject({ reason: expect.stringMatching(/^(end_turn|limit)$/) });
    const paused = result.messages.at(-1)?.role === "assistant";
    expect(
      findHistoryProblem(paused ? [...result.messages, { role: "user", content: "And?" }] : result.messages),
    ).toBeUndefined();
  }
  expect(refusals(simulator)).toEqual([]);
  await simulator.close();
  return only(await readLog(store), "compaction").filter(({ summary }) => summary !== "").length;
}
