import type Anthropic from "@anthropic-ai/sdk";
import type { ModelCall, ModelRequest, StreamEvent } from "../claude-function.js";
import type { Environment } from "../environment.js";
import { BrokenStreamError } from "../errors.js";
import { createAssembler } from "./assemble.js";
import { watchSecrets } from "./secrets.js";
import type { Watchdog } from "./watchdog.js";

/** Any client of the SDK: `Anthropic`, Bedrock, Vertex, or one with a `baseURL` of its own. */
export interface MessagesClient {
  readonly messages: Pick<Anthropic["messages"], "create">;
}

/** One HTTP exchange, and who is told of it while it goes on. */
export interface Exchange {
  readonly watchdog: Watchdog;
  /** Aborting it lets go of the connection. */
  readonly transport: AbortController;
  readonly clock: Pick<Environment, "sleep">;
  /** The response, as soon as its headers are there; not of a client that knows no middleware. */
  answered(response: Response): void;
}

/** Sends a request and reads the message that streams back. */
export async function exchangeMessage(
  client: MessagesClient,
  request: ModelRequest,
  call: ModelCall,
  exchange: Exchange,
): Promise<Anthropic.Message> {
  const { watchdog, transport, clock } = exchange;
  const events = await client.messages.create(
    { ...request, stream: true },
    {
      maxRetries: 0,
      // The SDK's own limit must not fire before the watchdog's, whose error says more.
      timeout: longestTimer,
      signal: transport.signal,
      middleware: [
        watchSecrets(client),
        async (httpRequest, next) => {
          const response = await next(httpRequest);
          watchdog.sawHeaders();
          exchange.answered(response);
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
