import { type Agent, BrokenStreamError, fork, memoryStore, models, resume, run } from "@lockstitch/core";
import { type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { findHistoryProblem } from "../src/pure/conversation/history.js";
import {
  asksForSummary,
  only,
  page,
  play,
  reader,
  readingClaude,
  smallModel,
  smallModels,
  summaries,
} from "./compaction-helpers.js";
import { readLog, storeWith, upTo } from "./crash.js";
import { apiError, virtualTime } from "./helpers.js";

describe("a summary that does not come", () => {
  const words = (said: ScriptedReply) => said as never;

  const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
  it.each([
    ["asks for a tool", [{ type: "text", text: "So far." }, toolUse("read", {}, "toolu_99")], "tool_use"],
    ["asks for a tool and says it ended", [{ type: "text", text: "So far." }, toolUse("read")], "end_turn"],
    ["has had the API search", [search, { type: "text", text: "So far." }], "end_turn"],
    ["was cut off", "So far.", "max_tokens"],
    ["filled the window", "So far.", "model_context_window_exceeded"],
    ["was paused", "So far.", "pause_turn"],
    ["refuses", "So far, but no.", "refusal"],
    ["stopped for a reason that nobody knows", "So far.", "bored"],
  ])(
    "is never the words of a reply that %s; two of these, and the run goes on without",
    async (_, content, stop_reason) => {
      const claude = readingClaude(6, () => ({ content: words(content as never), stop_reason }));
      const { events, result } = await play(reader, { claude });
      expect(claude.requests.filter(asksForSummary)).toHaveLength(2);
      expect(only(events, "compaction")).toEqual([]);
      expect(events.some((event) => event.type === "tool.start" && event.toolUseId === "toolu_99")).toBe(
        false,
      );
      expect(result).toMatchObject({ reason: "end_turn", text: "Read." });
    },
  );

  it.each(["end_turn", "stop_sequence"])("is what a reply says that ended with %s", async (stop_reason) => {
    const claude = readingClaude(8, () => ({ content: "So far.", stop_reason }));
    expect(summaries((await play(reader, { claude })).events)[0]).toContain("So far.");
  });

  it("is asked for once more, and then the run goes on without", async () => {
    const claude = readingClaude(6, () => words([toolUse("read", { page: 99 }, "toolu_99")]));
    const { result, events } = await play(reader, { claude });
    expect(claude.requests.filter(asksForSummary)).toHaveLength(2);
    expect(only(events, "compaction")).toEqual([]);
    expect(result).toMatchObject({ reason: "end_turn", text: "Read." });
  });

  it("may come at the second time", async () => {
    const claude = readingClaude(8, (nth) =>
      nth === 1 ? words([toolUse("read", {}, "toolu_99")]) : "At last.",
    );
    expect(summaries((await play(reader, { claude })).events)[0]).toContain("At last.");
  });

  it("is tried for again like a reply when the call fails, and its error ends the run when it outlives that", async () => {
    let healthy = readingClaude(8);
    let failures = 2;
    const claude = async (...[request, call]: Parameters<typeof healthy>) => {
      if (asksForSummary(request) && failures-- > 0) throw apiError(529, "overloaded_error");
      return healthy(request, call);
    };
    const { result, events } = await play(reader, { claude });
    expect(result).toMatchObject({ reason: "end_turn" });
    const tries = only(events, "model.start").filter(({ purpose }) => purpose === "compaction");
    expect(tries.slice(0, 3).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    healthy = readingClaude(8);
    failures = 100;
    await expect(play(reader, { claude })).rejects.toMatchObject({ status: 529, attempts: 5 });
  });

  it("is asked for in a much shorter request when the first was too long for the API, and then given up", async () => {
    const healthy = readingClaude(8);
    const sizes: number[] = [];
    const claude = async (...[request, call]: Parameters<typeof healthy>) => {
      if (!asksForSummary(request)) return healthy(request, call);
      sizes.push(JSON.stringify(request).length);
      throw apiError(400, "invalid_request_error");
    };
    const { result } = await play({ ...reader, compact: { keep: 0 } }, { claude });
    expect(result).toMatchObject({ reason: "end_turn" });
    expect(sizes).toHaveLength(2);
    expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) * 0.9);
  });

  it("is not asked for where it would free too little, however full the window is", async () => {
    const system = page.repeat(7);
    const claude = readingClaude(2);
    const { events } = await play({ ...reader, system }, { claude });
    expect(only(events, "compaction").length).toBeLessThan(only(events, "step.end").length);
    const short = scripted(["Hm."]);
    await play({ ...reader, system, tools: [] }, { claude: short }, "Hello.");
    expect(short.requests.some(asksForSummary)).toBe(false);
  });
});

describe("a summary counts against the run's limits", () => {
  it("with what the model is told beside the history, each byte a token", async () => {
    const reserved = async (instructions: string) => {
      // Early, so that the bound is not that of the window.
      const compact = { at: 0.3, keep: 0, instructions };
      const agent: Agent = { ...reader, limits: { maxTotalTokens: 10_000_000 }, compact };
      const { events } = await play(agent, { claude: readingClaude(8) });
      return only(events, "model.start").find(({ purpose }) => purpose === "compaction")?.reserved?.tokens;
    };
    const [short = 0, long = 0] = [await reserved("."), await reserved(".".repeat(501))];
    expect(long - short).toBe(500);
  });

  it("ends the run with the limit before it is asked for, where it doesn't fit", async () => {
    const total = async (maxTotalTokens: number) => {
      const claude = readingClaude(8);
      const played = await play({ ...reader, limits: { maxTotalTokens } }, { claude });
      return { ...played, asked: claude.requests.filter(asksForSummary).length };
    };
    const { result: free, events } = await total(10_000_000);
    const reserved = only(events, "model.start").find(({ purpose }) => purpose === "compaction")?.reserved;
    expect(reserved?.tokens).toBeGreaterThan(800);
    expect(free).toMatchObject({ reason: "end_turn" });
    const start = events.findIndex((event) => event.type === "model.start" && event.purpose !== undefined);
    const spent = only(events.slice(0, start), "model.end").reduce(
      (sum, { usage }) => sum + (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0),
      0,
    );
    const { result, asked } = await total(spent + (reserved?.tokens ?? 0) - 1);
    expect(result).toMatchObject({ reason: "limit", limit: "maxTotalTokens" });
    expect(asked).toBe(0);
    expect((await total(spent + (reserved?.tokens ?? 0))).asked).toBe(1);
  });

  it("at the prices of the model that writes it, also where it breaks off", async () => {
    const small = { ...smallModel, id: "claude-haiku-4-5", aliases: [] };
    const agent: Agent = {
      ...reader,
      model: small.id,
      compact: { model: "claude-opus-4-5" },
      limits: { usd: 5 },
    };
    const healthy = readingClaude(8);
    let breaks = 1;
    const claude = async (...[request, call]: Parameters<typeof healthy>) => {
      const message = await healthy(request, { ...call, emit: () => {} });
      if (!asksForSummary(request) || breaks-- === 0) return message;
      call.emit({ type: "message_start", message: { ...message, content: [] } });
      throw new BrokenStreamError("cut off");
    };
    const { events } = await play(agent, { claude, models: [small, ...models] });
    const end = only(events, "model.end").find(({ outcome }) => outcome === "broken");
    const { input_tokens = 0 } = end?.usage ?? {};
    expect(input_tokens).toBeGreaterThan(1_000);
    // 5 dollars a million in, 25 out, and all 800 tokens that it might have had.
    expect(end?.charged?.usd).toBeCloseTo((input_tokens * 5 + 800 * 25) / 1e6, 10);
  });
});

describe("a process that dies in a run that compacts", () => {
  it("is gone on from after any of its commits, to the same end", async () => {
    const store = memoryStore();
    const options = { models: smallModels, environment: virtualTime() };
    const agent: Agent = { ...reader, limits: { maxTotalTokens: 1_000_000 } };
    await run(agent, "Read the pages.", { ...options, claude: readingClaude(7), store, session: "s" });
    const log = await readLog(store);
    expect(only(log, "compaction").length).toBeGreaterThan(0);
    for (let length = 3; length < log.length; length++) {
      const left = await storeWith(log.slice(0, length));
      const replied = only(log.slice(0, length), "message").length;
      // Requests of before don't reach this one, so it is told where the reading stands.
      const claude = readingClaude(0);
      const ids = readingFrom(replied, 7, claude);
      const result = await resume(agent, "s", { ...options, claude: ids, store: left });
      expect(result, `after ${length} events`).toMatchObject({ reason: "end_turn", text: "Read." });
      const whole = await readLog(left);
      expect(only(whole, "compaction").length, `after ${length} events`).toBeGreaterThan(0);
      const calls = only(whole, "tool.end").map(({ toolUseId }) => toolUseId);
      expect(new Set(calls).size).toBe(calls.length);
      expect(findHistoryProblem([...result.messages, { role: "user", content: "And?" }])).toBeUndefined();
    }
  });

  it("can be forked on either side of the summary", async () => {
    const store = memoryStore();
    const options = { models: smallModels, environment: virtualTime() };
    await run(reader, "Read the pages.", { ...options, claude: readingClaude(7), store, session: "s" });
    const log = await readLog(store);
    for (const { seq } of only(log, "step.end")) {
      const branch = await fork(store, "s", seq);
      const replied = only(log.slice(0, seq), "message").length;
      const claude = readingFrom(replied, 7, readingClaude(0));
      const result = await resume(reader, branch, { ...options, claude, store });
      expect(result, `at ${seq}`).toMatchObject({ reason: "end_turn", text: "Read." });
    }
  });

  it("asks for the summary again where its reply was lost, counts the lost call as spent, and numbers the attempts on", async () => {
    const store = memoryStore();
    const options = { models: smallModels, environment: virtualTime() };
    const agent: Agent = { ...reader, limits: { maxTotalTokens: 1_000_000 } };
    await run(agent, "Read the pages.", { ...options, claude: readingClaude(7), store, session: "s" });
    const log = await readLog(store);
    const asked = only(log, "model.start").findIndex(({ purpose }) => purpose === "compaction") + 1;
    const left = await storeWith(upTo(log, "model.start", asked));
    const claude = readingFrom(asked - 1, 7, readingClaude(0));
    await resume(agent, "s", { ...options, claude, store: left });
    const again = only(await readLog(left), "model.start").slice(asked)[0];
    expect(again).toMatchObject({ purpose: "compaction", attempt: 2 });
  });
});

/** Goes on reading where a process left off that had been given so many replies. */
function readingFrom(replied: number, pages: number, summaries: ReturnType<typeof readingClaude>) {
  const whole = readingClaude(pages);
  let skipped: Promise<unknown> | undefined;
  return async (...[request, call]: Parameters<typeof whole>) => {
    if (asksForSummary(request)) return summaries(request, call);
    skipped ??= (async () => {
      for (let nth = 0; nth < replied; nth++)
        await whole({ ...request, messages: [] }, { ...call, emit: () => {} });
    })();
    await skipped;
    return whole(request, call);
  };
}
