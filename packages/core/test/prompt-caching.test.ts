import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  type CacheMiss,
  claude,
  costOf,
  memoryStore,
  officialPrices,
  resume,
  run,
  type Tool,
} from "@lockstitch/core";
import { createSimulator, type Mind, type Simulator } from "@lockstitch/testing";
import { afterEach, describe, expect, it } from "vitest";
import { readLog, storeWith, upTo } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";

/** Its minimum is known: 1,024 tokens. */
const model = "claude-sonnet-5";
/** 20 KB. */
const system = "You look after the harbour, and answer briefly. ".repeat(430).slice(0, 20_480);

let simulator: Simulator | undefined;
afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
});

/** Runs of sessions in one store, against one simulator, by one clock. */
async function harbour(mind: Mind) {
  const environment = virtualTime();
  const made = await createSimulator({ mind, now: environment.now });
  await simulator?.close();
  simulator = made;
  const client = new Anthropic({ apiKey: "test", baseURL: made.url, maxRetries: 0 });
  const store = memoryStore({ now: environment.now });
  const events: AgentEvent[] = [];
  const options = { claude: claude({ client }), environment, store, session: "s" };
  const heard = {
    ...options,
    onEvent: (event: AgentEvent | { readonly type: string }) => void ("seq" in event && events.push(event)),
  };
  return { environment, store, events, options: heard, requests: made.requests };
}

/** Asks for the tool `width` times in each step, and is done with the last. */
const asking =
  (steps: number, width = 1): Mind =>
  ({ messages }) => {
    const since = messages.findLastIndex(
      ({ role, content }) => role === "user" && typeof content === "string",
    );
    const step = messages.slice(Math.max(0, since)).filter(({ role }) => role === "assistant").length;
    if (step % steps === steps - 1) return { content: [{ type: "text", text: "All berths are taken." }] };
    const input = (berth: number) => ({ berth: step * width + berth });
    return {
      content: Array.from({ length: width }, (_, at) => ({
        type: "tool_use" as const,
        name: "look",
        input: input(at),
      })),
    };
  };

const description = "Tells which ship lies at a berth.";
const inputSchema = {
  type: "object" as const,
  properties: { berth: { type: "integer" } },
  required: ["berth"],
};
const look: Tool = handTool("look", () => "There lies the Aurora, 82 m, unloading timber.", {
  description,
  inputSchema,
});
const agent: Agent = { model, system, tools: [look], limits: { maxSteps: 50 } };

function misses(events: readonly AgentEvent[]): readonly CacheMiss[] {
  return events.flatMap((event) =>
    event.type === "model.end" && event.cacheMiss !== undefined ? [event.cacheMiss] : [],
  );
}

/** The prompts' tokens by calls, as the API counted them. */
function prompts(events: readonly AgentEvent[]): readonly { read: number; written: number; new: number }[] {
  return events.flatMap((event) =>
    event.type === "step.end"
      ? [
          {
            read: event.usage.cache_read_input_tokens,
            written: event.usage.cache_creation_input_tokens,
            new: event.usage.input_tokens,
          },
        ]
      : [],
  );
}

describe("the input of twenty steps with a 20 KB prefix costs, of what it costs without caching,", () => {
  const spend = async (width: number, cache: Agent["cache"]): Promise<number> => {
    const { options, environment, events } = await harbour(asking(20, width));
    const { usage, steps } = await run({ ...agent, cache: cache ?? "5m" }, "Which ships are in?", options);
    expect(steps).toBe(20);
    expect(misses(events)).toEqual([]);
    await simulator?.close();
    return costOf(officialPrices, model, { ...usage, output_tokens: 0 }, environment.now()).usd ?? Number.NaN;
  };

  it.each([
    ["0.17 at most, with one call a step", 1, 0.17],
    ["0.21 at most, with twelve calls a step", 12, 0.21],
  ])("%s", { timeout: 60_000 }, async (_, width, most) => {
    const ratio = (await spend(width, "5m")) / (await spend(width, false));
    expect(ratio).toBeLessThanOrEqual(most);
    expect(ratio).toBeGreaterThan(0.1);
  });
});

describe("a marker of an hour behind one of five minutes", () => {
  type Ttl = "5m" | "1h";
  const said = (ttl: Ttl) => [
    { type: "text" as const, text: "Look.", cache_control: { type: "ephemeral" as const, ttl } },
  ];

  it.each<[string, Agent, Ttl]>([
    ["of an earlier input", {}, "5m"],
    [
      "of the system prompt",
      { system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }] },
      "1h",
    ],
    ["of a tool", { tools: [{ ...look, definition: { cache_control: { type: "ephemeral" } } }] }, "1h"],
  ])("%s spoils no session", async (_, marked, first) => {
    const { options, requests } = await harbour(() => ({ content: "Yes." }));
    for (const input of [said(first), said("1h"), "And now?"]) await run(marked, input, options);
    expect(requests.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { messages } = await run(marked, "Sure?", options);
    expect(messages[0]?.content).toEqual(said(first));
  });

  it("spoils none by what is steered into it, or where nothing else is marked", async () => {
    const { options, requests } = await harbour(asking(2));
    const running = run({ ...agent, cache: false }, said("5m"), options);
    await running.steer(said("1h"));
    await running;
    await run({ ...agent, cache: false }, "And now?", options);
    expect(new Set(requests.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe("by default", () => {
  it("each step reads all that the step before left, and writes what is new, as its events say", async () => {
    const { options, events } = await harbour(asking(4, 12));
    await run(agent, "Which ships are in?", options);
    const [first, ...others] = prompts(events);
    expect(first).toMatchObject({ read: 0, written: expect.any(Number) });
    let left = first?.written ?? 0;
    expect(left).toBeGreaterThan(5_000);
    expect(others).toHaveLength(3);
    for (const { read, written } of others) {
      expect(read).toBe(left);
      expect(written).toBeGreaterThan(0);
      left = read + written;
    }
    expect(misses(events)).toEqual([]);
  });

  it("another session of the agent reads the system prompt, and one with other words in it the tools", async () => {
    const tools = [{ ...look, description: description.repeat(150) }];
    const { options, events } = await harbour(asking(1));
    await run({ ...agent, tools }, "Which ships are in?", { ...options, session: "one" });
    await run({ ...agent, tools }, "Which ships have left?", { ...options, session: "two" });
    await run({ ...agent, tools, system: "Be brief." }, "Which ships are in?", {
      ...options,
      session: "three",
    });
    const [, same, other] = prompts(events);
    expect(same?.read).toBeGreaterThan(7_000);
    expect(other?.read).toBeGreaterThan(1_024);
    expect(other?.read).toBeLessThan(2_000);
  });

  it("nothing of the session's history carries a marker, nor of its log", async () => {
    const { options, events } = await harbour(asking(3));
    const { messages } = await run(agent, "Which ships are in?", options);
    expect(JSON.stringify([messages, events])).not.toContain("cache_control");
  });
});

describe("markers of the caller's own in the first input", () => {
  it("leave ten steps as cheap as they are without them, though they are all four that the API takes", async () => {
    const long: Tool = { ...look, run: () => "There lies the Aurora, 82 m, unloading timber. ".repeat(60) };
    const spend = async (more: object): Promise<number> => {
      const { options, events } = await harbour(asking(10));
      const text = (part: number) => ({
        type: "text" as const,
        text: `Part ${part} of what is known.`,
        ...more,
      });
      const content = [text(1), text(2), text(3), text(4)];
      const { cost, steps } = await run({ ...agent, tools: [long] }, [{ role: "user", content }], options);
      expect(steps).toBe(10);
      expect(misses(events)).toEqual([]);
      return cost.usd ?? Number.NaN;
    };
    const ratio = (await spend({ cache_control: { type: "ephemeral" } })) / (await spend({}));
    expect(ratio).toBeLessThan(1.02);
  });
});

describe("what is cached lives as long as the agent wants it to", () => {
  /** A tool that takes six minutes. */
  const slowly = async (cache: Agent["cache"] & string) => {
    const { options, events, environment } = await harbour(asking(3));
    const slow = { ...look, run: () => environment.sleep(360_000).then(() => "The Aurora.") };
    await run({ ...agent, cache, tools: [slow] }, "Which ships are in?", options);
    return { events, first: prompts(events)[0]?.written };
  };

  it("five minutes: what comes later is told as a miss, with its tokens and the reason", async () => {
    const { events, first } = await slowly("5m");
    const [miss, ...others] = misses(events);
    expect(miss).toEqual({ tokens: first, why: "lifetime" });
    expect(others).toMatchObject([{ why: "lifetime" }]);
  });

  it("or an hour", async () => {
    const { events } = await slowly("1h");
    expect(misses(events)).toEqual([]);
    expect(events.find(({ type }) => type === "step.end")).toMatchObject({
      usage: { cache_creation: { ephemeral_5m_input_tokens: 0 } },
    });
  });

  it("with caching off nothing is marked, written, read or missed", async () => {
    const { options, events, requests } = await harbour(asking(2));
    await run({ ...agent, cache: "5m" }, "Which ships are in?", options);
    await run({ ...agent, cache: false }, "And now?", options);
    expect(prompts(events).slice(2)).toMatchObject([
      { read: 0, written: 0 },
      { read: 0, written: 0 },
    ]);
    expect(JSON.stringify(requests.slice(2))).not.toContain("cache_control");
    expect(misses(events)).toEqual([]);
  });
});

describe("a call that reads less than the one before had left says why:", () => {
  /** A run of the agent, and another one of a changed one in the same session: how the second one's first call went. */
  async function after(
    change: Partial<Agent>,
    input: Parameters<typeof run>[1] = "And now?",
    first: Partial<Agent> = {},
  ) {
    const { options, events } = await harbour(asking(2));
    await run({ ...agent, ...first }, "Which ships are in?", options);
    const { read, written } = prompts(events).at(-1) ?? { read: 0, written: 0 };
    const seen = events.length;
    await run({ ...agent, ...first, ...change }, input, { ...options, ifPrefixChanged: "continue" });
    const [miss, ...others] = misses(events.slice(seen));
    expect(others).toEqual([]);
    const now = prompts(events.slice(seen))[0];
    expect(miss?.tokens ?? 0).toBe(read + written - (now?.read ?? 0));
    return miss?.why;
  }

  it("nothing, where nothing was missed", async () => {
    expect(await after({})).toBeUndefined();
    expect(
      await after({ maxTokens: 100, name: "other", request: { metadata: { user_id: "u" } } }),
    ).toBeUndefined();
    expect(await after({ system: "Now be brief." })).toBeUndefined();
  });

  it("another model", async () => {
    expect(await after({ model: "claude-opus-5" })).toBe("model");
  });

  it("other tools, which begin a segment", async () => {
    expect(await after({ tools: [look, { ...look, name: "look_again" }] })).toBe("tools");
  });

  it("other settings: thinking, effort, parallel calls", async () => {
    expect(await after({ request: { thinking: { type: "adaptive" } } })).toBe("settings");
    expect(await after({ request: { output_config: { effort: "low" } } })).toBe("settings");
    const tool_choice = { type: "auto" as const, disable_parallel_tool_use: true };
    expect(await after({ request: { tool_choice } })).toBe("settings");
  });

  it("a forced tool choice, which ends with the first step", async () => {
    const { options, events } = await harbour(asking(4));
    const request = { tool_choice: { type: "any" as const }, thinking: { type: "disabled" as const } };
    await run({ ...agent, request }, "Which ships are in?", options);
    expect(misses(events)).toEqual([{ tokens: expect.any(Number), why: "settings" }]);
    await run({ ...agent, request }, "And now?", options);
    expect(misses(events).map(({ why }) => why)).toEqual(["settings", "settings", "settings"]);
  });

  it("a picture where there was none", async () => {
    const image = {
      type: "image" as const,
      source: { type: "url" as const, url: "https://example.com/a.png" },
    };
    const input = [
      { role: "user" as const, content: [image, { type: "text" as const, text: "Which ship?" }] },
    ];
    expect(await after({}, input)).toBe("messages");
  });

  it("a cache that lost it, which nothing tells", async () => {
    const { options, events } = await harbour(asking(2));
    await run(agent, "Which ships are in?", options);
    // Another key has another cache.
    const elsewhere = new Anthropic({ apiKey: "other", baseURL: simulator?.url, maxRetries: 0 });
    await run(agent, "And now?", { ...options, claude: claude({ client: elsewhere }) });
    expect(misses(events)).toEqual([{ tokens: expect.any(Number), why: "unknown" }]);
  });

  it("and a process that goes on with a run under other settings says so as well, once", async () => {
    const { options, events, store } = await harbour(asking(4));
    await run(agent, "Which ships are in?", options);
    const left = await storeWith(upTo(await readLog(store), "step.end", 2));
    const request = { output_config: { effort: "low" as const } };
    const { session, ...rest } = options;
    await resume({ ...agent, request }, session, { ...rest, store: left });
    expect(misses(events)).toEqual([{ tokens: expect.any(Number), why: "settings" }]);
  });
});
