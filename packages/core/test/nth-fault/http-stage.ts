import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { type Claude, claude, createGovernor, type ModelRequest } from "@lockstitch/core";
import { refuseMessageRequest, streamEvents } from "@lockstitch/testing";
import { begin, sse } from "../sse-server.js";
import { handClock, turns } from "./clock.js";
import { replies, replyTo } from "./conversation.js";
import { type Exchange, timeouts } from "./http-faults.js";
import { type Plan, type Played, play } from "./stage.js";

/** Which reply goes wrong, where, and how often. */
interface HttpPlan {
  readonly strike?: (exchange: Exchange) => unknown;
  /** Counted from 0. */
  readonly reply: number;
  /** Events of that reply before the fault. */
  readonly after: number;
  /** Default 1. */
  readonly times?: number;
  /** So many connections are refused before one is taken. Default 0. */
  readonly refusals?: number;
}

export interface HttpPlayed extends Played {
  /** Requests that came for the reply that goes wrong. */
  readonly attempts: number;
  readonly struck: number;
}

export interface HttpStage {
  play(fault: HttpPlan, plan?: Plan): Promise<HttpPlayed>;
  close(): Promise<void>;
}

/** What a play sees of the one server. */
interface Scene {
  answer(body: ModelRequest, response: ServerResponse): void;
  readonly problems: string[];
}

/** The events of each reply, as they go over the wire. */
export const wired: readonly (readonly string[])[] = replies.map((reply) => sse(streamEvents(reply)));

/** Longer than any play takes that ends, on the busiest machine. */
const hungMs = 20_000;

/** A real server on which the conversation can be had, over the real client, again and again. */
export async function httpStage(): Promise<HttpStage> {
  const scenes = new Map<string, Scene>();
  let plays = 0;
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const scene = scenes.get(request.url?.split("/")[1] ?? "");
      const version = String(request.headers["anthropic-version"]);
      const why = refuseMessageRequest(body, { version, betas: [] });
      if (why !== undefined) scene?.problems.push(`the wire carried an illegal request: ${why}`);
      scene?.answer(body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const playHttp = async (fault: HttpPlan, plan: Plan = {}): Promise<HttpPlayed> => {
    const name = `play-${++plays}`;
    // The run waits no moment of real time; the client's silence is timed by a clock of its own.
    const clock = handClock();
    const environment = { ...handClock(), sleep: sleepless };
    let left = fault.times ?? 1;
    let refusals = fault.refusals ?? 0;
    let attempts = 0;
    let struck = 0;
    let seen = 0;
    const open = new Set<ServerResponse>();

    const answer: Scene["answer"] = (body, response) => {
      open.add(response);
      response.on("close", () => open.delete(response));
      const reply = replyTo(body);
      const chunks = sse(streamEvents(reply));
      const isMeant = reply === replies[fault.reply];
      if (isMeant) attempts += 1;
      if (!isMeant || left <= 0 || fault.strike === undefined) {
        begin(response);
        response.end(chunks.join(""));
        return;
      }
      left -= 1;
      struck += 1;
      const read = async (): Promise<void> => {
        for (let turn = 0; turn < 1_000 && seen < fault.after; turn++) await turns(1);
        await turns(3);
      };
      fault.strike({ response, chunks, after: fault.after, read, pass: clock.advance });
    };
    const scene: Scene = { answer, problems: [] };
    scenes.set(name, scene);

    const client = new Anthropic({
      apiKey: "test-key",
      baseURL: `http://127.0.0.1:${port}/${name}`,
      logLevel: "off",
      fetch: (url, init) => fetch(refusals-- > 0 ? "http://127.0.0.1:9/" : (url as string), init),
    });
    // What an answer asks to wait is waited as the run waits.
    const real = claude({ client, clock, timeouts, governor: createGovernor({ clock: environment }) });
    const overHttp: Claude = (request, call) => {
      seen = 0;
      const emit: typeof call.emit = (event) => {
        seen += 1;
        call.emit(event);
      };
      return real(request, { ...call, emit });
    };
    const played = await play({
      environment,
      claude: overHttp,
      healed: overHttp,
      live: settlesInTime,
      ...plan,
      settled: () => {
        left = 0;
        refusals = 0;
      },
    });

    const isQuiet = async (): Promise<boolean> => {
      for (let turn = 0; turn < 1_000 && open.size + clock.pending() > 0; turn++) await turns(1);
      return open.size + clock.pending() === 0;
    };
    const problems = [...played.problems, ...scene.problems];
    // A body that the server holds open after message_stop is waited for, a second at most.
    if (!(await isQuiet()) && open.size > 0) {
      clock.advance(1_000);
      await isQuiet();
    }
    scenes.delete(name);
    if (open.size > 0) problems.push(`${open.size} connections were left open`);
    if (clock.pending() > 0) problems.push(`${clock.pending()} timers of the client were left behind`);
    return { ...played, problems, attempts, struck };
  };

  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
  return { play: playHttp, close };
}

async function sleepless(_milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
}

async function settlesInTime(done: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const late = wait(hungMs, false, { signal: over.signal }).catch(() => false);
  const settled = () => true;
  const isSettled = await Promise.race([done.then(settled, settled), late]);
  over.abort();
  return isSettled;
}

async function bodyOf(request: IncomingMessage): Promise<ModelRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString()) as ModelRequest;
}
