import Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest, StreamEvent } from "../claude-function.js";
import { type Environment, realEnvironment } from "../environment.js";
import { AgentError, BrokenStreamError, MissingKeyError, messageOf } from "../errors.js";
import { onAbort } from "../on-abort.js";
import { createAssembler } from "./assemble.js";
import { shareRetryBudget } from "./retry-budget.js";
import { isApiError } from "./sdk-error.js";
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
  if (options.client !== undefined && typeof options.client?.messages?.create !== "function")
    throw new AgentError(
      "options.client must be a client of the SDK, e.g. new Anthropic(). Leave it out for the default.",
    );
  const timeouts = timeoutsOf(options.timeouts);
  const clock = options.clock ?? realEnvironment;
  let client = options.client;
  const ask: Claude = (request, call) => {
    client ??= clientFromEnvironment();
    return attempt(client, request, call, timeouts, clock);
  };
  // Two of these on one client are one way to the API: an outage must not be multiplied by their number.
  if (client !== undefined) shareRetryBudget(ask, client);
  return ask;
}

function timeoutsOf(given: Timeouts = {}): Required<Timeouts> {
  const timeouts = { ...defaultTimeouts };
  for (const name of ["headersMs", "bytesMs", "contentMs"] as const) {
    const value = given[name] ?? timeouts[name];
    if (!(typeof value === "number" && value > 0)) {
      throw new AgentError(
        `timeouts.${name} is ${String(value)}; it must be a positive number of milliseconds.`,
      );
    }
    timeouts[name] = value;
  }
  return timeouts;
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
  const exchange: Exchange = {};
  const silent = rejectable();
  const watchdog = startWatchdog(timeouts, clock, silent.reject);
  const release = onAbort(call.signal, () => silent.reject(call.signal.reason));
  try {
    return await Promise.race([
      silent.promise,
      stream(client, request, call, transport, watchdog, clock, exchange),
    ]);
  } catch (error) {
    transport.abort();
    throw call.signal.aborted ? call.signal.reason : typed(error, exchange.response);
  } finally {
    watchdog.stop();
    release();
  }
}

/** What is known of the HTTP exchange, whoever has to tell of it. */
interface Exchange {
  response?: Response;
}

async function stream(
  client: MessagesClient,
  request: ModelRequest,
  call: ModelCall,
  transport: AbortController,
  watchdog: Watchdog,
  clock: Pick<Environment, "sleep">,
  exchange: Exchange,
): Promise<Anthropic.Message> {
  const events = await client.messages.create(
    { ...request, stream: true },
    {
      maxRetries: 0,
      // The SDK's own limit must not fire before the watchdog's, whose error says more.
      timeout: longestTimer,
      signal: transport.signal,
      middleware: [
        async (httpRequest, next) => {
          exchange.response = await next(httpRequest);
          watchdog.sawHeaders();
          return watchBytes(exchange.response, watchdog);
        },
      ],
    },
  );
  watchdog.sawHeaders();
  const iterator = events[Symbol.asyncIterator]();
  const message = await readMessage(iterator, call, watchdog);
  void drain(iterator, transport, clock);
  return message;
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
    // A client that knows no middleware shows its bytes only here.
    watchdog.sawBytes();
    if (isContent(next.value)) watchdog.sawContent();
    call.emit(assembler.take(next.value as StreamEvent));
    if (assembler.message !== undefined) return assembler.message;
  }
}

/** The longest delay that a timer takes, about 24 days. */
const longestTimer = 2_147_483_647;

/** Progress of the reply itself; a stream of anything else, or of pieces without content, may go on for ever. */
function isContent(event: unknown): boolean {
  const { type, delta } = event as { readonly type?: unknown; readonly delta?: unknown };
  if (type === "content_block_delta") {
    const { type: _kind, ...content } = (delta ?? {}) as Readonly<Record<string, unknown>>;
    return Object.values(content).some((value) => value !== "" && value !== null);
  }
  return type === "content_block_start" || type === "content_block_stop" || type === "message_delta";
}

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
  // A refusal whose words never came is still a refusal: its status says whether another attempt is worth it.
  if (isApiError(error) && error.status === undefined && response?.ok === false)
    return Anthropic.APIError.generate(response.status, undefined, error.message, response.headers);
  if (isApiError(error)) return withRequestID(error, response);
  const message = messageOf(error);
  // The SDK throws a bare Error for this, before anything is sent.
  if (message.startsWith("Could not resolve authentication method"))
    return new MissingKeyError({ cause: error });
  // Without a response it is a complaint about how the client was set up: trying again can't mend it.
  if (response === undefined && !(error instanceof BrokenStreamError)) return error;
  const requestID = response?.headers.get("request-id") ?? undefined;
  if (error instanceof BrokenStreamError) {
    const type = response?.headers.get("content-type") ?? "none";
    const hint = type.startsWith("text/event-stream")
      ? ""
      : ` The response's content type was ${type}: is the base URL that of the API?`;
    return new BrokenStreamError(`${error.message}${hint}`, { cause: error.cause, requestID });
  }
  return new BrokenStreamError(`The reply broke on its way: ${message}.`, { cause: error, requestID });
}

/** An error that was made where no response was to be seen, e.g. of the watchdog, still says which request it was. */
function withRequestID(error: Error, response: Response | undefined): Error {
  const requestID = response?.headers.get("request-id");
  if (typeof requestID === "string" && !("requestID" in error && error.requestID))
    Object.assign(error, { requestID });
  return error;
}

function rejectable(): { readonly promise: Promise<never>; reject(error: unknown): void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, rejects) => {
    reject = rejects;
  });
  promise.catch(() => {});
  return { promise, reject: (error) => reject(error) };
}
