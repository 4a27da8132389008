import { setImmediate } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { type Claude, claude, type Environment, type Result, run } from "@lockstitch/core";
import { afterEach, describe, expect, test } from "vitest";
import {
  createSimulator,
  type Fault,
  type FaultRule,
  type Mind,
  parseFaults,
  type Simulator,
  type SimulatorOptions,
  scriptMind,
} from "../src/index.js";

const noon = Date.parse("2026-11-22T12:00:00Z");
const reply = "It is a fine day in Oslo.";
const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** A clock that stands until it is moved; all sleepers that are due then wake. */
function manualClock() {
  let now = noon;
  const sleepers = new Set<{ readonly at: number; wake(): void }>();
  return {
    now: () => now,
    sleep: (milliseconds: number, signal?: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener("abort", leave);
          resolve();
        };
        const sleeper = { at: now + milliseconds, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", leave);
      }),
    advance(milliseconds: number) {
      now += milliseconds;
      for (const sleeper of sleepers) {
        if (sleeper.at > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

type Clock = ReturnType<typeof manualClock>;

async function start(faults: readonly FaultRule[], more: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await createSimulator({
    faults,
    now: () => noon,
    mind: () => ({ content: [{ type: "text", text: reply }] }),
    sleep: async () => {},
    ...more,
  });
  open.push(simulator);
  return simulator;
}

const question = { model: "claude-haiku-5-5", max_tokens: 100, messages: [{ role: "user", content: "Hi" }] };

function ask(
  simulator: Simulator,
  body: object = { ...question, stream: true },
  { path = "/v1/messages", signal = new AbortController().signal } = {},
): Promise<Response> {
  return fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: { "x-api-key": "key", "anthropic-version": "2026-10-21" },
    body: JSON.stringify(body),
    signal,
  });
}

/** All that arrives of an answer, and whether it ended as HTTP wants it. */
async function readAll(
  response: Response,
): Promise<{ text: string; bytes: Buffer; whole: boolean; pieces: number }> {
  const pieces: Uint8Array[] = [];
  let whole = true;
  try {
    for await (const piece of response.body ?? []) pieces.push(piece as Uint8Array);
  } catch {
    whole = false;
  }
  const bytes = Buffer.concat(pieces);
  return { text: bytes.toString("utf8"), bytes, whole, pieces: pieces.length };
}

/** The events of a stream, and `undefined` for data that is no JSON. */
function eventsOf(text: string): ({ type: string; index?: number; error?: { type: string } } | undefined)[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => {
    try {
      return JSON.parse(data);
    } catch {
      return undefined;
    }
  });
}

const typesOf = (text: string): (string | undefined)[] => eventsOf(text).map((event) => event?.type);

/** The stream as it is without any fault. */
async function healthy(): Promise<{ text: string; bytes: Buffer; types: (string | undefined)[] }> {
  const { text, bytes } = await readAll(await ask(await start([])));
  return { text, bytes, types: typesOf(text) };
}

/** Proof without a clock that nothing more comes: other requests go there and back while nothing is read. */
async function comesNothing(reading: Promise<unknown>, simulator: Simulator): Promise<void> {
  let came = false;
  const seen = reading.then(
    () => {
      came = true;
    },
    () => {},
  );
  for (let round = 0; round < 5; round++) {
    await (
      await ask(simulator, { ...question, max_tokens: undefined }, { path: "/v1/messages/count_tokens" })
    ).text();
    await setImmediate();
  }
  expect(came).toBe(false);
  void seen;
}

interface Ran {
  readonly result?: Result;
  readonly error?: unknown;
  readonly simulator: Simulator;
}

/** Runs our own client against a simulator; time moves only when it is stuck in a stall. */
async function runAgainst(faults: readonly FaultRule[], more: SimulatorOptions = {}): Promise<Ran> {
  const clock = manualClock();
  const simulator = await start(faults, { sleep: clock.sleep, ...more });
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", logLevel: "off" });
  const inner = claude({ client, clock, timeouts: { headersMs: 3_000, bytesMs: 3_000, contentMs: 5_000 } });
  const seen = { events: 0 };
  const watched: Claude = (request, call) => {
    seen.events = 0;
    const emit: typeof call.emit = (event) => {
      seen.events += 1;
      call.emit(event);
    };
    return inner(request, { ...call, emit });
  };
  let settled = false;
  const running = run({}, "Hi", { claude: watched, environment: instantly() })
    .then(
      (result): Ran => ({ result, simulator }),
      (error: unknown): Ran => ({ error, simulator }),
    )
    .finally(() => {
      settled = true;
    });
  while (!settled) {
    await setImmediate();
    await moveWhenStuck(simulator, seen, clock);
  }
  return running;
}

/** Moves time on, once a request that stalls or trickles has brought what it will. */
async function moveWhenStuck(
  { requests }: Simulator,
  seen: { readonly events: number },
  clock: Clock,
): Promise<void> {
  const fault = requests.at(-1)?.fault;
  if (fault !== "stall" && fault !== "trickle") return;
  const before = seen.events;
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  if (seen.events === before) clock.advance(fault === "trickle" ? 10 : 1_000);
}

/** The loop's own waiting takes no time. */
function instantly(): Environment {
  let ids = 0;
  return { now: () => noon, random: () => 0.5, id: () => `id_${++ids}`, sleep: async () => {} };
}

/** Our client gets over one of these, and rejects with this error where there is no end of them. */
async function expectRecovery(fault: Fault, error: object): Promise<void> {
  const once = await runAgainst([{ when: { request: 1 }, fault }]);
  expect(once.error).toBeUndefined();
  expect(once.result).toMatchObject({ status: "ended", reason: "end_turn", text: reply });
  expect(once.simulator.requests.map((request) => request.fault)).toEqual([
    fault.type === "status" ? String(fault.status) : fault.type,
    undefined,
  ]);
  const always = await runAgainst([{ when: { every: 1 }, fault }]);
  expect(always.error).toMatchObject({ attempts: 5, ...error });
  expect(always.simulator.requests).toHaveLength(5);
}

const brokenStream = { reason: "broken_stream" };
const timedOut = { name: "APIConnectionTimeoutError" };

describe("an error in place of an answer", () => {
  test.each([
    [408, "timeout_error"],
    [409, "conflict_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [503, "api_error"],
    [504, "timeout_error"],
    [529, "overloaded_error"],
  ])("%i has the API's type and form, and is got over", async (status, type) => {
    const fault: Fault = { type: "status", status };
    const simulator = await start([{ when: { request: 1 }, fault }]);
    const response = await ask(simulator);
    expect(response.status).toBe(status);
    const body = { type: "error", error: { type, message: expect.any(String) } };
    expect(await response.json()).toMatchObject({ ...body, request_id: response.headers.get("request-id") });
    expect(simulator.requests[0]).toMatchObject({ status, error: { type }, fault: String(status) });
    await expectRecovery(fault, { status, type });
  });

  test.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "billing_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [413, "request_too_large"],
    [422, "invalid_request_error"],
  ])("%i is final", async (status, type) => {
    const { error, simulator } = await runAgainst([
      { when: { every: 1 }, fault: { type: "status", status } },
    ]);
    expect(error).toMatchObject({ status, type, attempts: 1 });
    expect(simulator.requests).toHaveLength(1);
  });

  test.each<[string, Record<string, string>]>([
    ["seconds", { "retry-after": "90" }],
    ["milliseconds", { "retry-after-ms": "90000" }],
    ["a date", { "retry-after": new Date(noon + 90_000).toUTCString() }],
  ])("can ask to wait, in %s", async (_form, headers) => {
    const fault: Fault = { type: "status", status: 429, headers };
    const response = await ask(await start([{ when: { request: 1 }, fault }]));
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
    const { error } = await runAgainst([{ when: { every: 1 }, fault }]);
    expect(error).toMatchObject({ status: 429, attempts: 1, retryAfterMs: 90_000 });
  });

  test("can say whether to try again, against its status", async () => {
    const fault = (status: number, again: string): Fault => {
      return { type: "status", status, headers: { "x-should-retry": again } };
    };
    const never = await runAgainst([{ when: { every: 1 }, fault: fault(529, "false") }]);
    expect(never.error).toMatchObject({ status: 529, attempts: 1 });
    await expectRecovery(fault(400, "true"), { status: 400 });
  });

  test("can be of another type, with details", async () => {
    const error = {
      type: "rate_limit_error",
      message: "m",
      details: { error_code: "enforced_spend_limit_reached" },
    };
    const fault: Fault = { type: "status", status: 429, error };
    expect(await (await ask(await start([{ when: { request: 1 }, fault }]))).json()).toMatchObject({ error });
    expect(await runAgainst([{ when: { every: 1 }, fault }])).toMatchObject({
      error: { attempts: 1, errorCode: "enforced_spend_limit_reached" },
    });
  });

  test("can be a page of HTML", async () => {
    const fault: Fault = { type: "status", status: 502, html: "<h1>Bad Gateway</h1>" };
    const simulator = await start([{ when: { request: 1 }, fault }]);
    const response = await ask(simulator);
    expect([response.status, response.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(await response.text()).toBe("<h1>Bad Gateway</h1>");
    expect(simulator.requests[0]).toMatchObject({ status: 502, error: { type: "api_error" } });
    await expectRecovery(fault, { status: 502 });
  });
});

describe("an answer that is none", () => {
  test("can be a page of HTML with status 200", async () => {
    const response = await ask(await start([{ when: { request: 1 }, fault: { type: "html" } }]));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect(await response.text()).toMatch(/^<!doctype html>/);
    await expectRecovery({ type: "html" }, brokenStream);
  });

  test("can be empty", async () => {
    const response = await ask(await start([{ when: { request: 1 }, fault: { type: "empty" } }]));
    expect([response.status, await response.text()]).toEqual([200, ""]);
    await expectRecovery({ type: "empty" }, brokenStream);
  });

  test("can be a reset of the connection", async () => {
    const simulator = await start([{ when: { request: 1 }, fault: { type: "reset" } }]);
    await expect(ask(simulator)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(simulator.requests[0]).toMatchObject({ fault: "reset" });
    expect(simulator.requests[0]).not.toHaveProperty("status");
    await expectRecovery({ type: "reset" }, { name: "APIConnectionError", message: "Connection error." });
  });

  test("can be silence", async () => {
    const done: (string | undefined)[] = [];
    const simulator = await start([{ when: { request: 1 }, fault: { type: "stall" } }], {
      onRequest: ({ fault }) => done.push(fault),
    });
    const controller = new AbortController();
    const asking = ask(simulator, question, { signal: controller.signal });
    asking.catch(() => {});
    await comesNothing(asking, simulator);
    expect(done).not.toContain("stall");
    controller.abort();
    while (!done.includes("stall")) await setImmediate();
    expect(simulator.requests[0]).not.toHaveProperty("status");
    await expectRecovery({ type: "stall" }, { ...timedOut, message: expect.stringContaining("headersMs") });
  });

  test("asks no mind", async () => {
    for (const type of ["html", "empty", "reset"] as const) {
      const simulator = await start([{ when: { request: 1 }, fault: { type } }], { mind: scriptMind([]) });
      await ask(simulator)
        .then((response) => response.text())
        .catch(() => {});
      expect(simulator.requests[0]?.error).toBeUndefined();
    }
  });
});

describe("a stream that breaks", () => {
  test.each<[string, Fault, object]>([
    ["resets its connection", { type: "reset", after: { events: 4 } }, brokenStream],
    ["is closed in the middle", { type: "cut", after: { events: 4 } }, brokenStream],
    ["ends politely", { type: "end", after: { events: 4 } }, brokenStream],
  ])("%s after so many events", async (_what, fault, error) => {
    const { types } = await healthy();
    const { text, whole } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual(types.slice(0, 4));
    expect(whole).toBe(fault.type === "end");
    await expectRecovery(fault, error);
  });

  test.each<[string, Fault]>([
    ["resets its connection", { type: "reset", after: { bytes: 700 } }],
    ["is closed in the middle", { type: "cut", after: { bytes: 700 } }],
    ["ends politely", { type: "end", after: { bytes: 700 } }],
  ])("%s after so many bytes", async (_what, fault) => {
    const { bytes } = await healthy();
    const all = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(all.bytes).toEqual(bytes.subarray(0, 700));
    expect(all.whole).toBe(fault.type === "end");
    await expectRecovery(fault, brokenStream);
  });

  test("ends without message_stop, where no place is given", async () => {
    const { types } = await healthy();
    const { text, whole } = await readAll(
      await ask(await start([{ when: { request: 1 }, fault: { type: "end" } }])),
    );
    expect([typesOf(text), whole]).toEqual([types.slice(0, -1), true]);
    await expectRecovery(
      { type: "end" },
      { ...brokenStream, message: expect.stringContaining("message_stop") },
    );
  });

  test("is closed in its middle, where no place is given", async () => {
    const { types } = await healthy();
    const { text, whole } = await readAll(
      await ask(await start([{ when: { request: 1 }, fault: { type: "cut" } }])),
    );
    expect([typesOf(text), whole]).toEqual([types.slice(0, Math.floor(types.length / 2)), false]);
    await expectRecovery({ type: "cut" }, brokenStream);
  });

  test.each<[string, Fault, string, number]>([
    ["falls silent", { type: "stall", after: { events: 3 } }, "bytesMs", 3],
    ["goes on to ping", { type: "stall", after: { events: 3 }, pingEveryMs: 1_000 }, "contentMs", 3],
    ["pings from its start", { type: "stall", pingEveryMs: 1_000 }, "contentMs", 1],
  ])("%s", async (_what, fault, limit, events) => {
    const { types } = await healthy();
    const clock = manualClock();
    const simulator = await start([{ when: { request: 1 }, fault }], { sleep: clock.sleep });
    const controller = new AbortController();
    const response = await ask(simulator, { ...question, stream: true }, { signal: controller.signal });
    const reader = response.body?.getReader();
    let text = "";
    const read = async (count: number): Promise<void> => {
      while (typesOf(text).length < count)
        text += Buffer.from((await reader?.read())?.value ?? []).toString();
    };
    await read(events);
    expect(typesOf(text)).toEqual(types.slice(0, events));
    const more = read(events + 1);
    more.catch(() => {});
    await comesNothing(more, simulator);
    clock.advance(1_000);
    if (limit === "contentMs") {
      await more;
      expect(typesOf(text).slice(events)).toEqual(["ping"]);
    } else await comesNothing(more, simulator);
    controller.abort();
    await expectRecovery(fault, { ...timedOut, message: expect.stringContaining(limit) });
  });

  test("says in an event that it failed", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "error", afterEvents: 4 };
    const { text, whole } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect([typesOf(text), whole]).toEqual([[...types.slice(0, 4), "error"], true]);
    expect(text).toMatch(/\nevent: error\ndata: .*\n\n$/);
    expect(eventsOf(text).at(-1)).toMatchObject({
      error: { type: "overloaded_error", message: "Overloaded" },
    });
    await expectRecovery(fault, { status: undefined, type: "overloaded_error" });
  });

  test("says in an event that it failed, in whatever way is given", async () => {
    const error = { type: "api_error", message: "Internal server error" };
    const fault: Fault = { type: "error", error };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(eventsOf(text).at(-1)).toMatchObject({ error });
    await expectRecovery(fault, { status: undefined, type: "api_error" });
    const final: Fault = { type: "error", error: { type: "invalid_request_error", message: "no" } };
    expect(await runAgainst([{ when: { every: 1 }, fault: final }])).toMatchObject({
      error: { attempts: 1 },
    });
  });

  test("has an event whose JSON is broken, and goes on", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "malformed", afterEvents: 3 };
    const { text, whole } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect([typesOf(text), whole]).toEqual([types.with(3, undefined), true]);
    await expectRecovery(fault, brokenStream);
  });

  test("never starts its block", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "protocol", breach: "delta-without-start" };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual(types.filter((type) => type !== "content_block_start"));
    await expectRecovery(fault, brokenStream);
  });

  test("starts its block twice", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "protocol", breach: "double-start" };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual([types[0], "content_block_start", ...types.slice(1)]);
    await expectRecovery(fault, brokenStream);
  });

  test("sends an event twice", async () => {
    const { types } = await healthy();
    const stop = types.indexOf("content_block_stop");
    const fault: Fault = { type: "duplicate", afterEvents: stop };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual([...types.slice(0, stop + 1), ...types.slice(stop)]);
    await expectRecovery(fault, brokenStream);
  });

  test("has one wrong bit", async () => {
    const { bytes, text } = await healthy();
    const at = text.indexOf('{"type":"content_block_delta"');
    const fault: Fault = { type: "wrong-bytes", at };
    const wrong = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(wrong.bytes).toEqual(Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    await expectRecovery(fault, brokenStream);
  });

  test("has a byte that UTF-8 does not have", async () => {
    const { bytes, text } = await healthy();
    const at = text.indexOf('{"type":"content_block_delta"');
    const fault: Fault = { type: "wrong-bytes", at, how: "utf8" };
    const wrong = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(wrong.bytes).toEqual(Buffer.from(bytes.map((byte, index) => (index === at ? 0xff : byte))));
    await expectRecovery(fault, brokenStream);
  });

  test("has its wrong byte in the middle where no place is given, and inside a text nobody can tell", async () => {
    const { bytes, text } = await healthy();
    const middle = await readAll(
      await ask(await start([{ when: { request: 1 }, fault: { type: "wrong-bytes" } }])),
    );
    const differs = [...bytes.keys()].filter((index) => bytes[index] !== middle.bytes[index]);
    expect(differs).toEqual([Math.floor(bytes.length / 2)]);
    const at = text.indexOf("fine") + 1;
    const { result } = await runAgainst([
      { when: { request: 1 }, fault: { type: "wrong-bytes", at, how: "utf8" } },
    ]);
    expect(result?.text).toMatch(/^It is a [fine\uFFFD]{4} day in Oslo\.$/);
    expect(result?.text).toContain("\uFFFD");
  });
});

describe("an answer that trickles", () => {
  test("arrives whole, a few bytes at a time, and is no fault to a client", async () => {
    const { bytes } = await healthy();
    const slept: number[] = [];
    const fault: Fault = { type: "trickle", bytes: 100, everyMs: 30 };
    const simulator = await start([{ when: { request: 1 }, fault }], {
      sleep: async (milliseconds) => void slept.push(milliseconds),
    });
    const all = await readAll(await ask(simulator));
    expect([all.bytes, all.whole]).toEqual([bytes, true]);
    expect(slept.length).toBeGreaterThanOrEqual(bytes.length / 100);
    expect(new Set(slept)).toEqual(new Set([30]));
    const { result, simulator: other } = await runAgainst([
      { when: { request: 1 }, fault: { type: "trickle", bytes: 64 } },
    ]);
    expect(result).toMatchObject({ text: reply });
    expect(other.requests).toHaveLength(1);
  });
});

describe("an answer that is no stream", () => {
  const half = async (): Promise<string> => {
    const { text } = await readAll(await ask(await start([]), question));
    return text.slice(0, Math.floor(text.length / 2));
  };

  test.each<[string, Fault, boolean]>([
    ["is reset", { type: "reset", after: { events: 9 } }, false],
    ["is closed", { type: "cut" }, false],
    ["ends", { type: "end", after: { events: 1 } }, true],
  ])("%s in its middle, whatever number of events is given", async (_what, fault, whole) => {
    const all = await readAll(await ask(await start([{ when: { request: 1 }, fault }]), question));
    expect(all).toMatchObject({ text: await half(), whole });
  });

  test("falls silent in its middle, without pings", async () => {
    const fault: Fault = { type: "stall", pingEveryMs: 1_000 };
    const simulator = await start([{ when: { request: 1 }, fault }]);
    const controller = new AbortController();
    const response = await ask(simulator, question, { signal: controller.signal });
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(await half());
    const more = reader?.read() ?? Promise.resolve();
    more.catch(() => {});
    await comesNothing(more, simulator);
    controller.abort();
  });

  test("is an HTTP error where a stream would have an error event", async () => {
    const simulator = await start([{ when: { every: 1 }, fault: { type: "error" } }]);
    const response = await ask(simulator, question);
    expect(response.status).toBe(529);
    expect(await response.json()).toMatchObject({ error: { type: "overloaded_error" } });
  });

  test("is broken off, or has a wrong byte", async () => {
    for (const fault of [{ type: "malformed" }, { type: "wrong-bytes", at: 0 }] satisfies Fault[]) {
      const { text, whole } = await readAll(
        await ask(await start([{ when: { request: 1 }, fault }]), question),
      );
      expect(whole).toBe(true);
      expect(() => JSON.parse(text)).toThrow(SyntaxError);
    }
  });

  test("is spared by faults that are made of events, which then have not struck", async () => {
    const rules: FaultRule[] = [
      { when: { every: 1 }, fault: { type: "duplicate" }, times: 1 },
      { when: { every: 1 }, fault: { type: "protocol", breach: "double-start" } },
    ];
    const simulator = await start(rules);
    expect(await (await ask(simulator, question)).json()).toMatchObject({ stop_reason: "end_turn" });
    await (await ask(simulator)).text();
    expect(simulator.requests.map(({ fault }) => fault)).toEqual([undefined, "duplicate"]);
  });

  test("is spared as well where a stream was asked for and refused", async () => {
    const rules: FaultRule[] = [
      { when: { request: 1 }, fault: { type: "error" } },
      { when: { request: 2 }, fault: { type: "duplicate" } },
      { when: { request: 3 }, fault: { type: "protocol", breach: "double-start" } },
    ];
    const simulator = await start(rules);
    for (const number of [0, 1, 2]) {
      const response = await ask(simulator, { ...question, stream: true, max_tokens: -1 });
      expect([response.status, await response.json()]).toMatchObject([400, { type: "error" }]);
      expect(simulator.requests[number]).not.toHaveProperty("fault");
    }
  });

  test("can be an answer to any request of the API, where a function says so", async () => {
    const simulator = await start([{ when: () => true, fault: { type: "status", status: 500 } }]);
    expect((await fetch(`${simulator.url}/v1/models`)).status).toBe(500);
    const count = { ...question, max_tokens: undefined };
    expect((await ask(simulator, count, { path: "/v1/messages/count_tokens" })).status).toBe(500);
  });
});

const unmeant: readonly [RegExp, Fault][] = [
  [/status is 99;/, { type: "status", status: 99 }],
  [/bytes is 0;.*from 1 on/, { type: "trickle", bytes: 0 }],
  [/everyMs is -1/, { type: "trickle", everyMs: -1 }],
  [/pingEveryMs is 0/, { type: "stall", pingEveryMs: 0 }],
  [/after.bytes is -1;.*from 0 on/, { type: "cut", after: { bytes: -1 } }],
  [/after.events is 1.5/, { type: "reset", after: { events: 1.5 } }],
  [/after.events is NaN/, { type: "end", after: { events: Number.NaN } }],
  [/afterEvents is -1/, { type: "error", afterEvents: -1 }],
  [/afterEvents is 0.5/, { type: "malformed", afterEvents: 0.5 }],
  [/at is -3/, { type: "wrong-bytes", at: -3 }],
  [/breach is "triple-start"/, { type: "protocol", breach: "triple-start" as "double-start" }],
  [/how is "swap"/, { type: "wrong-bytes", how: "swap" as "flip" }],
  [/no fault of the type "earthquake"/, { type: "earthquake" } as unknown as Fault],
];

describe("a rule", () => {
  const status = async (simulator: Simulator, content = "Hi"): Promise<number> =>
    (await ask(simulator, { ...question, messages: [{ role: "user", content }] })).status;
  const statuses = async (rules: readonly FaultRule[], count: number, more: SimulatorOptions = {}) => {
    const simulator = await start(rules, more);
    const all: number[] = [];
    for (let number = 1; number <= count; number++) all.push(await status(simulator, `Question ${number}`));
    return all;
  };
  const busy: Fault = { type: "status", status: 503 };

  test("strikes one request, each so many, and no more often than it may", async () => {
    expect(await statuses([{ when: { request: 3 }, fault: busy }], 4)).toEqual([200, 200, 503, 200]);
    expect(await statuses([{ when: { every: 2 }, fault: busy }], 5)).toEqual([200, 503, 200, 503, 200]);
    expect(await statuses([{ when: { every: 2 }, fault: busy, times: 1 }], 4)).toEqual([200, 503, 200, 200]);
  });

  test("gives way to those before it", async () => {
    const rules: FaultRule[] = [
      { when: { request: 2 }, fault: { type: "status", status: 500 } },
      { when: { every: 1 }, fault: busy },
    ];
    expect(await statuses(rules, 3)).toEqual([503, 500, 503]);
  });

  test("strikes by a chance that the seed draws, whatever the order of the requests", async () => {
    const rules: FaultRule[] = [{ when: { probability: 0.3 }, fault: busy }];
    const first = await statuses(rules, 60, { seed: 7 });
    expect(await statuses(rules, 60, { seed: 7 })).toEqual(first);
    expect(await statuses(rules, 60, { seed: 8 })).not.toEqual(first);
    const struck = first.filter((each) => each === 503).length;
    expect(struck).toBeGreaterThan(8);
    expect(struck).toBeLessThan(30);
    const simulator = await start(rules, { seed: 7 });
    const backwards: number[] = [];
    for (let number = 60; number >= 1; number--)
      backwards.unshift(await status(simulator, `Question ${number}`));
    expect(backwards).toEqual(first);
    expect(await statuses([{ when: { probability: 0 }, fault: busy }], 5)).not.toContain(503);
    expect(await statuses([{ when: { probability: 1 }, fault: busy }], 5)).not.toContain(200);
  });

  test("draws anew when the same request is sent again", async () => {
    const simulator = await start([{ when: { probability: 0.5 }, fault: busy }]);
    const all = new Set<number>();
    for (let round = 0; round < 30; round++) all.add(await status(simulator));
    expect(all).toEqual(new Set([200, 503]));
  });

  test("can look at the request, and so strike one session alone", async () => {
    const rules: FaultRule[] = [
      { when: ({ body }) => JSON.stringify(body).includes("unlucky"), fault: busy },
      { when: (_request, number) => number === 3, fault: { type: "status", status: 500 } },
    ];
    const simulator = await start(rules);
    expect(await status(simulator, "lucky")).toBe(200);
    expect(await status(simulator, "unlucky")).toBe(503);
    expect(await status(simulator, "lucky")).toBe(500);
  });

  test.each<[RegExp, FaultRule]>([
    [/when.request is 0/, { when: { request: 0 }, fault: busy }],
    [/when.every is 1.5/, { when: { every: 1.5 }, fault: busy }],
    [/when.probability is 10/, { when: { probability: 10 }, fault: busy }],
    [/times is 0/, { when: { request: 1 }, fault: busy, times: 0 }],
    ...unmeant.map(([words, fault]): [RegExp, FaultRule] => [words, { when: { request: 1 }, fault }]),
  ])("is refused if it can't be meant: %s", async (words, rule) => {
    const starting = createSimulator({ faults: [rule] });
    await expect(starting).rejects.toThrow(words);
    await expect(starting).rejects.toBeInstanceOf(RangeError);
  });

  test("that fails itself is an error 500 that says so, and nothing else suffers", async () => {
    const simulator = await start([
      {
        when: (_request, number) => {
          if (number === 1) throw new Error("no such session");
          return false;
        },
        fault: busy,
      },
      { when: { request: 2 }, fault: { type: "status", status: 500, headers: { "x-line": "a\nb" } } },
    ]);
    for (const words of ["no such session", "x-line"]) {
      const response = await ask(simulator);
      expect([response.status, await response.json()]).toMatchObject([
        500,
        { error: { type: "api_error", message: expect.stringContaining(words) } },
      ]);
    }
    expect(simulator.requests[0]).toMatchObject({ status: 500, error: { type: "api_error" } });
    expect(await status(simulator)).toBe(200);
  });

  test("strikes nobody who may not come in by that name", async () => {
    const simulator = await start([{ when: { every: 1 }, fault: { type: "html" } }]);
    const { request } = await import("node:http");
    const foreign = await new Promise<number | undefined>((resolve) => {
      const options = {
        port: simulator.port,
        path: "/v1/messages",
        method: "POST",
        headers: { host: "evil.example" },
      };
      request(options, (response) => resolve(response.resume().statusCode)).end("{}");
    });
    expect(foreign).toBe(403);
    expect(simulator.requests[0]?.fault).toBeUndefined();
  });
});

describe("a reply that a fault broke", () => {
  const script = () =>
    scriptMind([{ content: [{ type: "text", text: "one" }] }, { content: [{ type: "text", text: "two" }] }]);

  test("is given again to the same request, so that a script loses none", async () => {
    const rules: FaultRule[] = [{ when: { every: 1 }, fault: { type: "cut" }, times: 2 }];
    const { result, simulator } = await runAgainst(rules, { mind: script() });
    expect(result).toMatchObject({ text: "one" });
    expect(simulator.requests).toHaveLength(3);
    expect(await (await ask(simulator, question)).json()).toMatchObject({ content: [{ text: "two" }] });
  });

  test("is given again as often as it was missed, where the same is asked twice at once", async () => {
    const rules: FaultRule[] = [{ when: { every: 1 }, fault: { type: "end" }, times: 2 }];
    const said = script();
    const waiting: (() => void)[] = [];
    const mind: Mind = async (request, context) => {
      const bothCame = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === 2) for (const go of waiting) go();
      await bothCame;
      return said(request, context);
    };
    const simulator = await start(rules, { mind });
    const both = () => Promise.all([ask(simulator).then(readAll), ask(simulator).then(readAll)]);
    await both();
    const heard = (await both()).map(({ text }) => /"(one|two)"/.exec(text)?.[1]);
    expect(heard.sort()).toEqual(["one", "two"]);
  });

  test("is given once more only, and to no other request", async () => {
    const simulator = await start([{ when: { request: 1 }, fault: { type: "end" } }], { mind: script() });
    await readAll(await ask(simulator));
    const other = { ...question, stream: true, messages: [{ role: "user", content: "Other" }] };
    expect((await readAll(await ask(simulator, other))).text).toContain('"two"');
    expect((await readAll(await ask(simulator))).text).toContain('"one"');
    expect((await ask(simulator)).status).toBe(500);
  });
});

describe("a fault made of events, where the stream that was asked for is refused", () => {
  const overloaded = { status: 529, error: { type: "overloaded_error", message: "Overloaded" } };
  const play = async (rules: readonly FaultRule[], count: number) => {
    const simulator = await start(rules, { mind: scriptMind([overloaded, ...Array(count).fill("Hi")]) });
    const statuses: number[] = [];
    for (let number = 1; number <= count; number++) {
      const response = await ask(simulator);
      statuses.push(response.status);
      await response.text();
    }
    return { statuses, faults: simulator.requests.map(({ fault }) => fault) };
  };

  test("leaves the error as it is, which has then been said and is not said again", async () => {
    const fault = { type: "protocol", breach: "double-start" } as const;
    expect(await play([{ when: { request: 1 }, fault }], 2)).toEqual({
      statuses: [529, 200],
      faults: [undefined, undefined],
    });
  });

  test("has not struck, and strikes as often as it may", async () => {
    const rule: FaultRule = { when: { every: 1 }, fault: { type: "duplicate" }, times: 3 };
    expect(await play([rule], 5)).toEqual({
      statuses: [529, 200, 200, 200, 200],
      faults: [undefined, "duplicate", "duplicate", "duplicate", undefined],
    });
  });

  test("has not struck where the request can't be meant", async () => {
    const simulator = await start([{ when: { every: 1 }, fault: { type: "duplicate" }, times: 1 }]);
    await (await ask(simulator, { ...question, stream: true, max_tokens: -1 })).text();
    await (await ask(simulator)).text();
    expect(simulator.requests.map(({ fault }) => fault)).toEqual([undefined, "duplicate"]);
  });
});

describe("parseFaults", () => {
  test.each<[string, FaultRule]>([
    ["3:reset", { when: { request: 3 }, fault: { type: "reset" } }],
    ["10%:overloaded", { when: { probability: 0.1 }, fault: { type: "status", status: 529 } }],
    ["0.5 % : 503", { when: { probability: 0.005 }, fault: { type: "status", status: 503 } }],
    ["every 5:stall", { when: { every: 5 }, fault: { type: "stall" } }],
    ["1:stall@4", { when: { request: 1 }, fault: { type: "stall", after: { events: 4 } } }],
    ["1:reset@40b", { when: { request: 1 }, fault: { type: "reset", after: { bytes: 40 } } }],
    ["1:pings", { when: { request: 1 }, fault: { type: "stall", pingEveryMs: 1_000 } }],
    [
      "1:pings@2",
      { when: { request: 1 }, fault: { type: "stall", pingEveryMs: 1_000, after: { events: 2 } } },
    ],
    ["1:end", { when: { request: 1 }, fault: { type: "end" } }],
    ["1:cut@7b", { when: { request: 1 }, fault: { type: "cut", after: { bytes: 7 } } }],
    ["1:html", { when: { request: 1 }, fault: { type: "html" } }],
    ["1:empty", { when: { request: 1 }, fault: { type: "empty" } }],
    ["1:trickle", { when: { request: 1 }, fault: { type: "trickle" } }],
    ["1:trickle@16", { when: { request: 1 }, fault: { type: "trickle", bytes: 16 } }],
    ["1:error@3", { when: { request: 1 }, fault: { type: "error", afterEvents: 3 } }],
    ["1:malformed", { when: { request: 1 }, fault: { type: "malformed" } }],
    [
      "1:delta-without-start",
      { when: { request: 1 }, fault: { type: "protocol", breach: "delta-without-start" } },
    ],
    ["1:double-start", { when: { request: 1 }, fault: { type: "protocol", breach: "double-start" } }],
    ["1:flip@40", { when: { request: 1 }, fault: { type: "wrong-bytes", how: "flip", at: 40 } }],
    ["1:utf8", { when: { request: 1 }, fault: { type: "wrong-bytes", how: "utf8" } }],
    ["1:duplicate@2", { when: { request: 1 }, fault: { type: "duplicate", afterEvents: 2 } }],
    [
      "1:429@7",
      { when: { request: 1 }, fault: { type: "status", status: 429, headers: { "retry-after": "7" } } },
    ],
    [
      "1:overloaded@1500ms",
      { when: { request: 1 }, fault: { type: "status", status: 529, headers: { "retry-after-ms": "1500" } } },
    ],
  ])("reads %s", (text, rule) => {
    expect(parseFaults(text)).toEqual([rule]);
  });

  test("reads several, with commas between them", () => {
    expect(parseFaults("3:reset, 10%:overloaded,every 5:stall@2,").map(({ when }) => when)).toEqual([
      { request: 3 },
      { probability: 0.1 },
      { every: 5 },
    ]);
    expect(parseFaults("")).toEqual([]);
  });

  test.each([
    ["reset", /wants a colon/],
    ["3:explode", /no kind "explode"/],
    ["3:", /no kind ""/],
    ["3:<status>", /no kind "<status>"/],
    ["3:200", /no kind "200"/],
    ["0:reset", /"0" is no time/],
    ["often:reset", /"often" is no time.*every 5.*10%/],
    ["0%:reset", /"0%" is no time/],
    [" , ", /there is none in it/],
    ["101%:reset", /"101%" is no time/],
    ["3:reset@soon", /reset does not take "soon"/],
    ["3:html@3", /html does not take "3"/],
    ["3:stall@1@2", /stall does not take "1@2"/],
    ["3:flip@3b", /flip does not take "3b"/],
    ["3:trickle@0", /trickle does not take "0"/],
    ["3:trickle@00", /trickle does not take "00"/],
    ["3:429@soon", /429 does not take "soon"/],
  ])("refuses %s, and lists what there is", (text, words) => {
    expect(() => parseFaults(text)).toThrow(SyntaxError);
    expect(() => parseFaults(text)).toThrow(words);
    expect(() => parseFaults(text)).toThrow(/overloaded[\s\S]*reset[\s\S]*trickle[\s\S]*duplicate/);
  });
});

describe("requests that are no messages", () => {
  test("neither count nor are struck, nor does a page from elsewhere", async () => {
    const simulator = await start(parseFaults("1:529"));
    const headers = { "x-api-key": "any", "anthropic-version": "2023-06-01" };
    const body = JSON.stringify({
      model: "claude-haiku-5-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "Hi" }],
    });
    const ask = (more = {}) =>
      fetch(`${simulator.url}/v1/messages`, { method: "POST", headers: { ...headers, ...more }, body });
    expect((await fetch(`${simulator.url}/favicon.ico`)).status).toBe(204);
    expect((await fetch(`${simulator.url}/v1/models`, { headers })).status).toBe(200);
    expect((await fetch(`${simulator.url}/nowhere`)).status).toBe(404);
    expect((await ask({ origin: "https://evil.example" })).status).toBe(403);
    expect((await ask({ origin: "null" })).status).toBe(403);
    expect((await ask({ origin: "http://localhost:3000" })).status).toBe(529);
    expect(simulator.requests.map(({ path }) => path)).not.toContain("/favicon.ico");
  });
});

describe("a fault behind the end of an answer", () => {
  test.each(["1:end@999", "1:end@99999b", "1:flip@99999", "1:utf8@99999"])(
    "has not struck: %s",
    async (words) => {
      const simulator = await start(parseFaults(words));
      const client = new Anthropic({ baseURL: simulator.url, apiKey: "any", maxRetries: 0 });
      const stream = client.messages.stream({
        model: "claude-haiku-5-5",
        max_tokens: 99,
        messages: [{ role: "user", content: "Hi" }],
      });
      expect((await stream.finalMessage()).content).toMatchObject([{ type: "text" }]);
      expect(simulator.requests.map(({ fault }) => fault)).toEqual([undefined]);
    },
  );
});

test("a client that hangs up by itself and asks the same again gets the reply that it did not hear out", async () => {
  const mind = scriptMind(["One and two and three.", "Another."]);
  let over = (): void => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  const simulator = await start(parseFaults("1:trickle"), {
    mind,
    onRequest: () => over(),
    sleep: (_milliseconds, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const ask = (signal?: AbortSignal) =>
    fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "any", "anthropic-version": "2023-06-01" },
      body: JSON.stringify({
        model: "claude-haiku-5-5",
        max_tokens: 99,
        messages: [{ role: "user", content: "Hi" }],
      }),
      ...(signal ? { signal } : {}),
    });
  const hangUp = new AbortController();
  const first = await ask(hangUp.signal);
  await first.body?.getReader().read();
  hangUp.abort();
  await isOver;
  expect(await (await ask()).text()).toContain("One and two and three.");
  expect(await (await ask()).text()).toContain("Another.");
});
