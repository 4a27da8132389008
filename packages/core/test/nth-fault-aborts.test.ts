import type { Claude } from "@lockstitch/core";
import { describe, expect, it, vi } from "vitest";
import { apiError } from "./helpers.js";
import { callers, settlesWithin } from "./nth-fault/aborts.js";
import { turns } from "./nth-fault/clock.js";
import { healthyClaude, replies } from "./nth-fault/conversation.js";
import { type Plan, play, type Stage } from "./nth-fault/stage.js";

// Thousands of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** What goes on while somebody says so. */
const scenes: Readonly<Record<string, () => Plan>> = {
  "a healthy run": () => ({}),
  "a healthy run that is resumed": () => ({ goesOn: "resume" }),
  "tools that never end and don't listen": () => ({ tools: { run: () => new Promise(() => {}) } }),
  "tools that never end and have a time limit": () => ({
    tools: { run: () => new Promise(() => {}), more: { timeoutMs: 5_000 } },
  }),
  "tools that throw as soon as they are told to stop": () => ({
    tools: {
      run: (_nth, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
        }),
    },
  }),
  "tools whose input is never parsed": () => ({ tools: { parse: () => new Promise(() => {}) } }),
  "a model that is overloaded twice before each reply": () => {
    let calls = 0;
    const overloaded: Claude = async (request, call) => {
      await turns(1);
      calls += 1;
      if (calls % 3 !== 0) throw apiError(529, "overloaded_error");
      return healthyClaude(request, call);
    };
    return { claude: overloaded };
  },
  "a model that goes on and on, and doesn't listen": () => ({ claude: endless }),
  "commits that take their time": () => ({ commits: { slow: 3 } }),
};

const endless: Claude = async (request, call) => {
  await healthyClaude(request, { ...call, signal: new AbortController().signal });
  while (!call.signal.aborted) {
    await turns(1);
    call.emit({ type: "ping" });
  }
  return new Promise(() => {});
};

type Wait = () => Promise<unknown> | undefined;

/** How long after the event. */
const moments: readonly Wait[] = [() => undefined, () => turns(1)];

function awaits(count: number): Wait {
  return async () => {
    for (let left = count; left > 0; left--) await undefined;
  };
}

/** Plays the scene, and aborts it at its nth event; false where the run had ended by itself before. */
async function abortAt(
  nth: number,
  scene: Plan,
  abort: (stage: Stage) => void,
  later: Wait,
): Promise<boolean> {
  let inTime = false;
  let isOver = false;
  let isAtOnce = false;
  const stop = async (stage: Stage): Promise<void> => {
    const waited = later();
    if (waited !== undefined) await waited;
    if (stage.gaveUp() || typesOf(stage).includes("run.end")) return;
    inTime = true;
    isOver =
      waited !== undefined && typesOf(stage).filter((type) => type === "step.end").length === replies.length;
    // At most seven commits follow: a step and an attempt about to begin, the ends of both, the abort, the end of the run.
    const most = 5 + 7 * (scene.commits?.slow ?? 0);
    isAtOnce = await settlesWithin(most, stage, abort);
  };
  const played = await play({
    ...scene,
    onEvent: (index, _event, stage) => {
      if (index === nth) void stop(stage);
    },
  });
  if (!inTime) return false;

  const where = `at event ${nth}, ${typesOf(played)[nth - 1]}`;
  expect([where, ...played.problems]).toEqual([where]);
  expect(isAtOnce, `${where}: it took too many turns of the event loop`).toBe(true);
  // Whoever says so while the run's end is being committed comes too late.
  const ends = isOver ? ["aborted", "end_turn"] : ["aborted"];
  expect(ends).toContain(played.result?.status === "ended" ? played.result.reason : played.error);
  return true;
}

function typesOf({ shown }: Stage): string[] {
  return shown.map(({ type }) => type);
}

/** Aborts at the first event, the second, …, the last; gives how many there are. */
async function abortEverywhere(
  scene: () => Plan,
  abort: (stage: Stage) => void,
  later: Wait,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    if (!(await abortAt(nth, scene(), abort, later))) return nth - 1;
  }
}

describe("an abort at the nth event", () => {
  for (const [scene, plan] of Object.entries(scenes)) {
    it.each(Object.entries(callers))(`of ${scene}, by %s, settles the run at once`, async (_name, abort) => {
      for (const later of moments) {
        expect(await abortEverywhere(plan, abort, later)).toBeGreaterThan(10);
      }
    });
  }

  it("of a healthy run, any number of awaits after it, settles the run at once", async () => {
    for (let count = 1; count <= 12; count++) {
      expect(
        await abortEverywhere(
          () => ({}),
          ({ running }) => running.abort(),
          awaits(count),
        ),
      ).toBeGreaterThan(30);
    }
  });
});

describe("an abort before the first event", () => {
  it.each(["run.abort()", "the caller's signal"])("by %s sends nothing, and ends the run", async (caller) => {
    let calls = 0;
    const played = await play({
      claude: (request, call) => {
        calls += 1;
        return healthyClaude(request, call);
      },
      started: (stage) => callers[caller]?.(stage),
    });
    expect(played.problems).toEqual([]);
    expect(played.result).toMatchObject({ reason: "aborted", steps: 0 });
    expect(calls).toBe(0);
  });
});
