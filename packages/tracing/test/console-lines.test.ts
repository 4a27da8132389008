import type { EventBody } from "@lockstitch/core";
import { describe, expect, test } from "vitest";
import { asksForPage, message, pageEnds, print, printStep, startsPage } from "./console-print.js";
import { script, usage } from "./session-script.js";

describe("trouble", () => {
  const { event, delta } = script("s_1");
  const broken = "The reply broke off after 3 events.";

  test("a broken reply, its restart and its retry are told, the reason once", () => {
    expect(
      print([
        event(0, { type: "step.start", step: 1 }),
        event(1, {
          type: "model.end",
          attempt: 1,
          outcome: "broken",
          model: "m",
          durationMs: 1200,
          error: { name: "BrokenStreamError", message: broken, requestID: "req_1" },
        }),
        delta({ type: "message.restart", reason: broken }),
        delta({ type: "wait", reason: "retry", ms: 500, attempt: 2, error: broken }),
        delta({ type: "wait", reason: "retry", ms: 2000, error: "another failure" }),
        delta({ type: "wait", reason: "rate_limit", ms: 90_000 }),
        delta({ type: "wait", reason: "store", ms: 500, error: "process 7 has it" }),
      ]),
    ).toEqual([
      "┌ step 1",
      `│ ✗ the reply broke off, attempt 1 BrokenStreamError: ${broken} (request req_1)   1.2 s`,
      "│ ↻ the reply starts over",
      "│ … attempt 2 in 0.5 s",
      "│ … next attempt in 2.0 s another failure",
      "│ … rate limit, goes on in 1 min 30 s",
      "│ … waits for the process that has the store process 7 has it",
    ]);
  });

  test("an error is told whole, but not a page of it", () => {
    const ended = (message: string): EventBody => ({
      type: "run.end",
      reason: "error",
      steps: 1,
      usage: usage(1, 1),
      cost: { usd: 0 },
      error: { name: "InternalServerError", message },
    });
    const useful = `502 ${"the upstream server can't be reached ".repeat(6)}.`;
    expect(printStep([ended(useful)])[0]).toBe(`✗ InternalServerError: ${useful}`);
    const page = printStep([ended(`<html>${"x".repeat(10_000)}`)])[0]!;
    expect(page).toMatch(/x… \(10\.0 kB\)$/);
    expect(page).toHaveLength(400);
  });

  test("a status that the message does not tell is told", () => {
    const failed = (message: string): EventBody => ({
      type: "model.end",
      attempt: 1,
      outcome: "error",
      model: "m",
      durationMs: 10,
      error: { name: "InternalServerError", message, status: 529 },
    });
    const bodies = [failed("529 Overloaded"), failed("Overloaded")];
    expect(printStep(bodies)).toEqual([
      "│ ✗ the model call failed, attempt 1 InternalServerError: 529 Overloaded   10 ms",
      "│ ✗ the model call failed, attempt 1 InternalServerError 529: Overloaded   10 ms",
    ]);
    expect(printStep(bodies, { content: false })[0]).toBe(
      "│ ✗ the model call failed, attempt 1 InternalServerError 529: (14 B)   10 ms",
    );
  });

  test.each<[string, Partial<Extract<EventBody, { type: "run.end" }>>, string[]]>([
    [
      "a limit",
      { reason: "limit", limit: "maxSteps" },
      ["● limit maxSteps after 1 step · 15 tokens · $0.5000"],
    ],
    ["an abort", { reason: "aborted", steps: 0 }, ["● aborted after 0 steps · 15 tokens · $0.5000"]],
    [
      "an error",
      { reason: "error", error: { name: "AuthenticationError", message: "401 invalid key" } },
      ["✗ AuthenticationError: 401 invalid key", "● error after 1 step · 15 tokens · $0.5000"],
    ],
    [
      "an unknown price",
      { cost: { usd: null, unpriced: ["m"] } },
      ["● end_turn after 1 step · 15 tokens · cost unknown"],
    ],
  ])("%s is told plainly at the end", (_what, end, lines) => {
    expect(
      printStep([
        { type: "run.end", reason: "end_turn", steps: 1, usage: usage(10, 5), cost: { usd: 0.5 }, ...end },
      ]),
    ).toEqual(lines);
  });

  test("an abort and a takeover say by whom", () => {
    expect(
      printStep([
        { type: "run.resume", owner: "worker-2", startedAt: 0 },
        { type: "run.abort", by: "user" },
      ]),
    ).toEqual(["● resumed by worker-2", "■ aborted by user"]);
  });

  test("a call that was refused before it started still shows what it asked for", () => {
    expect(printStep([asksForPage, pageEnds("No tool called read_page.", "unknown_tool")])).toEqual([
      '│ → read_page {"page":7}',
      "│ ✗ read_page unknown tool No tool called read_page.   5 ms",
    ]);
  });

  test("a result that says it is an error counts as one, whatever became of the call", () => {
    const content = "Page 7 is torn.";
    expect(printStep([{ ...pageEnds(content), result: { content, is_error: true } } as EventBody])).toEqual([
      "│ ✗ read_page Page 7 is torn.   5 ms",
    ]);
  });

  test("why a person is asked is said, and why a call is refused its result says", () => {
    const check = { type: "tool.check", toolUseId: "toolu_1" } as const;
    expect(
      printStep([
        asksForPage,
        { ...check, verdict: "ask", rule: "pages need a person" },
        { ...check, verdict: "allow", rule: "pages are free" },
        { ...check, verdict: "deny", rule: "no pages" },
        { type: "approval.request", toolUseId: "toolu_1" },
      ]),
    ).toEqual(["│ · read_page: ask · pages need a person", "│ ? read_page waits for approval"]);
  });

  test("approvals are asked for and answered", () => {
    expect(
      printStep([
        asksForPage,
        { type: "approval.request", toolUseId: "toolu_1" },
        { type: "approval.response", toolUseId: "toolu_1", approved: true },
        { type: "approval.response", toolUseId: "toolu_1", approved: false, reason: "not today" },
      ]),
    ).toEqual([
      "│ ? read_page waits for approval",
      "│ ✓ read_page approved",
      "│ ✗ read_page refused not today",
    ]);
  });
});

describe("what is not text", () => {
  test("images and blocks of other kinds are named with their size", () => {
    const image = { type: "image", source: { type: "url", url: "https://example.com/a.png" } } as const;
    expect(
      printStep([
        asksForPage,
        startsPage,
        {
          type: "tool.end",
          toolUseId: "toolu_1",
          name: "read_page",
          outcome: "ok",
          result: { content: [{ type: "text", text: "Page seven:" }, image] },
          durationMs: 5,
        },
        message({ type: "redacted_thinking", data: "x".repeat(2000) }),
        message({ type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "Oslo" } }),
      ]),
    ).toEqual([
      '│ → read_page {"page":7}',
      "│ ← read_page Page seven: [image, 74 B]   5 ms",
      "│ [redacted_thinking, 2.0 kB]",
      '│ ⇢ web_search {"query":"Oslo"}',
    ]);
  });

  test("progress may be any value, even one without JSON, and of a call whose message is still on its way", () => {
    const { delta } = script("s_1");
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const head = { type: "tool_use", id: "toolu_1", name: "read_page", input: {} } as const;
    const block = { ...head, caller: { type: "direct" } } as const;
    const { event } = script("s_1");
    const values = ["half way", 0.5, { done: 3, of: 4 }, loop, 1n, undefined];
    expect(
      print(
        [
          event(0, { type: "step.start", step: 1 }),
          delta({
            type: "message.delta",
            index: 0,
            block,
            delta: { type: "input_json_delta", partial_json: "{}" },
          }),
          ...values.map((value) => delta({ type: "tool.delta", toolUseId: "toolu_1", value })),
        ],
        { now: everySecond() },
      ),
    ).toEqual([
      "┌ step 1",
      "│ ⋯ read_page half way",
      "│ ⋯ read_page 0.5",
      '│ ⋯ read_page {"done":3,"of":4}',
      "│ ⋯ read_page [no JSON]",
      "│ ⋯ read_page [no JSON]",
      "│ ⋯ read_page undefined",
    ]);
  });

  test("a step that is asked for again because its answer did not fit says so", () => {
    const again: EventBody = {
      type: "input",
      purpose: "output",
      messages: [{ role: "user", content: "[It does not fit.]" }],
    };
    expect(printStep([again])).toEqual(["↻ asks again for the answer [It does not fit.]"]);
  });

  test("empty text and thinking without words leave no line", () => {
    expect(
      printStep([message({ type: "text", text: " \n" }, { type: "thinking", thinking: "", signature: "s" })]),
    ).toEqual([]);
  });

  test("a compaction says how much is left", () => {
    const compaction: EventBody = {
      type: "compaction",
      summary: "They talked.",
      kept: 1,
      tools: [],
      fingerprint: "f",
    };
    expect(printStep([compaction])).toEqual(["│ ≡ compacted, 1 message kept They talked."]);
  });
});

describe("what a run spends", () => {
  const asks = message({ type: "tool_use", id: "toolu_1", name: "research", input: {} });
  const begins: EventBody = {
    type: "subagent.start",
    toolUseId: "toolu_1",
    child: "s_2",
    agent: "researcher",
    granted: { usd: 0.25, tokens: 20_000 },
  };
  const ends: EventBody = {
    type: "subagent.end",
    toolUseId: "toolu_1",
    child: "s_2",
    reason: "end_turn",
    usage: usage(1200, 34, 800),
    cost: { usd: 0.0125 },
    charged: { usd: 0.0125, tokens: 2034 },
  };

  test("a subagent's beginning and end say whose call it is, what it may spend and what it spent", () => {
    expect(printStep([asks, begins, ends])).toEqual([
      "│ ▷ research: researcher begins · s_2 · at most 20,000 tokens and $0.2500",
      "│ ◁ research: end_turn · s_2 · 2,000 in (800 cached) · 34 out · $0.0125",
    ]);
  });

  test("money is left out where it is not wanted", () => {
    expect(printStep([asks, begins, ends], { cost: false })).toEqual([
      "│ ▷ research: researcher begins · s_2 · at most 20,000 tokens",
      "│ ◁ research: end_turn · s_2 · 2,000 in (800 cached) · 34 out",
    ]);
  });

  test("a call that waits with its subagent says what for, and when it goes on", () => {
    const approval = { session: "s_2", toolUseId: "toolu_2", tool: "buy_report", input: { usd: 5 } };
    const bodies: EventBody[] = [
      { type: "tool.suspend", toolUseId: "toolu_1", child: "s_2", approvals: [approval] },
      { type: "tool.resume", toolUseId: "toolu_1" },
    ];
    expect(printStep([asks, ...bodies])).toEqual([
      "│ ? research waits for approval of buy_report · s_2",
      "│ ▷ research goes on",
    ]);
  });

  test("a subagent that may spend what it likes has no limit to tell", () => {
    const { granted: _granted, ...unbound } = begins;
    expect(printStep([asks, unbound])).toEqual(["│ ▷ research: researcher begins · s_2"]);
  });

  test("what fell out of the cache is told with the reason, and a reply with less room only to who wants everything", () => {
    const bodies: EventBody[] = [
      { type: "model.start", attempt: 1, model: "m", maxTokens: 1500 },
      {
        type: "model.end",
        attempt: 1,
        outcome: "message",
        model: "m",
        durationMs: 10,
        cacheMiss: { tokens: 4321, why: "tools" },
      },
    ];
    const miss = "│ ◌ 4,321 tokens no longer in the cache: the tools changed";
    expect(printStep(bodies)).toEqual([miss]);
    expect(printStep(bodies, { verbose: true })).toEqual([
      "│ · room for 1,500 tokens is left",
      "│ · the model replied, attempt 1 · 10 ms",
      miss,
    ]);
  });
});

/** A clock that is a second on whenever it is looked at. */
function everySecond(): () => number {
  let seconds = 0;
  return () => 1_000 * seconds++;
}
