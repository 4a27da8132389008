import { describe, expect, test, vi } from "vitest";
import { consoleSink, createTracer } from "../src/index.js";
import { wantsColour } from "../src/sinks/console.js";
import { remember, unwatched } from "../src/sinks/console-session.js";
import { print, printStep } from "./console-print.js";
import { script, weatherRun } from "./session-script.js";

const esc = String.fromCharCode(0x1b);

describe("a whole run", () => {
  test("reads like this", () => {
    expect(print(weatherRun("s_1f3a"))).toEqual([
      "● weather-agent · claude-haiku-5-5 · s_1f3a",
      "› Oslo or Atlantis: where is it warmer?",
      "┌ step 1",
      "│ Two places, two look-ups.",
      "│ I will look both places up.",
      '│ → find_place#1 {"name":"Oslo"}',
      '│ → find_place#2 {"name":"Atlantis"}',
      '│ ⋯ find_place#2 {"tried":3}',
      '│ ✗ find_place#2 No place called "Atlantis".   8 ms',
      '│ ← find_place#1 {"name":"Oslo","latitude":59.91,"longitude":10.75}   12 ms',
      "└ 412 in · 63 out · $0.0004 · 0.8 s",
      "┌ step 2",
      "│ In Oslo: Atlantis does not exist.",
      "└ 1,920 in (1,800 cached) · 36 out · $0.0009 · 2.1 s",
      "● end_turn after 2 steps · 2,431 tokens · $0.0013 · 2.9 s",
    ]);
  });

  test("in colour: signs by what they mean, names bold, thinking and figures dim", () => {
    const paint = (codes: readonly [number, number]) => (text: string) =>
      `${esc}[${codes[0]}m${text}${esc}[${codes[1]}m`;
    const [bold, dim, red, green, cyan] = [
      paint([1, 22]),
      paint([2, 22]),
      paint([31, 39]),
      paint([32, 39]),
      paint([36, 39]),
    ];
    expect(print(weatherRun("s_1f3a"), { colour: true })).toEqual([
      `${cyan("●")} ${bold("weather-agent")}${dim(" · claude-haiku-5-5 · s_1f3a")}`,
      `${bold("›")} Oslo or Atlantis: where is it warmer?`,
      `${dim("┌")} ${bold("step 1")}`,
      `${dim("│")} ${dim("Two places, two look-ups.")}`,
      `${dim("│")} I will look both places up.`,
      `${dim("│")} ${cyan("→")} ${bold("find_place#1")} {"name":"Oslo"}`,
      `${dim("│")} ${cyan("→")} ${bold("find_place#2")} {"name":"Atlantis"}`,
      `${dim("│")} ${dim("⋯")} ${bold("find_place#2")} ${dim('{"tried":3}')}`,
      `${dim("│")} ${red("✗")} ${bold("find_place#2")} No place called "Atlantis".${dim("   8 ms")}`,
      `${dim("│")} ${green("←")} ${bold("find_place#1")} {"name":"Oslo","latitude":59.91,"longitude":10.75}${dim("   12 ms")}`,
      `${dim("└")}${dim(" 412 in · 63 out · $0.0004 · 0.8 s")}`,
      `${dim("┌")} ${bold("step 2")}`,
      `${dim("│")} In Oslo: Atlantis does not exist.`,
      `${dim("└")}${dim(" 1,920 in (1,800 cached) · 36 out · $0.0009 · 2.1 s")}`,
      `${green("●")} ${bold("end_turn after 2 steps")}${dim(" · 2,431 tokens · $0.0013 · 2.9 s")}`,
    ]);
  });

  test("without content shows sizes, and not a word of what was said", () => {
    const lines = print(weatherRun("s_1f3a"), { content: false });
    expect(lines).toEqual([
      "● weather-agent · claude-haiku-5-5 · s_1f3a",
      "› (37 B)",
      "┌ step 1",
      "│ thinking (25 B)",
      "│ text (27 B)",
      "│ → find_place#1 (15 B)",
      "│ → find_place#2 (19 B)",
      "│ ⋯ find_place#2 (11 B)",
      "│ ✗ find_place#2 (27 B)   8 ms",
      "│ ← find_place#1 (50 B)   12 ms",
      "└ 412 in · 63 out · $0.0004 · 0.8 s",
      "┌ step 2",
      "│ text (33 B)",
      "└ 1,920 in (1,800 cached) · 36 out · $0.0009 · 2.1 s",
      "● end_turn after 2 steps · 2,431 tokens · $0.0013 · 2.9 s",
    ]);
  });

  test("without costs has not a word of money, and all the rest", () => {
    const lines = print(weatherRun("s_1f3a"));
    const moneyless = lines.map((line) => line.replace(/ · \$[\d.]+/, ""));
    expect(moneyless).not.toEqual(lines);
    expect(print(weatherRun("s_1f3a"), { cost: false })).toEqual(moneyless);
  });

  test("verbose adds model calls and checks, and keeps lines as they were written", () => {
    const lines = print(weatherRun("s_1f3a"), { verbose: true });
    expect(lines.slice(0, 9)).toEqual([
      "● weather-agent · claude-haiku-5-5 · s_1f3a",
      "› Oslo or Atlantis:",
      "  where is it warmer?",
      "┌ step 1",
      "│ · the model replied, attempt 1 · 0.7 s",
      "│ Two places, two look-ups.",
      "│ I will look both places up.",
      "│ · find_place#1: allow",
      "│ · find_place#2: allow · reads only",
    ]);
  });

  test("is the same through a tracer", () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) };
    const tracer = createTracer({ sinks: [consoleSink({ stream, colour: false })] });
    for (const event of weatherRun("s_1f3a")) tracer.onEvent(event);
    expect(written.join("").split("\n").slice(0, -1)).toEqual(print(weatherRun("s_1f3a")));
    expect(written.every((text) => text.endsWith("\n"))).toBe(true);
  });
});

describe("several sessions", () => {
  const first = "3b241101-e2bb-4255-8caf-4136c566a962";
  const second = "3b241101-e2bb-4255-8caf-9e107d9d372b";

  test("at once: every line begins with the end of its session's id", () => {
    const one = weatherRun(first);
    const two = weatherRun(second);
    const lines = print(one.flatMap((event, index) => [event, two[index]!]));
    expect(lines.filter((line) => line.startsWith("…66a962 "))).toHaveLength(15);
    expect(lines.filter((line) => line.startsWith("…9d372b "))).toHaveLength(15);
    expect(lines).toHaveLength(30);
    expect(lines.slice(0, 2)).toEqual([
      `…66a962 ● weather-agent · claude-haiku-5-5 · ${first}`,
      `…9d372b ● weather-agent · claude-haiku-5-5 · ${second}`,
    ]);
    expect(lines.at(-1)).toBe("…9d372b ● end_turn after 2 steps · 2,431 tokens · $0.0013 · 2.9 s");
  });

  test("ids that end alike are shown longer, until they differ", () => {
    const lines = print([
      ...weatherRun("chat-of-anna-1").slice(0, 2),
      ...weatherRun("chat-of-hanna-1").slice(0, 2),
      ...weatherRun("chat-of-anna-1").slice(2, 3),
    ]);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["●", "…hanna-1", "…anna-1"]);
  });

  test("whoever comes after all of them is alone again", () => {
    const [one, two, three] = [weatherRun("one"), weatherRun("two"), weatherRun("three")];
    const lines = print([...one.slice(0, 5), ...two, ...one.slice(5), ...three]);
    expect(lines.slice(-15)).toEqual(print(three));
  });

  test("sessions that never end are forgotten after a thousand others", () => {
    const waiting = weatherRun("waiting").slice(0, 8);
    const call = weatherRun("waiting").slice(10, 11);
    const others = (count: number) =>
      Array.from({ length: count }, (_, index) => weatherRun(`other-${index}`)[1]!);
    expect(print([...waiting, ...others(999), ...call]).at(-1)).toBe(
      'waiting │ → find_place#1 {"name":"Oslo"}',
    );
    expect(print([...waiting, ...others(1000), ...call]).at(-1)).toBe("waiting │ → find_place");
  });

  test("a streaming call is remembered once, not at each of its pieces", () => {
    const { delta } = script("s_1");
    const block = {
      type: "tool_use",
      id: "toolu_1",
      name: "write",
      input: {},
      caller: { type: "direct" },
    } as const;
    const piece = delta({
      type: "message.delta",
      index: 0,
      block,
      delta: { type: "input_json_delta", partial_json: "{" },
    });
    const once = remember(unwatched, piece, 0);
    expect(once.calls.get("toolu_1")?.label).toBe("write");
    expect(remember(once, piece, 0)).toBe(once);
  });

  test("one after the other: no line needs to say whose it is", () => {
    const lines = print([...weatherRun(first), ...weatherRun(second)]);
    expect(lines.slice(15)).toEqual([
      `● weather-agent · claude-haiku-5-5 · ${second}`,
      ...print(weatherRun(second)).slice(1),
    ]);
  });

  test("a delta that comes after its run's end does not bring the session back", () => {
    const { delta } = script(first);
    const late = delta({ type: "tool.delta", toolUseId: "toolu_2", value: "still here" });
    const lines = print([...weatherRun(first), late, ...weatherRun(second)]);
    expect(lines[15]).toBe("│ ⋯ toolu_2 still here");
    expect(lines[16]).toBe(`● weather-agent · claude-haiku-5-5 · ${second}`);
  });

  test("a session that is joined late is told as far as it is known", () => {
    const events = weatherRun("s_1").slice(10, 16);
    expect(print(events)).toEqual([
      "│ → find_place",
      "│ → find_place",
      '│ ⋯ toolu_2 {"tried":3}',
      '│ ✗ find_place No place called "Atlantis".   8 ms',
      '│ ← find_place {"name":"Oslo","latitude":59.91,"longitude":10.75}   12 ms',
      "└ 412 in · 63 out · $0.0004",
    ]);
  });

  test("a subagent says whom it works for", () => {
    expect(
      printStep([
        {
          type: "session.start",
          agent: "researcher",
          tools: [],
          fingerprint: "f",
          parent: { session: "s_0", toolUseId: "toolu_1" },
        },
        { type: "run.start", model: "claude-haiku-5-5", limits: {}, startedAt: 0 },
      ]),
    ).toEqual(["● researcher · claude-haiku-5-5 · s_1 · for s_0"]);
  });
});

describe("colour", () => {
  test.each<[string, boolean, Record<string, string>, boolean]>([
    ["a terminal gets it", true, {}, true],
    ["a file does not", false, {}, false],
    ["NO_COLOR turns it off", true, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR does not", true, { NO_COLOR: "" }, true],
    ["a dumb terminal does not get it", true, { TERM: "dumb" }, false],
    ["FORCE_COLOR gives it to a file", false, { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR counts more than NO_COLOR", false, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    ["FORCE_COLOR=0 turns it off", true, { FORCE_COLOR: "0" }, false],
    ["FORCE_COLOR=false turns it off", true, { FORCE_COLOR: "false" }, false],
  ])("%s", (_what, isTerminal, variables, wanted) => {
    expect(wantsColour(isTerminal, variables)).toBe(wanted);
  });

  test("is asked of the stream that is written to", () => {
    const withTerminal = (isTTY: boolean) => {
      const written: string[] = [];
      const stream = { isTTY, write: (text: string) => written.push(text) };
      vi.stubEnv("NO_COLOR", undefined);
      vi.stubEnv("FORCE_COLOR", undefined);
      vi.stubEnv("TERM", "xterm");
      const sink = consoleSink({ stream });
      vi.unstubAllEnvs();
      for (const event of weatherRun("s_1")) sink(event);
      return written.join("").includes(esc);
    };
    expect([withTerminal(true), withTerminal(false)]).toEqual([true, false]);
  });
});
