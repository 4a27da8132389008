import { setImmediate } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { type Claude, claude, type Environment, type Result, run } from "@lockstitch/core";
import { afterEach, expect } from "vitest";
import {
  createSimulator,
  type Fault,
  type FaultRule,
  type Simulator,
  type SimulatorOptions,
} from "../src/index.js";

export const noon = Date.parse("2026-11-22T12:00:00Z");
export const reply = "It is a fine day in Oslo.";
const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** A clock that stands until it is moved; all sleepers that are due then wake. */
export function manualClock() {
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

export async function start(faults: readonly FaultRule[], more: SimulatorOptions = {}): Promise<Simulator> {
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

export const question = {
  model: "claude-haiku-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Hi" }],
};

export function ask(
  simulator: Simulator,
  body: object = { ...question, stream: true },
  { path = "/v1/messages", signal = new AbortController().signal, headers = {} } = {},
): Promise<Response> {
  return fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: { "x-api-key": "key", "anthropic-version": "2026-10-21", ...headers },
    body: JSON.stringify(body),
    signal,
  });
}

/** All that arrives of an answer, and whether it ended as HTTP wants it. */
export async function readAll(
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
export function eventsOf(
  text: string,
): ({ type: string; index?: number; error?: { type: string } } | undefined)[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => {
    try {
      return JSON.parse(data);
    } catch {
      return undefined;
    }
  });
}

export const typesOf = (text: string): (string | undefined)[] => eventsOf(text).map((event) => event?.type);

/** The stream as it is without any fault. */
export async function healthy(): Promise<{ text: string; bytes: Buffer; types: (string | undefined)[] }> {
  const { text, bytes } = await readAll(await ask(await start([])));
  return { text, bytes, types: typesOf(text) };
}

/** Proof without a clock that nothing more comes: other requests go there and back while nothing is read. */
export async function comesNothing(reading: Promise<unknown>, simulator: Simulator): Promise<void> {
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

export interface Ran {
  readonly result?: Result;
  readonly error?: unknown;
  readonly simulator: Simulator;
}

/** Runs our own client against a simulator; time moves only when it is stuck in a stall. */
export async function runAgainst(faults: readonly FaultRule[], more: SimulatorOptions = {}): Promise<Ran> {
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
export async function expectRecovery(fault: Fault, error: object): Promise<void> {
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

export const brokenStream = { reason: "broken_stream" };
export const timedOut = { name: "APIConnectionTimeoutError" };
