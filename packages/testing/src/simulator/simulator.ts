import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPromptCache } from "./cache/prompt-cache.js";
import { createCatalogue } from "./catalogue.js";
import { checkPace, type Pace } from "./delivery/pace.js";
import { realSleep } from "./delivery/real-sleep.js";
import { demoMind } from "./demo/demo-mind.js";
import { keepingMissedReplies } from "./faults/missed-replies.js";
import { createFaults, type FaultRule } from "./faults/rules.js";
import { createIds } from "./ids.js";
import type { Mind } from "./mind.js";
import { createRateLimiter } from "./rate/rate-limiter.js";
import { limitsOf, type SimulatedRateLimits, type SimulatedRateTier } from "./rate/tiers.js";
import type { RecordedRequest } from "./recorded-request.js";
import { type SimulatorState, serve } from "./serve.js";
import type { SimulatedModel } from "./simulated-model.js";

export interface SimulatorOptions {
  /** Decides the replies. Default: `demoMind`, which works with the tools of any agent. */
  readonly mind?: Mind;
  /** Default: 0, any free port. The address is always 127.0.0.1. */
  readonly port?: number;
  /** The only key to accept. Default: any key, but there must be one. */
  readonly apiKey?: string;
  /** The clock, in milliseconds since the epoch: tells the mind what day it is, and rules how long caches live and when limits refill. Default: `Date.now`. */
  readonly now?: () => number;
  /** Rules all ids and chances: the same seed and the same requests give the same ids and faults. Default: 0. */
  readonly seed?: string | number;
  /** Further models, or others in place of those with the same id. Default: the models of the API. */
  readonly models?: readonly SimulatedModel[];
  /** Whether models that the API has retired are still there, e.g. to play recordings of them. Default: false. */
  readonly retiredModels?: boolean;
  /** What each API key may use in a minute; the answers' headers tell what is left. Default: no limits and no headers. */
  readonly rateLimits?: SimulatedRateTier | SimulatedRateLimits;
  /** How fast replies come. Default: as fast as they can. */
  readonly pace?: Pace;
  /** What goes wrong, and when. Default: nothing. */
  readonly faults?: readonly FaultRule[];
  /** All waiting, of `pace` and of faults. Must reject when the signal aborts. Default: real time. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Called once for each request when it is done with, answered or not, e.g. to log it. Must not throw. */
  readonly onRequest?: (request: RecordedRequest) => void;
}

export interface Simulator {
  /** Give this to the SDK as `baseURL`. */
  readonly url: string;
  readonly port: number;
  /** Every request since the start, refused ones included, in the order they came. */
  readonly requests: readonly RecordedRequest[];
  /** Cuts open connections and stops at once. Calling it again does nothing. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks the Messages API over HTTP on this machine alone: `POST /v1/messages`, whole or
 * streamed, and `POST /v1/messages/count_tokens`, with the API's own errors for what it would refuse.
 *
 * `GET /` is a page that shows people the requests so far.
 *
 * @throws the server's own error if the port is taken, TypeError for a mind that is no function, and RangeError
 * for a port, a key, limits, a pace or faults that can't be meant.
 */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, onRequest } = options;
  const state = stateOf(options);
  const server = createServer((incoming, response) => {
    void serve(incoming, response, state).then((request) => request && onRequest?.(request));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests: state.requests,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What JavaScript lets through. */
function checkOptions({ mind, port = 0, apiKey }: SimulatorOptions): void {
  if (mind !== undefined && typeof mind !== "function")
    throw new TypeError(
      "mind is no function of a request that gives a reply; for a list of replies take scriptMind([...]).",
    );
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new RangeError(
      `port is ${JSON.stringify(port)}; it must be a whole number from 0 (any free port) to 65535.`,
    );
  if (apiKey === "")
    throw new RangeError("apiKey is empty, and nobody can send that; leave it out for any key.");
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    throw new RangeError(
      "apiKey has white space or a character beyond ASCII in it, and nobody can send that in a header.",
    );
}

function stateOf(options: SimulatorOptions): SimulatorState {
  const { mind = demoMind, apiKey, now = Date.now, seed = 0, rateLimits, pace = {}, faults = [] } = options;
  checkOptions(options);
  checkPace(pace);
  const limiter = rateLimits === undefined ? undefined : createRateLimiter(limitsOf(rateLimits), now);
  return {
    requests: [],
    count: { messages: 0 },
    parts: {
      apiKey,
      now,
      ids: createIds(seed),
      limiter,
      models: createCatalogue(options.models ?? [], options.retiredModels ?? false),
      cache: createPromptCache(),
    },
    ask: keepingMissedReplies(mind),
    drawFault: createFaults(faults, seed),
    pace,
    sleep: options.sleep ?? realSleep,
  };
}
