import type { Run } from "@lockstitch/core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { turns } from "./nth-fault/clock.js";
import { oddErrors, oddValues } from "./nth-fault/oddities.js";
import { type Played, play } from "./nth-fault/stage.js";
import { type Behaviour, type ToolPlan, works } from "./nth-fault/tools.js";

// Thousands of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let healthy: Played;
beforeAll(async () => {
  healthy = await play({});
});

const calls = [1, 2, 3];

type Ending = () => unknown;

/** The nth call does this, all others work. */
function onlyNth(nth: number, odd: Behaviour): Behaviour {
  return (index, call) => (index === nth ? odd(index, call) : works(index, call));
}

/** Plays the plan for each call in turn; gives what is wrong, by its number. */
async function playEach(plan: (nth: number) => ToolPlan): Promise<string[]> {
  const findings: string[] = [];
  for (const nth of calls) {
    const played = await play({ tools: plan(nth) });
    findings.push(
      ...[...played.problems, ...differences(played, nth)].map((problem) => `call ${nth}: ${problem}`),
    );
  }
  return findings;
}

function differences(played: Played, nth: number): string[] {
  const { result } = played;
  if (result?.status !== "ended") return [`it failed with ${String(played.error)}`];
  const problems: string[] = [];
  if (result.reason !== "end_turn" || result.steps !== 3) problems.push(`it ended with ${result.reason}`);
  const results = resultsOf(played);
  const expected = resultsOf(healthy);
  for (const index of calls)
    if (index !== nth && results[index - 1] !== expected[index - 1])
      problems.push(`call ${index} gave ${results[index - 1]}`);
  return problems;
}

function resultsOf({ result }: Played): string[] {
  return (result?.messages ?? []).flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_result" ? [JSON.stringify(block)] : [])),
  );
}

describe("the nth tool call", () => {
  it.each([...oddValues()])("may return %s", async (_name, value) => {
    const plans: Behaviour[] = [() => value, async () => value];
    for (const odd of plans) expect(await playEach((nth) => ({ run: onlyNth(nth, odd) }))).toEqual([]);
  });

  it.each([...oddErrors()])("may throw %s", async (_name, value) => {
    const plans: Behaviour[] = [
      () => {
        throw value;
      },
      () => Promise.reject(value),
      async () => {
        await turns(2);
        throw value;
      },
    ];
    for (const odd of plans) expect(await playEach((nth) => ({ run: onlyNth(nth, odd) }))).toEqual([]);
  });

  it.each([...oddErrors()])("may have an input that is refused with %s", async (_name, value) => {
    const plans: ((input: unknown) => unknown)[] = [
      () => {
        throw value;
      },
      () => Promise.reject(value),
    ];
    for (const odd of plans)
      expect(
        await playEach((nth) => ({ parse: (index, input) => (index === nth ? odd(input) : input) })),
      ).toEqual([]);
  });

  it("may never end: its time limit ends it, even if it doesn't listen, and what it does later is not heard", async () => {
    for (const nth of calls) {
      const late: (() => void)[] = [];
      const forever: Behaviour = (_nth, call) =>
        new Promise((_, reject) => {
          late.push(() => {
            call.progress("still there");
            reject(new Error("too late"));
          });
        });
      const played = await play({
        tools: { run: onlyNth(nth, forever), more: { timeoutMs: 5_000 } },
        settled: () => {
          for (const end of late) end();
        },
      });
      expect([...played.problems, ...differences(played, nth)]).toEqual([]);
      expect(late).toHaveLength(1);
      expect(resultsOf(played)[nth - 1]).toContain("did not finish within 5000 ms");
      expect(resultsOf(played)[nth - 1]?.includes("its outcome is unknown")).toBe(nth === 3);
    }
  });

  it.each<[string, Ending]>([
    ["returns", () => "well"],
    [
      "throws",
      () => {
        throw new Error("on purpose");
      },
    ],
    ["fails later", () => Promise.reject(new Error("on purpose"))],
    ["never ends", () => new Promise(() => {})],
  ])(
    "may stop its own run in the middle of its work, or of its check, whether it then %s",
    async (_name, end) => {
      for (const nth of calls) {
        for (const later of [0, 2]) {
          let running: Run | undefined;
          const stop = (): unknown => {
            running?.abort();
            return end();
          };
          const stopLater = (): unknown => (later === 0 ? stop() : turns(later).then(stop));
          const plans: ToolPlan[] = [
            { run: onlyNth(nth, stopLater) },
            { parse: (index, input) => (index === nth ? stopLater() : input) },
          ];
          for (const tools of plans) {
            const played = await play({
              tools,
              started: (stage) => {
                running = stage.running;
              },
            });
            expect(played.problems).toEqual([]);
            expect(played.result).toMatchObject({ reason: "aborted" });
          }
        }
      }
    },
  );

  it("may say something to its own run, which is heard at the next step", async () => {
    for (const nth of calls) {
      let running: Run | undefined;
      const steer: Behaviour = async () => {
        await running?.steer("Hurry!");
        return "said";
      };
      const played = await play({
        tools: { run: onlyNth(nth, steer) },
        started: (stage) => {
          running = stage.running;
        },
      });
      expect(played.problems).toEqual([]);
      expect(played.result).toMatchObject({ reason: "end_turn", steps: 3 });
    }
  });

  it.each([...oddValues()])("may show %s as its progress", async (_name, value) => {
    const odd: Behaviour = (_nth, call) => {
      call.progress(value);
      return "shown";
    };
    expect(await playEach((nth) => ({ run: onlyNth(nth, odd) }))).toEqual([]);
  });

  it("may have its input changed by whoever parses or runs it: the history keeps what the model said", async () => {
    const eat = (input: unknown): unknown => {
      for (const key of Object.keys(input as object)) delete (input as Record<string, unknown>)[key];
      return input;
    };
    expect(
      await playEach((nth) => ({ parse: (index, input) => (index === nth ? eat(input) : input) })),
    ).toEqual([]);
  });
});
