import { getEventListeners } from "node:events";
import { type Claude, type EventBody, type Log, run } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { retryBudgetOf } from "../src/claude/retry-budget.js";
import { onAbort } from "../src/on-abort.js";
import type { LiveRun } from "../src/step/live-run.js";
import { raceAbort } from "../src/step/race-abort.js";
import { isTimeUp, withinTime } from "../src/step/within-time.js";
import { createStopping, stopFromOutside } from "../src/stopping.js";
import { apiError, virtualTime } from "./helpers.js";

const turns = () => new Promise((resolve) => setImmediate(resolve));
const listenersOn = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

describe("a signal that many wait on", () => {
  it("holds one listener, and none once all have let go or it has aborted", () => {
    const { signal } = new AbortController();
    const letGo = [1, 2, 3].map(() => onAbort(signal, () => {}));
    expect(listenersOn(signal)).toBe(1);
    for (const release of letGo) release();
    expect(listenersOn(signal)).toBe(0);

    const controller = new AbortController();
    let calls = 0;
    onAbort(controller.signal, () => calls++);
    onAbort(controller.signal, () => calls++);
    controller.abort();
    expect(calls).toBe(2);
    expect(listenersOn(controller.signal)).toBe(0);
  });

  it("is left without a listener by a race, however it ends", async () => {
    const { signal } = new AbortController();
    await raceAbort(signal, () => "done");
    await raceAbort(signal, () => Promise.reject(new Error("no"))).catch(() => {});
    expect(listenersOn(signal)).toBe(0);
  });
});

describe("work with a time limit", () => {
  const liveAt = (environment: ReturnType<typeof virtualTime>) => ({ environment }) as unknown as LiveRun;

  it.each([undefined, Number.POSITIVE_INFINITY])("that is %s sets no timer", async (milliseconds) => {
    const environment = virtualTime();
    const { signal } = new AbortController();
    expect(await withinTime(liveAt(environment), milliseconds, signal, () => "done")).toBe("done");
    expect(environment.slept).toEqual([]);
  });

  it("is given up when its time is up, and its signal says why", async () => {
    let given: AbortSignal | undefined;
    const { signal } = new AbortController();
    const error = await withinTime(liveAt(virtualTime()), 50, signal, (limited) => {
      given = limited;
      return new Promise(() => {});
    }).catch((thrown: unknown) => thrown);
    expect(isTimeUp(error)).toBe(true);
    expect(given?.reason).toBe(error);
    expect(listenersOn(signal)).toBe(0);
  });

  it("is not taken to be out of time by whatever else is thrown", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const thrown of [new Error("x"), undefined, proxy]) expect(isTimeUp(thrown)).toBe(false);
  });
});

describe("a run's way of being stopped", () => {
  /** What `stopFromOutside` looks at, with posts and the lease in the test's hands. */
  function watched(limits: object = {}) {
    const stopping = createStopping();
    const lost = new AbortController();
    const waiting: { resolve(): void; reject(error: unknown): void }[] = [];
    const commits: (readonly EventBody[])[] = [];
    const sleeps: { milliseconds: number; resolve(): void }[] = [];
    const state: { run?: { abortedBy?: string } } = {};
    const log = {
      lost: lost.signal,
      posted: () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject })),
    } as unknown as Log;
    const sleep = (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        sleeps.push({ milliseconds, resolve });
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const live = {
      agent: { limits },
      environment: { sleep },
      state,
      commit: async (bodies: readonly EventBody[]) => void commits.push(bodies),
    } as unknown as LiveRun;
    const letGo = stopFromOutside(stopping, live, log);
    return { stopping, lost, waiting, commits, sleeps, state, letGo };
  }

  it("keeps who said so first, and what failed first", () => {
    const stopping = createStopping();
    expect([stopping.by, stopping.failure, stopping.signal.aborted]).toEqual([undefined, undefined, false]);
    const first = new Error("first");
    stopping.fail(first);
    stopping.fail(new Error("second"));
    stopping.stop("caller");
    expect(stopping.failure).toEqual({ error: first });
    expect(stopping.by).toBe("error");
    expect(stopping.signal.aborted).toBe(true);
  });

  it("is the loss of its lease, until it lets go", () => {
    const { stopping, lost, letGo } = watched();
    expect(listenersOn(lost.signal)).toBe(1);
    lost.abort();
    expect(stopping.by).toBe("lease");
    const other = watched();
    other.letGo();
    other.lost.abort();
    letGo();
    expect(other.stopping.by).toBeUndefined();
  });

  it("is the end of its time, and no timer where there is no limit", async () => {
    const limited = watched({ maxDurationMs: 70 });
    expect(limited.sleeps).toMatchObject([{ milliseconds: 70 }]);
    limited.sleeps[0]?.resolve();
    await turns();
    expect(limited.stopping.by).toBe("maxDurationMs");

    const over = watched({ maxDurationMs: 70 });
    over.letGo();
    await turns();
    expect(over.stopping.by).toBeUndefined();

    for (const maxDurationMs of [undefined, Number.POSITIVE_INFINITY])
      expect(watched({ maxDurationMs }).sleeps).toEqual([]);
  });

  it("is an abort that somebody posts, found by folding in what is new and committing nothing", async () => {
    const { stopping, waiting, commits, state } = watched();
    waiting[0]?.resolve();
    await turns();
    expect(stopping.by).toBeUndefined();
    state.run = {};
    waiting[1]?.resolve();
    await turns();
    expect(stopping.by).toBeUndefined();
    state.run.abortedBy = "outside";
    waiting[2]?.resolve();
    await turns();
    expect(stopping.by).toBe("outside");
    expect(commits).toEqual([[], [], []]);
  });

  it("is a store that fails while it is waited on, unless the run is over", async () => {
    const { stopping, waiting } = watched();
    waiting[0]?.reject(new Error("disk"));
    await turns();
    expect(stopping.by).toBe("error");
    expect(stopping.failure).toMatchObject({ error: { reason: "store" } });

    const over = watched();
    over.letGo();
    over.waiting[0]?.reject(new Error("disk"));
    await turns();
    expect(over.stopping.failure).toBeUndefined();

    const ended = watched();
    ended.letGo();
    ended.waiting[0]?.resolve();
    await turns();
    expect(ended.commits).toEqual([]);
  });
});

describe("retries", () => {
  const failing: () => Claude = () => async () => {
    throw apiError(529, "overloaded_error");
  };

  it("wait for the shared budget as long as for a retry-after, and no longer", async () => {
    const claude = failing();
    const environment = virtualTime();
    while (retryBudgetOf(claude).take(environment.now()));
    const failed = run({}, "Go.", { claude, environment, retry: { attempts: 2, maxRetryAfterMs: 3_000 } });
    await expect(failed).rejects.toMatchObject({ status: 529, attempts: 1 });
    expect(environment.slept).toEqual([1_000, 1_000, 1_000]);
  });

  it("tell of a wait only where the server asked for one that is too long", async () => {
    const error: unknown = await run({}, "Go.", { claude: failing(), environment: virtualTime() }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ status: 529, attempts: 5 });
    expect(error).not.toHaveProperty("retryAfterMs");
    expect(await run({}, "Go.", { claude: scripted(["Hi."]) })).toMatchObject({ text: "Hi." });
  });
});
