import type { AgentEvent, Delta } from "@lockstitch/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createTracer } from "../src/index.js";
import { script, weatherRun } from "./session-script.js";

const { event, delta } = script("s_1");
const stepStart = event(0, { type: "step.start", step: 1 });
const stepEnd = event(1, { type: "run.resume", owner: "worker-1", startedAt: 0 });
const progress = delta({ type: "tool.delta", toolUseId: "toolu_1", value: 1 });
const wait = delta({ type: "wait", reason: "retry", ms: 10 });

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

afterEach(() => {
  vi.restoreAllMocks();
});

describe("names", () => {
  test("a listener gets the events of its name and no others", () => {
    const tracer = createTracer();
    const heard: unknown[] = [];
    tracer.on("step.start", (started) => heard.push(started.step));
    tracer.on("tool.delta", (shown) => heard.push(shown.value));
    for (const each of [stepStart, stepEnd, progress, wait]) tracer.onEvent(each);
    expect(heard).toEqual([1, 1]);
  });

  test('"event" gets everything that was committed, "delta" everything that was live', () => {
    const tracer = createTracer();
    const committed: AgentEvent[] = [];
    const live: Delta[] = [];
    tracer.on("event", (each) => committed.push(each));
    tracer.on("delta", (each) => live.push(each));
    for (const each of [stepStart, progress, stepEnd, wait]) tracer.onEvent(each);
    expect(committed).toEqual([stepStart, stepEnd]);
    expect(live).toEqual([progress, wait]);
  });

  test("a sink gets events and deltas in the order they came", () => {
    const early: unknown[] = [];
    const late: unknown[] = [];
    const tracer = createTracer({ sinks: [(each) => early.push(each)] });
    tracer.onEvent(stepStart);
    const leave = tracer.add((each) => late.push(each));
    tracer.onEvent(progress);
    leave();
    tracer.onEvent(stepEnd);
    expect(early).toEqual([stepStart, progress, stepEnd]);
    expect(late).toEqual([progress]);
  });

  test("one tracer hears many sessions at once and each event says whose it is", () => {
    const tracer = createTracer();
    const steps = new Map<string, number[]>();
    tracer.on("step.end", ({ session, step }) => steps.set(session, [...(steps.get(session) ?? []), step]));
    const one = weatherRun("one");
    const two = weatherRun("two");
    for (const [index, each] of one.entries()) {
      tracer.onEvent(each);
      tracer.onEvent(two[index]!);
    }
    expect(steps).toEqual(
      new Map([
        ["one", [1, 2]],
        ["two", [1, 2]],
      ]),
    );
  });

  test("onEvent works without its tracer", () => {
    const heard = vi.fn();
    const { on, onEvent } = createTracer();
    on("step.start", heard);
    onEvent(stepStart);
    expect(heard).toHaveBeenCalledExactlyOnceWith(stepStart);
  });
});

describe("coming and going", () => {
  test("the function that on returns ends that subscription alone", () => {
    const tracer = createTracer();
    const twice = vi.fn();
    const leave = tracer.on("event", twice);
    tracer.on("event", twice);
    tracer.onEvent(stepStart);
    leave();
    leave();
    tracer.onEvent(stepStart);
    expect(twice).toHaveBeenCalledTimes(3);
  });

  test("off ends every subscription of a listener to that name and leaves its other names", () => {
    const tracer = createTracer();
    const listener = vi.fn();
    tracer.on("event", listener);
    tracer.once("event", listener);
    tracer.on("step.start", listener);
    tracer.off("event", listener);
    tracer.onEvent(stepStart);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("once hears one event, even when that event brings another before it is done", () => {
    const tracer = createTracer();
    const heard = vi.fn();
    let deep = 0;
    tracer.on("event", () => {
      if (deep++ === 0) tracer.onEvent(stepEnd);
    });
    tracer.once("event", heard);
    tracer.onEvent(stepStart);
    expect(heard).toHaveBeenCalledExactlyOnceWith(stepEnd);
  });

  test("a once listener that is taken back hears nothing", () => {
    const tracer = createTracer();
    const heard = vi.fn();
    tracer.once("event", heard)();
    tracer.onEvent(stepStart);
    expect(heard).not.toHaveBeenCalled();
  });

  test("a listener removed during an event is not called by it any more, and the others all are", () => {
    const tracer = createTracer();
    const removed = vi.fn();
    const last = vi.fn();
    tracer.on("event", () => leave());
    const leave = tracer.on("event", removed);
    tracer.on("event", last);
    tracer.onEvent(stepStart);
    expect(removed).not.toHaveBeenCalled();
    expect(last).toHaveBeenCalledTimes(1);
  });

  test("a listener added during an event hears from the next one on", () => {
    const tracer = createTracer();
    const added = vi.fn();
    tracer.once("event", () => tracer.on("event", added));
    tracer.on("event", () => {});
    tracer.onEvent(stepStart);
    expect(added).not.toHaveBeenCalled();
    tracer.onEvent(stepEnd);
    expect(added).toHaveBeenCalledExactlyOnceWith(stepEnd);
  });
});

describe("failing listeners", () => {
  const failures: [string, () => unknown][] = [
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", async () => Promise.reject(new Error("broken"))],
    // A promise of another make; only its reading shows that it is one.
    [
      "returns a thenable that throws",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a listener may return anything
        get then() {
          throw new Error("broken");
        },
      }),
    ],
  ];

  test.each(failures)("one that %s is reported with its event and stops nobody", async (_kind, fail) => {
    const reports: unknown[] = [];
    const others = vi.fn();
    const tracer = createTracer({ onListenerError: (error, each) => reports.push([error, each]) });
    tracer.on("step.start", fail);
    tracer.on("step.start", others);
    tracer.on("event", others);
    tracer.add(others);
    expect(() => tracer.onEvent(stepStart)).not.toThrow();
    await nextTurn();
    expect(others).toHaveBeenCalledTimes(3);
    expect(reports).toEqual([[new Error("broken"), stepStart]]);
  });

  test("a sink that throws is reported like any listener, for events and deltas", () => {
    const types: string[] = [];
    const fail = () => {
      throw new Error("disk full");
    };
    const tracer = createTracer({ sinks: [fail], onListenerError: (_error, each) => types.push(each.type) });
    tracer.onEvent(stepStart);
    tracer.onEvent(progress);
    expect(types).toEqual(["step.start", "tool.delta"]);
  });

  test("what is thrown may be undefined and is reported all the same", () => {
    const reports: unknown[] = [];
    const tracer = createTracer({ onListenerError: (error) => reports.push(error) });
    tracer.on("event", () => {
      throw undefined;
    });
    tracer.onEvent(stepStart);
    expect(reports).toEqual([undefined]);
  });

  test("by default the console is told once for each listener, by name, with where it failed and none of the content", async () => {
    const console = vi.spyOn(globalThis.console, "error").mockImplementation(() => {});
    const tracer = createTracer();
    const failure = new Error("broken");
    tracer.on("event", function writeLog() {
      throw failure;
    });
    tracer.on("delta", async () => {
      throw failure;
    });
    for (const each of weatherRun("s_1")) tracer.onEvent(each);
    await nextTurn();
    expect(console.mock.calls).toEqual([
      [
        'A trace listener "writeLog" failed on session.start (session s_1, seq 1). ' +
          "The agent goes on; later failures of this listener are not shown.",
        failure,
      ],
      [
        "A trace listener without a name failed on message.delta (session s_1). " +
          "The agent goes on; later failures of this listener are not shown.",
        failure,
      ],
    ]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("reporter");
      },
    ],
    ["rejects", async () => Promise.reject(new Error("reporter"))],
  ])(
    "an onListenerError that %s falls back to the console with both errors",
    async (_kind, onListenerError) => {
      const console = vi.spyOn(globalThis.console, "error").mockImplementation(() => {});
      const tracer = createTracer({ onListenerError });
      tracer.on("event", () => {
        throw new Error("listener");
      });
      expect(() => tracer.onEvent(stepStart)).not.toThrow();
      tracer.onEvent(stepEnd);
      await nextTurn();
      expect(console.mock.calls.map(([, error]) => error)).toEqual([
        new Error("listener"),
        new Error("reporter"),
      ]);
    },
  );

  test("a console that throws does not reach the agent", () => {
    vi.spyOn(globalThis.console, "error").mockImplementation(() => {
      throw new Error("EPIPE");
    });
    const tracer = createTracer();
    tracer.on("event", () => {
      throw new Error("listener");
    });
    expect(() => tracer.onEvent(stepStart)).not.toThrow();
  });
});

test("with nobody listening an event is not even looked at", () => {
  const tracer = createTracer();
  tracer.on("event", () => {})();
  const untouched = new Proxy(stepStart, {
    get: () => {
      throw new Error("looked at");
    },
    has: () => {
      throw new Error("looked at");
    },
  });
  expect(() => tracer.onEvent(untouched)).not.toThrow();
});
