import { type Agent, BrokenStreamError, run } from "@lockstitch/core";
import { replaySession, type ScriptedReply, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./recording-helpers.js";
import { logOf, wordsOf } from "./replay-session-helpers.js";

const model = "claude-haiku-4-5";
const thinking = (budget_tokens: number) => ({ thinking: { type: "enabled", budget_tokens } as const });
const look = handTool("look", () => "0123456789");
const twice = [[toolUse("look", {}, "toolu_1")], "Seen."];

async function logged(agent: Agent, replies: readonly ScriptedReply[] = twice) {
  return logOf(replies, (options) => run(agent, "Look.", options));
}

describe("the other fields of a request", () => {
  const agent: Agent = { model, tools: [look], request: thinking(2_000) };

  it("depart where the log has their fingerprint", async () => {
    const events = await logged(agent);
    expect(await replaySession(agent, events)).toMatchObject({ departures: [] });
    const changed = await replaySession({ ...agent, request: thinking(3_000) }, events);
    expect(wordsOf(changed)).toEqual([
      expect.stringMatching(/^run 1: run\.start, settings: expected ".+", got ".+"$/),
    ]);
    expect(changed.steps).toBe(2);
    const without = await replaySession({ model, tools: [look] }, events);
    expect(wordsOf(without)).toEqual([
      expect.stringMatching(/^run 1: run\.start, settings: expected ".+", got nothing$/),
    ]);
  });

  it("depart where the log's run was resumed with others", async () => {
    const events = await logged(agent);
    const begun = events.slice(
      0,
      events.findIndex(({ type }) => type === "step.end"),
    );
    const resumed = { type: "run.resume", owner: "o", startedAt: 0, settings: "old" } as const;
    const log = [...begun, { ...resumed, session: "s", seq: begun.length + 1, at: 0 }];
    expect(wordsOf(await replaySession(agent, log))).toEqual([
      expect.stringMatching(/run\.resume, settings: expected "old", got ".+"$/),
    ]);
  });

  it("are not compared where the log is older and knows nothing of them", async () => {
    const events = (await logged(agent)).map((event) => {
      const { settings: _, ...rest } = event as typeof event & { settings?: string };
      return rest as typeof event;
    });
    expect(await replaySession(agent, events)).toMatchObject({ departures: [] });
  });
});

describe("how often a call was tried", () => {
  const agent: Agent = { model, tools: [look] };
  const fails = () => new BrokenStreamError("cut");

  it("is as often as its log says, and not as often as it would be now", async () => {
    const often = await logOf([...Array.from({ length: 9 }, fails), "There."], (options) =>
      run(agent, "Look.", { ...options, retry: { attempts: 10 } }),
    );
    expect(often.filter(({ type }) => type === "model.start")).toHaveLength(10);
    expect(await replaySession(agent, often)).toMatchObject({ departures: [], steps: 1 });
    const once = await logOf([fails()], (options) =>
      run(agent, "Look.", { ...options, retry: { attempts: 1 } }).catch(() => {}),
    );
    expect(once.at(-1)).toMatchObject({ type: "run.end", reason: "error" });
    expect(await replaySession(agent, once)).toMatchObject({ departures: [], steps: 1 });
  });
});

describe("max_tokens", () => {
  const limited: Agent = { model, tools: [look], limits: { maxTotalTokens: 8_000 } };

  it("depart where the log tells what they were lowered to", async () => {
    const events = await logged(limited);
    const lowered = events.flatMap((event) => (event.type === "model.start" ? [event.maxTokens] : []));
    expect(lowered).toEqual([expect.any(Number), expect.any(Number)]);
    expect(await replaySession(limited, events)).toMatchObject({ departures: [] });
    expect(wordsOf(await replaySession({ ...limited, maxTokens: 1_234 }, events))).toEqual([
      `run 1, step 1: max_tokens: expected ${lowered[0]}, got 1234`,
    ]);
    expect(wordsOf(await replaySession({ ...limited, limits: {} }, events))).toEqual([
      `run 1, step 1: max_tokens: expected ${lowered[0]}, got 16000`,
    ]);
    expect(wordsOf(await replaySession({ ...limited, limits: { maxTotalTokens: 7_999 } }, events))).toEqual([
      `run 1, step 1: max_tokens: expected ${lowered[0]}, got ${Number(lowered[0]) - 1}`,
    ]);
  });

  it("depart where a limit lowers them now, and none had", async () => {
    const free: Agent = { model, tools: [look] };
    const wide: Agent = { ...limited, limits: { maxTotalTokens: 800_000 } };
    for (const before of [free, wide]) {
      const events = await logged(before);
      expect(await replaySession(before, events)).toMatchObject({ departures: [] });
      expect(wordsOf(await replaySession(limited, events))).toEqual([
        expect.stringMatching(/^run 1, step 1: max_tokens: expected 16000, got \d{4}$/),
      ]);
    }
  });

  it("are not compared where the log is older and doesn't tell whether a limit had lowered them", async () => {
    const events = (await logged(limited)).map((event) => {
      const {
        reserved: _r,
        maxTokens: _m,
        ...rest
      } = event as typeof event & {
        reserved?: object;
        maxTokens?: number;
      };
      return rest as typeof event;
    });
    expect(await replaySession(limited, events)).toMatchObject({ departures: [] });
  });

  it("are not compared where the same limits lower them: that tells of the prompt's size, which is compared", async () => {
    const events = await logged(limited);
    expect(wordsOf(await replaySession({ ...limited, system: "Be brief." }, events))).toEqual([
      'run 1, step 1: system: expected nothing, got [{"type":"text","text":"Be brief."}]',
    ]);
  });
});

describe("what a session spent", () => {
  it("comes with its log: of a call that broke more was charged than can be told again", async () => {
    const broken: ScriptedReply = (_request, { emit }) => {
      const usage = { input_tokens: 3_000, output_tokens: 1 };
      emit({ type: "message_start", message: { model, usage } } as Parameters<typeof emit>[0]);
      return new BrokenStreamError("cut");
    };
    const agent: Agent = { model, tools: [look], maxTokens: 2_000, limits: { maxTotalTokens: 6_000 } };
    const events = await logged(agent, [broken]);
    expect(events.find(({ type }) => type === "model.end")).toMatchObject({ charged: { tokens: 5_000 } });
    expect(events.at(-1)).toMatchObject({ type: "run.end", limit: "maxTotalTokens" });
    expect(await replaySession(agent, events)).toMatchObject({ departures: [], steps: 1 });
  });
});

describe("results that the agent's own limit would cut elsewhere", () => {
  const cutting = (maxResultLength?: number): Agent => ({
    model,
    tools: [look],
    limits: maxResultLength === undefined ? {} : { maxResultLength },
  });
  const resultAt = (length: number) => `${"0123456789".slice(0, length)}\\n[cut: the first ${length} of 10`;

  it("depart where they would be shorter", async () => {
    for (const before of [cutting(), cutting(10), cutting(5)]) {
      const events = await logged(before);
      expect(await replaySession(before, events)).toMatchObject({ departures: [] });
      const words = wordsOf(await replaySession(cutting(3), events));
      expect(words[0]).toContain("run 1, step 1: tool.end of look (toolu_1), content.0.text: expected ");
      expect(words[0]).toContain(resultAt(3).slice(0, 20));
      expect(words[1]).toContain("run 1, step 2: messages.2, block 0 (tool_result of look): expected ");
    }
  });

  it("depart where they would be longer, and only where one was cut", async () => {
    const events = await logged(cutting(5));
    const words = "run 1, step 1: tool.end of look (toolu_1) was cut at 5 characters, and would be at";
    expect(wordsOf(await replaySession(cutting(8), events))).toEqual([`${words} 8`]);
    expect(wordsOf(await replaySession(cutting(), events))).toEqual([`${words} 100000`]);
    expect(await replaySession(cutting(12), await logged(cutting(10)))).toMatchObject({ departures: [] });
  });

  it("are cut by default where the runs of such an agent say", async () => {
    const start = (await logged(cutting())).find(({ type }) => type === "run.start");
    expect(start).toMatchObject({ limits: { maxResultLength: 100_000 } });
  });
});
