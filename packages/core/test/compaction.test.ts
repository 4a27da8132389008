import { type Agent, type AgentEvent, addUsage, memoryStore, run } from "@lockstitch/core";
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
  smallModels,
  summaries,
} from "./compaction-helpers.js";
import { readLog } from "./crash.js";
import { handTool, types, virtualTime } from "./helpers.js";

describe("a run that nears its model's window", () => {
  it("has its oldest messages summarised, and goes on from the summary with the newest as they were", async () => {
    const claude = readingClaude(8);
    const { result, events, deltas } = await play(reader, { claude });
    expect(result).toMatchObject({ status: "ended", reason: "end_turn", text: "Read.", steps: 9 });
    const [first] = only(events, "compaction");
    expect(first).toMatchObject({
      summary: expect.stringContaining("Summary 1."),
      tools: [{ name: "read" }],
    });
    const at = claude.requests.findIndex(asksForSummary);
    const [before, asked, after] = claude.requests.slice(at - 1, at + 2);
    expect(after?.messages[0]?.content).toContain("Summary 1.");
    expect(after?.messages[0]?.content).toContain("This is a summary of the conversation so far");
    // What came after the request before is the reply with its call, and the result.
    const kept = first?.kept ?? 0;
    expect(kept).toBeGreaterThan(0);
    const all = [...(before?.messages ?? []), ...(after?.messages.slice(-2) ?? [])];
    expect(after?.messages.slice(1)).toEqual(all.slice(-kept));
    // Behind results the word comes in their message: the API wants results first, and roles to take turns.
    expect(asked?.messages.length).toBe(all.length - kept);
    expect(asked?.messages.at(-1)).toMatchObject({ content: [{ type: "tool_result" }, { type: "text" }] });
    // Nobody is shown a summary as if it were an answer.
    expect(deltas.join("")).toContain("Read.");
    expect(deltas.join("")).not.toContain("Summary 1.");
    expect(
      types(events.slice(events.findIndex(({ type }) => type === "compaction") - 2)).slice(0, 4),
    ).toEqual(["model.start", "model.end", "compaction", "step.start"]);
  });

  it("asks for the summary behind the very prompt that it has sent before, so that its cache is read", async () => {
    const claude = readingClaude(8);
    await play({ ...reader, system: "You read." }, { claude });
    const at = claude.requests.findIndex(asksForSummary);
    const [before, asked] = claude.requests.slice(at - 1, at + 1);
    expect(asked?.system).toEqual(before?.system);
    expect(asked?.tools).toEqual(before?.tools);
    const shared = (asked?.messages.length ?? 0) - 1;
    expect(shared).toBeGreaterThan(1);
    expect(asked?.messages.slice(0, shared)).toEqual(before?.messages.slice(0, shared));
  });

  it("keeps as many of the newest messages as `keep` says, and never a result without its call", async () => {
    for (const [keep, kept] of [
      [0, 0],
      [1, 0],
      [2, 2],
      [3, 2],
      [4, 2],
    ] as const) {
      const { events, result } = await play({ ...reader, compact: { keep } }, { claude: readingClaude(7) });
      expect(only(events, "compaction")[0]?.kept).toBe(kept);
      expect(findHistoryProblem([...result.messages, { role: "user", content: "And?" }])).toBeUndefined();
    }
  });

  it("compacts at the part of the window that `at` names, with `instructions` and the tokens it is given", async () => {
    const stepOf = async (at: number) => {
      const claude = readingClaude(6);
      const compact = { at, instructions: "Keep every order number.", maxTokens: 300 };
      await play({ ...reader, compact }, { claude });
      const asked = claude.requests.find(asksForSummary);
      expect(asked?.max_tokens).toBe(300);
      expect(JSON.stringify(asked?.messages.at(-1))).toContain("Keep every order number.");
      return claude.requests.findIndex(asksForSummary);
    };
    expect(await stepOf(0.4)).toBeLessThan(await stepOf(0.8));
  });

  it("never does where the agent says compact: false", async () => {
    const claude = readingClaude(8);
    const { events } = await play({ ...reader, compact: false }, { claude });
    expect(only(events, "compaction")).toEqual([]);
    expect(claude.requests.some(asksForSummary)).toBe(false);
  });

  it("has the summary written by another model where one is named, without what only the first one knows", async () => {
    const claude = readingClaude(8);
    const agent: Agent = {
      ...reader,
      compact: { model: "claude-haiku-4-5" },
      request: { output_config: { effort: "low" }, metadata: { user_id: "u" } },
    };
    const { events } = await play(agent, { claude });
    const asked = claude.requests.find(asksForSummary);
    expect(asked).toMatchObject({ model: "claude-haiku-4-5", metadata: { user_id: "u" } });
    expect(asked).not.toHaveProperty("output_config");
    expect(only(events, "model.start").find(({ purpose }) => purpose === "compaction")?.model).toBe(
      "claude-haiku-4-5",
    );
  });

  it("counts the summary in the result's usage and cost, in no step", async () => {
    const { result, events } = await play(reader, { claude: readingClaude(8) });
    const ends = only(events, "model.end").map(({ usage }) => usage);
    expect(result.usage).toEqual(ends.reduce((sum, usage) => addUsage(sum!, usage!)));
    const inSteps = only(events, "step.end").reduce((sum, { usage }) => sum + usage.input_tokens, 0);
    expect(inSteps).toBeLessThan(result.usage.input_tokens);
  });

  it("goes on hearing what is said meanwhile: nothing in the inbox is lost", async () => {
    let said = false;
    const claude = readingClaude(8, (nth) => `Summary ${nth}.`);
    const events: AgentEvent[] = [];
    const running = run(reader, "Read the pages.", {
      models: smallModels,
      environment: virtualTime(),
      claude: Object.assign(async (...[request, call]: Parameters<typeof claude>) => {
        if (asksForSummary(request) && !said) {
          said = true;
          await running.steer("Mind the dates.");
        }
        return claude(request, call);
      }, {}),
      onEvent: (event) => void ("seq" in event && events.push(event)),
    });
    const result = await running;
    expect(said).toBe(true);
    const after = claude.requests[claude.requests.findIndex(asksForSummary) + 1];
    expect(JSON.stringify(after?.messages.at(-1))).toContain("Mind the dates.");
    expect(result).toMatchObject({ reason: "end_turn" });
  });

  it("keeps instructions that were given on the way, word for word, through one summary after the other", async () => {
    const store = memoryStore();
    const claude = readingClaude(14);
    const options = { claude, store, session: "s", models: smallModels, environment: virtualTime() };
    const messages = [
      { role: "user", content: "Read the pages." },
      { role: "system", content: "Never read page 99.\n\n[Never.]" },
    ] as const;
    await run(reader, messages, options);
    const made = summaries(await readLog(store));
    expect(made.length).toBeGreaterThan(1);
    for (const [index, summary] of made.entries()) {
      expect(summary).toContain(
        `Summary ${index + 1}.\n\n[These instructions were given on the way and still hold:]\n`,
      );
      expect(summary.split("Never read page 99.\n\n[Never.]\n\n[Here the summary ends.")).toHaveLength(2);
    }
  });

  it("ends at once when it is aborted while a summary is written, with a legal history", async () => {
    const healthy = readingClaude(8);
    const running = run(reader, "Read the pages.", {
      models: smallModels,
      environment: virtualTime(),
      claude: async (request, call) => {
        if (!asksForSummary(request)) return healthy(request, call);
        void running.abort();
        return new Promise(() => {});
      },
    });
    const result = await running;
    expect(result).toMatchObject({ reason: "aborted" });
    expect(findHistoryProblem([...result.messages, { role: "user", content: "And?" }])).toBeUndefined();
  });

  it("fits the request for the summary into the window: the longest results are cut there, and only there", async () => {
    const long = handTool("read", () => page.repeat(9));
    const claude = readingClaude(1);
    const agent = { ...reader, tools: [long], compact: { keep: 0 } };
    const { result, events } = await play(agent, { claude });
    expect(result).toMatchObject({ reason: "end_turn" });
    const asked = claude.requests.find(asksForSummary);
    expect(JSON.stringify(asked?.messages).length).toBeLessThan(30_000);
    expect(JSON.stringify(asked?.messages)).toContain("[cut here:");
    expect(JSON.stringify(only(events, "tool.end")[0]?.result).length).toBeGreaterThan(36_000);
  });
});

describe("model_context_window_exceeded", () => {
  const full = (content: ScriptedReply & (string | readonly object[])) =>
    ({ content, stop_reason: "model_context_window_exceeded" }) as ScriptedReply;
  const big = [{ role: "user", content: page.repeat(3) }] as const;
  const options = { models: smallModels, environment: virtualTime() };

  it("compacts and goes on, with the cut-off reply and a word to go on behind it", async () => {
    const claude = scripted([full("It begins"), "Summary.", "and it ends."]);
    const result = await run({ ...reader, compact: { keep: 1 } }, big, { ...options, claude });
    expect(result).toMatchObject({ reason: "end_turn", text: "and it ends.", steps: 2 });
    expect(asksForSummary(claude.requests[1]!)).toBe(true);
    expect(claude.requests[2]?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(claude.requests[2]?.messages[1]?.content).toMatchObject([{ text: "It begins" }]);
    expect(JSON.stringify(claude.requests[2]?.messages[2])).toContain("go on");
  });

  it("answers the calls of the cut-off reply as ever, and goes on from there", async () => {
    const claude = scripted([full([toolUse("read", { page: 1 }, "toolu_1")]), "Summary.", "Done."]);
    const result = await run({ ...reader, compact: { keep: 2 } }, big, { ...options, claude });
    expect(result).toMatchObject({ reason: "end_turn", text: "Done." });
    const last = claude.requests[2]?.messages.at(-1);
    expect(last).toMatchObject({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "toolu_1", is_error: true }],
    });
  });

  it("ends the run where the agent doesn't compact, and where nothing is gained by it", async () => {
    const claude = () => scripted([full("It begins")]);
    const never = await run({ ...reader, compact: false }, big, { ...options, claude: claude() });
    expect(never).toMatchObject({ reason: "model_context_window_exceeded" });
    const nothing = await run(reader, "Hello.", { ...options, claude: claude() });
    expect(nothing).toMatchObject({ reason: "model_context_window_exceeded" });
  });
});

describe("agent.compact", () => {
  it.each<[unknown, RegExp]>([
    [true, /agent\.compact is false or an object/],
    [{ keeps: 3 }, /agent\.compact has no "keeps"\. It has: at, keep, maxTokens, instructions, model, count/],
    [{ at: 0 }, /agent\.compact\.at is 0; it must be a part of the window/],
    [{ at: 80 }, /agent\.compact\.at is 80/],
    [{ keep: -1 }, /agent\.compact\.keep is -1; it must be a whole number of messages, 0 or more/],
    [{ maxTokens: 0.5 }, /agent\.compact\.maxTokens is 0\.5; it must be a positive whole number/],
    [{ instructions: " " }, /agent\.compact\.instructions is " "; it must be a text that says something/],
    [{ model: "" }, /agent\.compact\.model is ""; it must be a model's id/],
    [{ count: "always" }, /agent\.compact\.count is "always"; it must be "estimate" or "api"/],
  ])("%j is refused at the start, with what it may be", async (compact, words) => {
    const claude = scripted([]);
    await expect(run({ compact } as Agent, "Hello.", { claude })).rejects.toThrow(words);
    expect(claude.requests).toEqual([]);
  });

  it("needs the price of the summary's model under a cap in dollars", async () => {
    const agent: Agent = { compact: { model: "nobody-s-model" }, limits: { usd: 1 } };
    await expect(run(agent, "Hello.", { claude: scripted([]) })).rejects.toThrow(
      /limits\.usd needs the price of "nobody-s-model"/,
    );
  });
});
