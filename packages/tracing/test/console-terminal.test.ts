import { describe, expect, test } from "vitest";
import { consoleSink } from "../src/index.js";
import { cells } from "../src/sinks/terminal-text.js";
import { asksForPage, message, pageEnds, print, printStep, startsPage } from "./console-print.js";
import { script, usage, weatherRun } from "./session-script.js";

const esc = String.fromCharCode(0x1b);

describe("width", () => {
  const long = JSON.stringify({ text: "東京 👩‍🚀 ".repeat(2000) });

  test.each([60, 80, 237])(
    "in %i columns long arguments and results end with their size, times stay",
    (columns) => {
      const lines = printStep([asksForPage, startsPage, pageEnds(long)], {}, columns);
      expect(lines[1]).toMatch(/^│ ← read_page \{"text":"東京 👩‍🚀 .*… \(38\.0 kB\) {3}5 ms$/);
      expect(cells(lines[1]!)).toBeGreaterThanOrEqual(columns - 2);
      for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(columns);
    },
  );

  test.each([undefined, 0])("it is 100 columns where the stream says %j", (columns) => {
    const lines = printStep([asksForPage, startsPage, pageEnds("x".repeat(500))], {}, columns);
    expect(lines[1]).toHaveLength(100);
  });

  test("the narrowest terminal still shows a bit of each", () => {
    expect(printStep([asksForPage, startsPage, pageEnds("x".repeat(500))], {}, 10)).toEqual([
      '│ → read_page {"page":7}',
      "│ ← read_page xxxxxxx… (500 B)   5 ms",
    ]);
  });

  test("a terminal that is resized is followed", () => {
    const written: string[] = [];
    const stream = { columns: 100, write: (text: string) => written.push(text) };
    const sink = consoleSink({ stream, colour: false });
    const { event } = script("s_1");
    sink(event(0, message({ type: "text", text: "y".repeat(300) } as never)));
    stream.columns = 60;
    sink(event(1, message({ type: "text", text: "y".repeat(300) } as never)));
    expect(written.map((line) => line.trimEnd().length)).toEqual([100, 60]);
  });

  test("a session's name before the line takes its share", () => {
    const others = weatherRun("other-session-1").slice(0, 2);
    const { event } = script("another-session-2");
    const text = event(0, message({ type: "text", text: "z".repeat(300) } as never));
    expect(cells(print([...others, text], {}, 70).at(-1)!)).toBe(70);
  });

  test("verbose cuts nothing and keeps every line inside the frame", () => {
    const lines = printStep(
      [asksForPage, startsPage, pageEnds(`one\r\n● end_turn\r\n\t${"x".repeat(200)}`)],
      {
        verbose: true,
      },
    );
    expect(lines.slice(1)).toEqual([
      "│ ← read_page one",
      "│   ● end_turn",
      `│     ${"x".repeat(200)}   5 ms`,
    ]);
  });
});

describe("what tools and models say can't command the terminal", () => {
  const hostile = `${esc}[2J${esc}]0;owned${String.fromCharCode(7)}\r\u202eevil\u009b1m`;
  const { event, delta } = script(`s${hostile}`);
  const error = { name: hostile, message: hostile, requestID: hostile };
  const everything = [
    event(0, { type: "session.start", agent: hostile, tools: [], fingerprint: "f" }),
    event(0, { type: "run.start", model: hostile, limits: {}, startedAt: 0 }),
    event(0, { type: "input", messages: [{ role: "user", content: hostile }] }),
    event(0, { type: "model.end", attempt: 1, outcome: "error", model: hostile, durationMs: 1, error }),
    delta({ type: "message.restart", reason: `${hostile}!` }),
    delta({ type: "wait", reason: "retry", ms: 1, error: hostile }),
    event(
      0,
      message(
        { type: "text", text: hostile } as never,
        { type: "thinking", thinking: hostile, signature: "s" } as never,
        { type: "tool_use", id: hostile, name: hostile, input: { [hostile]: hostile } } as never,
        { type: "server_tool_use", id: "1", name: hostile, input: hostile } as never,
        { type: hostile } as never,
      ),
    ),
    event(0, { type: "tool.check", toolUseId: hostile, verdict: "allow", rule: hostile }),
    event(0, { type: "approval.request", toolUseId: `${hostile}?` }),
    event(0, { type: "approval.response", toolUseId: hostile, approved: false, reason: hostile }),
    event(0, { type: "tool.start", toolUseId: hostile, name: hostile, idempotencyKey: "k" }),
    delta({ type: "tool.delta", toolUseId: hostile, value: hostile }),
    event(0, {
      type: "tool.end",
      toolUseId: hostile,
      name: hostile,
      outcome: "ok",
      result: { content: [{ type: "text", text: hostile }] },
      durationMs: 1,
    }),
    event(0, { type: "compaction", summary: hostile, kept: 1, tools: [], fingerprint: "f" }),
    event(0, { type: "run.resume", owner: hostile, startedAt: 0 }),
    event(0, { type: "run.abort", by: hostile }),
    ...weatherRun("other").slice(0, 2),
    event(0, { type: "run.end", reason: hostile, steps: 1, usage: usage(1, 1), cost: { usd: 0 }, error }),
  ];

  test.each([{}, { verbose: true }, { content: false }, { content: false, verbose: true }])(
    "in no event, with %j",
    (options) => {
      const lines = print(everything, options);
      expect(lines.length).toBeGreaterThan(18);
      for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    },
  );

  test("nor by a session's short name", () => {
    const short = script(`s${esc}[2J`);
    const start = short.event(0, { type: "run.start", model: "m", limits: {}, startedAt: 0 });
    expect(print([...weatherRun("other").slice(0, 2), start]).at(-1)).toBe("s␛[2J ● m · s␛[2J");
  });

  test("and what they tried stays visible", () => {
    expect(print(everything.slice(6, 7))[0]).toBe("│ ␛[2J␛]0;owned␇ \ufffdevil\ufffd1m");
  });

  test("nor can a tool's name of any length push the rest away", () => {
    const name = "n".repeat(10_000);
    const asks = message({ type: "tool_use", id: "toolu_1", name, input: {} });
    expect(printStep([asks, pageEnds("no", "unknown_tool")])[0]!.length).toBeLessThan(120);
  });
});
