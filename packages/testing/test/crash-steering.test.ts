import type Anthropic from "@anthropic-ai/sdk";
import type { AgentEvent, Result } from "@lockstitch/core";
import { type CrashReport, crashTest } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { createRandom } from "../src/chaos/random.js";
import { unheard, withoutWords } from "../src/crash/heard.js";
import { drawSteers, parsePoints, textOfSteer } from "../src/crash/steering.js";

type Message = Anthropic.MessageParam;

const agent = new URL("../../../scripts/crash-agent.mjs", import.meta.url);
const broken = (name: string) => new URL(`./crash/${name}.mjs`, import.meta.url);
const problems = ({ findings }: CrashReport) =>
  findings.map(({ kind, problem }) => `${kind}: ${problem}`).join("\n");

describe("an agent that is spoken to while its processes are killed", () => {
  it.each([
    ["before its end", ["steer at end 1"]],
    ["before its end, again and again", ["steer at end 1", "steer at end 2", "steer at end 2"]],
    ["before a commit, and is killed while it takes that in", ["steer before commit 9", "before write 9"]],
    ["at any time, and before its end", ["steer at ms 20", "steer at end 1", "after commit 7", "at end 2"]],
  ])(
    "hears what is said %s",
    async (_when, at) => {
      const { findings } = await crashTest({ module: agent, seed: 2, at });
      expect(findings).toEqual([]);
    },
    300_000,
  );
});

describe("crashTest() finds", () => {
  it("a store that ends a run although somebody has spoken, and says when that was", async () => {
    const { findings } = await crashTest({ module: broken("ends-unheard"), at: ["steer at end 1"] });
    expect(findings).toMatchObject([
      {
        kind: "lost",
        at: ["steer at end 1"],
        problem: '"By the way, 1." was acknowledged, and nobody answered it',
      },
      { kind: "invalid_history", at: ["steer at end 1"] },
    ]);
  }, 300_000);

  it("the same by itself, within a few kills", async () => {
    const report = await crashTest({ module: broken("ends-unheard"), seed: 5, kills: 12 });
    expect(problems(report)).toMatch(/lost: "By the way, \d\." was acknowledged, and nobody answered it/);
  }, 300_000);

  it.each([
    [
      "forgets what is said",
      "hears-nothing",
      /lost: "By the way, 1\." was acknowledged, and is not in the log/,
    ],
    [
      "takes it twice",
      "hears-twice",
      /lost: "By the way, 1\." was acknowledged, and is in the log more than once/,
    ],
    ["can't take it", "hears-with-an-error", /not_recovered: a person could not speak: the line is dead/],
  ])(
    "a store that %s",
    async (_what, name, words) => {
      const report = await crashTest({ module: broken(name), at: ["steer before commit 9"] });
      expect(problems(report)).toMatch(words);
    },
    300_000,
  );
});

const user = (...texts: string[]): Message => ({
  role: "user",
  content: texts.map((text) => ({ type: "text", text })),
});
const assistant = (content: string): Message => ({ role: "assistant", content });

describe("what was acknowledged is said to be lost", () => {
  const posted = { type: "input", messages: [{ role: "user", content: "Oh." }] };
  const end = { type: "run.end", reason: "end_turn" };
  const said = (log: readonly object[], ...messages: Message[]) => ({
    log: log.map((event, index) => ({ ...event, seq: index + 1 })) as AgentEvent[],
    result: { messages } as unknown as Result,
  });
  const lost = (problem: string) => [{ kind: "lost", problem: `"Oh." was acknowledged, and ${problem}` }];

  it.each([
    ["unless it was answered", said([posted, end], user("Go.", "Oh."), assistant("Yes.")), []],
    ["unless it came after the end", said([end, posted], user("Go."), assistant("Yes.")), []],
    ["where the log lacks it", said([end], user("Oh."), assistant("Yes.")), lost("is not in the log")],
    ["where it was posted twice", said([posted, posted, end]), lost("is in the log more than once")],
    ["where the run ended before", said([posted, end]), lost("the run ended without having heard it")],
    [
      "where it came up twice",
      said([posted, end], user("Oh."), assistant("Yes."), user("Oh."), assistant("Yes.")),
      lost("is in the history more than once"),
    ],
    [
      "where it was put into the assistant's mouth",
      said([posted, end], user("Go."), assistant("Oh.")),
      lost("is in the history as if the assistant had said it"),
    ],
    [
      "where it was the last word",
      said([posted, end], assistant("Yes."), user("Oh.")),
      lost("nobody answered it"),
    ],
  ])("%s", (_where, outcome, expected) => {
    expect(unheard(outcome, ["Oh."])).toEqual(expected);
  });
});

describe("a history without what was said on the way", () => {
  const results: Message = {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "toolu_1", content: "done" },
      { type: "text", text: "Oh." },
    ],
  };

  it("has the replies that would have been made anyway, and no others", () => {
    const steered = [
      user("Go.", "Ah."),
      assistant("1"),
      results,
      assistant("2"),
      user("Oh."),
      assistant("3"),
    ];
    expect(withoutWords(steered, ["Ah.", "Oh."])).toEqual([
      user("Go."),
      { role: "assistant", content: [{ type: "text", text: "1" }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "done" }] },
      { role: "assistant", content: [{ type: "text", text: "2" }] },
    ]);
  });

  it("keeps what the assistant says, even if it is the same", () => {
    expect(withoutWords([user("Go."), assistant("Oh.")], ["Oh."])).toHaveLength(2);
  });
});

describe("the moments at which somebody speaks", () => {
  const visits = { "before commit": 9, "at end": 1, "at ms": 50, "at event": 70 };

  it("are drawn by the seed, for about half of the games", () => {
    const games = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 200 }, () => drawSteers(visits, random));
    };
    expect(games(1)).toEqual(games(1));
    expect(games(1)).not.toEqual(games(2));
    const spoken = games(1).filter(({ length }) => length > 0);
    expect(Math.abs(spoken.length - 100)).toBeLessThan(30);
    expect(new Set(spoken.flat().map(({ place }) => place))).toEqual(
      new Set(["before commit", "at end", "at ms"]),
    );
    for (const { place, count } of spoken.flat()) {
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(visits[place as keyof typeof visits]);
    }
  });

  it("can be written down among kill points", () => {
    const { steers, points } = parsePoints(["steer at end 1", "after sync 2", "steer before commit 3"]);
    expect(steers.map(textOfSteer)).toEqual(["steer at end 1", "steer before commit 3"]);
    expect(points).toEqual([{ place: "after sync", count: 2 }]);
  });

  it.each([
    ["steer at lunch 1", /"at lunch 1" is no kill point/],
    ["steer after sync 1", /Nobody can be heard at "after sync 1"/],
  ])("are none of the kind of %s", async (at, words) => {
    await expect(crashTest({ module: agent, at: [at] })).rejects.toThrow(words);
  });
});
