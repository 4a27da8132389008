import Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest, StreamEvent } from "../claude-function.js";
import { type Environment, realEnvironment } from "../environment.js";
import { BrokenStreamError, MissingKeyError, messageOf } from "../errors.js";
import { createAssembler } from "./assemble.js";
import { defaultTimeouts, startWatchdog, type Timeouts, type Watchdog } from "./watchdog.js";

/** Any client of the SDK: `Anthropic`, Bedrock, Vertex, or one with a `baseURL` of its own. */
export interface MessagesClient {
  readonly messages: Pick<Anthropic["messages"], "create">;
}

export interface ClaudeOptions {
  /** Used as it is, with its retries switched off: retrying is the loop's work. Default: a client made from the environment. */
  readonly client?: MessagesClient;
  readonly timeouts?: Timeouts;
  /** The clock that the timeouts go by. Default: the real one. */
  readonly clock?: Pick<Environment, "now" | "sleep">;
}

/** The way to the API over the official SDK: one streamed attempt a call. Throws `MissingKeyError` where there is no key to send. */
export function claude(options: ClaudeOptions = {}): Claude {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const clock = options.clock ?? realEnvironment;
  let client = options.client;
  return (request, call) => {
    client ??= clientFromEnvironment();
    return attempt(client, request, call, timeouts, clock);
  };
}

/** Without its log: the SDK writes the raw text of malformed events there, which is the conversation. */
function clientFromEnvironment(): MessagesClient {
  return new Anthropic({ maxRetries: 0, openTelemetry: false, logLevel: "off" });
}

async function attempt(
  client: MessagesClient,
  request: ModelRequest,
  call: ModelCall,
  timeouts: Required<Timeouts>,
  clock: Pick<Environment, "now" | "sleep">,
): Promise<Anthropic.Message> {
  call.signal.throwIfAborted();
  const transport = new AbortController();
  const silent = rejectable();
  const watchdog = startWatchdog(timeouts, clock, silent.reject);
  const aborted = () => silent.reject(call.signal.reason);
  call.signal.addEventListener("abort", aborted, { once: true });
  try {
    return await Promise.race([silent.promise, stream(client, request, call, transport, watchdog, clock)]);
  } catch (error) {
    transport.abort();
    throw call.signal.aborted ? call.signal.reason : error;
  } finally {
    watchdog.stop();
    call.signal.removeEventListener("abort", aborted);
  }
}

async function stream(
  client: MessagesClient,
  request: ModelRequest,
  call: ModelCall,
  transport: AbortController,
  watchdog: Watchdog,
  clock: Pick<Environment, "sleep">,
): Promise<Anthropic.Message> {
  let response: Response | undefined;
  try {
    const events = await client.messages.create(
      { ...request, stream: true },
      {
        maxRetries: 0,
        // The SDK's own limit must not fire before the watchdog's, whose error says more.
        timeout: longestTimer,
        signal: transport.signal,
        middleware: [
          async (httpRequest, next) => {
            response = await next(httpRequest);
            watchdog.sawHeaders();
            return watchBytes(response, watchdog);
          },
        ],
      },
    );
    watchdog.sawHeaders();
    const iterator = events[Symbol.asyncIterator]();
    const message = await readMessage(iterator, call, watchdog);
    void drain(iterator, transport, clock);
    return message;
  } catch (error) {
    throw typed(error, response);
  }
}

async function readMessage(
  events: AsyncIterator<unknown>,
  call: ModelCall,
  watchdog: Watchdog,
): Promise<Anthropic.Message> {
  const assembler = createAssembler();
  for (;;) {
    const next = await events.next();
    // The SDK ends the iteration without an error when it was aborted, and when the body simply stops.
    if (next.done)
      throw new BrokenStreamError("The reply was cut off: the stream ended before message_stop.");
    watchdog.sawContent();
    call.emit(assembler.take(next.value as StreamEvent));
    if (assembler.message !== undefined) return assembler.message;
  }
}

/** The longest delay that a timer takes, about 24 days. */
const longestTimer = 2_147_483_647;

/** `message_stop` ends a message; what is left of the body is read in the background for a second, so that its connection can be used again. */
async function drain(
  rest: AsyncIterator<unknown>,
  transport: AbortController,
  clock: Pick<Environment, "sleep">,
): Promise<void> {
  const over = new AbortController();
  const limit = clock.sleep(1_000, over.signal).then(
    () => transport.abort(),
    () => {},
  );
  try {
    while (!(await rest.next()).done);
  } catch {
    // The message is whole; how its connection ends is nobody's concern.
  } finally {
    over.abort();
    await limit;
  }
}

function watchBytes(response: Response, watchdog: Watchdog): Response {
  if (!response.ok || response.body === null) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        watchdog.sawBytes();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}

/** Everything that can go wrong on the way as a typed error; the SDK's own pass through. */
function typed(error: unknown, response: Response | undefined): unknown {
  if (error instanceof Anthropic.APIError) return error;
  const message = messageOf(error);
  // The SDK throws a bare Error for this, before anything is sent.
  if (message.startsWith("Could not resolve authentication method"))
    return new MissingKeyError({ cause: error });
  // Without a response it is a complaint about how the client was set up: trying again can't mend it.
  if (response === undefined && !(error instanceof BrokenStreamError)) return error;
  const requestID = response?.headers.get("request-id") ?? undefined;
  if (error instanceof BrokenStreamError)
    return new BrokenStreamError(error.message, { cause: error.cause, requestID });
  return new BrokenStreamError(`The reply broke on its way: ${message}.`, { cause: error, requestID });
}

function rejectable(): { readonly promise: Promise<never>; reject(error: unknown): void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, rejects) => {
    reject = rejects;
  });
  promise.catch(() => {});
  return { promise, reject: (error) => reject(error) };
}
