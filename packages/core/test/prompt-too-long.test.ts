import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type Claude,
  claude,
  type Model,
  memoryStore,
  models,
  type Result,
  type RunOptions,
  resume,
  run,
} from "@lockstitch/core";
import { createSimulator, type Mind, type Simulator } from "@lockstitch/testing";
import { afterEach, describe, expect, it } from "vitest";
import { knownModels } from "../../testing/src/simulator/known-models.js";
import { asksForSummary, only } from "./compaction-helpers.js";
import { readLog, storeWith, upTo } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";

const model = "claude-haiku-4-5";
const window = 20_000;
/** English that the simulator's tokenizer makes more of than is estimated: 3.5 characters a token instead of 5.3. */
const prose = "the quick brown fox jumps over the lazy dog and then goes home ".repeat(160).slice(0, 9_900);
const read = handTool("read", () => prose);
const agent: Agent = { model, maxTokens: 1_000, tools: [read] };

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const pages = (count: number) =>
  Array.from({ length: count }, () => ({ type: "tool_use" as const, name: "read", input: {} }));

/** Reads as many pages at once as each reply asks for, then answers. */
function readingAtOnce(...counts: number[]): Mind {
  let next = 0;
  return (request) => {
    if (asksForSummary(request as never)) return { content: "So far so good." };
    const count = counts[next++];
    return { content: count === undefined ? "All read." : pages(count) };
  };
}

/** @param known what the catalogue takes for the window of the model */
async function play(mind: Mind, known = window) {
  const api = knownModels.find(({ id, aliases }) => id === model || aliases?.includes(model));
  const row = models.find(({ id, aliases }) => id === model || aliases?.includes(model));
  if (api === undefined || row === undefined) throw new Error("no such model");
  const simulator = await createSimulator({ mind, models: [{ ...api, contextWindow: window }] });
  open.push(simulator);
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
  const catalogue: readonly Model[] = [{ ...row, contextWindow: known }, ...models];
  const options = {
    claude: claude({ client, governor: false }),
    models: catalogue,
    store: memoryStore(),
    session: "s",
    environment: virtualTime(),
  } satisfies RunOptions;
  const statuses = () => simulator.requests.map(({ status }) => status);
  return { options, statuses, simulator };
}

describe("a prompt that the API refuses as too long, though it was estimated to fit", () => {
  const answered = { reason: "end_turn", text: "All read." } satisfies Partial<Result>;

  it("is summarised, and the run goes on", async () => {
    const { options, statuses } = await play(readingAtOnce(8));
    expect(await run(agent, "Go.", options)).toMatchObject(answered);
    // The refusal tells how far the estimate was off, so the summary's own request fits at once.
    expect(statuses()).toEqual([200, 400, 200, 200]);
    expect(only(await readLog(options.store), "compaction")).toHaveLength(1);
  });

  it("is summarised wherever in the session it comes, and as often as it does", async () => {
    const { options, statuses } = await play(readingAtOnce(3, 8, 2, 8, 8));
    expect(await run(agent, "Go.", options)).toMatchObject(answered);
    expect(statuses().filter((status) => status === 400).length).toBeGreaterThan(1);
    expect(statuses().slice(-2)).toEqual([200, 200]);
  });

  it("says how large the window is, where the catalogue takes it for larger", async () => {
    const { options } = await play(readingAtOnce(8), 1_000_000);
    const compact = { maxTokens: 1_000 };
    expect(await run({ ...agent, compact }, "Go.", options)).toMatchObject(answered);
  });

  it.each([
    ["run", (options: RunOptions) => run(agent, "And?", options)],
    ["resume", (options: RunOptions) => resume(agent, "s", options as never)],
  ])("no longer holds up a session that died of it: %s summarises it", async (_, again) => {
    const { options, statuses } = await play(readingAtOnce(8));
    await expect(run({ ...agent, compact: false }, "Go.", options)).rejects.toThrow(/prompt is too long/);
    expect(await again(options)).toMatchObject(answered);
    expect(statuses()).toEqual([200, 400, 200, 200]);
  });

  it.each(["model.end", "step.end"] as const)(
    "is summarised by whoever goes on where a process died right after the refusal's %s",
    async (type) => {
      const { options } = await play(readingAtOnce(8));
      await run(agent, "Go.", options);
      const store = await storeWith(upTo(await readLog(options.store), type, 2));
      expect(await resume(agent, "s", { ...options, store })).toMatchObject(answered);
      expect(only(await readLog(store), "compaction")).toHaveLength(1);
    },
  );

  it("is answered after its summary where the words came when the last answer was already there", async () => {
    const { options, statuses } = await play(readingAtOnce(5));
    let asked = 0;
    const told: Claude = async (request, call) => {
      const reply = await options.claude(request, call);
      asked += 1;
      if (asked === 2) await running.steer(`${prose}${prose}`);
      return reply;
    };
    const running = run({ ...agent, compact: { at: 1 } }, "Go.", { ...options, claude: told });
    const { messages } = await running;
    expect(statuses()).toEqual([200, 200, 400, 200, 200]);
    expect(messages).toMatchObject([
      { role: "user", content: /^\[This is a summary/ },
      { role: "assistant" },
    ]);
  });

  it("ends the run where no summary can help, after a bounded number of calls, with the way out", async () => {
    const { options, statuses } = await play(readingAtOnce());
    for (let life = 1; life <= 2; life++) {
      const failed = run(agent, life === 1 ? prose.repeat(8) : "And?", options);
      await expect(failed).rejects.toThrow(/longer than its model takes.*larger window.*fork/);
      await expect(failed).rejects.toMatchObject({ cause: { status: 400 } });
      // The first refusal is known to the second run: it begins with the summary.
      expect(statuses()).toEqual(Array.from({ length: life === 1 ? 4 : 7 }, () => 400));
    }
  });

  it("is the API's error for an agent that never summarises", async () => {
    const { options, statuses } = await play(readingAtOnce(8));
    await expect(run({ ...agent, compact: false }, "Go.", options)).rejects.toMatchObject({ status: 400 });
    expect(statuses()).toEqual([200, 400]);
  });
});

describe("a prompt that has no room beside the tokens that its answer may have", () => {
  /** As older models are refused: with the prompt's tokens and those of `max_tokens`. */
  const beside = (counts: readonly number[]): Mind => {
    const reads = readingAtOnce(...counts);
    return (request, surroundings) => {
      const tokens = Math.ceil(JSON.stringify(request.messages).length / 3.5);
      const words = `input length and \`max_tokens\` exceed context limit: ${tokens} + ${request.max_tokens} > ${window}, decrease input length or \`max_tokens\` and try again`;
      return tokens + request.max_tokens > window
        ? { status: 400, error: { type: "invalid_request_error", message: words } }
        : reads(request, surroundings);
    };
  };
  const wordy: Agent = { ...agent, maxTokens: 6_000 };

  it("is summarised, and the run goes on", async () => {
    const { options, statuses } = await play(beside([5]));
    expect(await run(wordy, "Go.", options)).toMatchObject({ reason: "end_turn", text: "All read." });
    expect(statuses()).toEqual([200, 400, 200, 200]);
  });

  it("no longer holds up a session that died of it", async () => {
    const { options, statuses } = await play(beside([5]));
    const never = run({ ...wordy, compact: false }, "Go.", options);
    await expect(never).rejects.toThrow(/exceed context limit/);
    expect(await run(wordy, "And?", options)).toMatchObject({ text: "All read." });
    expect(statuses()).toEqual([200, 400, 200, 200]);
  });

  it("ends the run where no summary can help, and says that a smaller maxTokens is a way out", async () => {
    const { options } = await play(beside([]));
    const failed = run(wordy, prose.repeat(8), options);
    await expect(failed).rejects.toThrow(/smaller maxTokens/);
    await expect(failed).rejects.toMatchObject({ name: "HistoryError", cause: { status: 400 } });
  });
});

describe("a result of very many small blocks", () => {
  it.each([
    ["before it is refused", 12_000],
    ["once it was refused", 4_000],
  ])(
    "is cut like any other in the request for a summary, whether the prompt seems too long %s",
    async (_, blocks) => {
      const many = handTool("read", () =>
        Array.from({ length: blocks }, () => ({ type: "text" as const, text: "a b" })),
      );
      const { options, statuses } = await play(readingAtOnce(2));
      const result = await run({ ...agent, tools: [many] }, "Go.", options);
      expect(result).toMatchObject({ reason: "end_turn", text: "All read." });
      expect(statuses().at(-1)).toBe(200);
      expect(statuses().length).toBeLessThan(8);
    },
  );
});
