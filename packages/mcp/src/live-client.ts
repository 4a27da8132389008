import type { Client, Tool as ServerTool, Transport } from "@modelcontextprotocol/client";
import type { Listed, McpDefinition } from "./definition.js";
import { McpError } from "./errors.js";
import { type Answer, answerIn, listedIn } from "./sealed.js";
import type { McpServer } from "./server.js";
import { createTransport } from "./transport.js";
import { version } from "./version.js";
import { within } from "./within.js";

interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: unknown) => void;
}

/** One connection to a server, from its greeting to its end. */
export interface LiveClient {
  /** How often the server has said that its tools changed. */
  readonly timesChanged: number;
  /** Resolves when the connection has ended, by whomever. */
  readonly ended: Promise<void>;
  /** All pages. Nothing of a server that says it has none. */
  listTools(): Promise<readonly Listed[]>;
  call(definition: McpDefinition, input: Record<string, unknown>, options: CallOptions): Promise<Answer>;
  /** Ends it as soon as no call is under way. */
  retire(): void;
  /** Ends it. Calls that are under way fail, for nobody would hear their answers. */
  end(): Promise<void>;
}

/** The platform's longest timer, about 24 days: the time of a call is the run's business. */
const noLimit = 2_147_483_647;

/** Connects. Rejects with whatever the way to the server throws, and once that has ended, as it does when the signal is aborted. */
export async function connect(server: McpServer, timeout: number, signal: AbortSignal): Promise<LiveClient> {
  const { SdkError, SdkErrorCode } = await import("@modelcontextprotocol/client");
  let timesChanged = 0;
  let underWay = 0;
  let isRetired = false;
  let ending: Promise<void> | undefined;
  const stopping = new AbortController();
  const { client, transport } = await greet(server, { timeout, signal }, () => {
    timesChanged += 1;
  });
  const ended = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  const end = (): Promise<void> => {
    stopping.abort(new SdkError(SdkErrorCode.ConnectionClosed, "Connection closed"));
    ending ??= endSession(transport).then(() => client.close().catch(() => {}));
    return ending;
  };
  const endIfIdle = (): void => {
    if (isRetired && underWay === 0) void end();
  };
  return {
    get timesChanged() {
      return timesChanged;
    },
    ended,
    listTools: async () => {
      // The client would say so on the standard output, which may be somebody's protocol.
      if (client.getServerCapabilities()?.tools === undefined) return [];
      const { tools } = await client
        .listTools(undefined, { timeout, cacheMode: "refresh" })
        .catch((error: unknown) => {
          const isEndless = error instanceof SdkError && error.code === SdkErrorCode.ListPaginationExceeded;
          throw isEndless ? endless(server.name) : error;
        });
      return tools.map(listedIn);
    },
    call: async (definition, input, { signal, onProgress }) => {
      // The protocol's client would say the same in words alone, and it would be taken for a call that may have happened.
      if (stopping.signal.aborted || client.transport === undefined)
        throw new SdkError(SdkErrorCode.NotConnected, "Not connected");
      underWay += 1;
      // Without its output schema: a result that doesn't fit it would be thrown away, though the call has happened.
      const { outputSchema: _, ...unchecked } = definition;
      const toolDefinition = unchecked as unknown as ServerTool;
      const parameters = { name: definition.name, arguments: input };
      const stopped = AbortSignal.any([signal, stopping.signal]);
      const options = { signal: stopped, onprogress: onProgress, timeout: noLimit, toolDefinition };
      try {
        return answerIn(await client.callTool(parameters, options));
      } finally {
        underWay -= 1;
        endIfIdle();
      }
    },
    retire: () => {
      isRetired = true;
      endIfIdle();
    },
    end,
  };
}

const mostPages = 64;

function endless(server: string): McpError {
  return new McpError(
    server,
    `The MCP server ${server} lists its tools on more than ${mostPages} pages, or never comes to an end: more are not read. Have it list them on fewer.`,
  );
}

/** Over HTTP the newest protocol is asked for first. A process would be started twice for that, and nearly all speak the one before. */
async function greet(
  server: McpServer,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
  onChanged: () => void,
): Promise<{ readonly client: Client; readonly transport: Transport }> {
  const { Client, UnsupportedProtocolVersionError } = await import("@modelcontextprotocol/client");
  const attempt = async (mode: "auto" | "legacy") => {
    const tools = { autoRefresh: false, debounceMs: 0, onChanged };
    const options = { listMaxPages: mostPages, versionNegotiation: { mode }, listChanged: { tools } };
    const client = new Client({ name: "lockstitch", version }, options);
    const transport = await createTransport(server);
    // Neither the client's probe nor a process that is starting heeds a signal.
    const stop = () => void transport.close().catch(() => {});
    signal.addEventListener("abort", stop);
    try {
      signal.throwIfAborted();
      await client.connect(transport, { timeout });
      signal.throwIfAborted();
      return { client, transport };
    } catch (error) {
      await transport.close().catch(() => {});
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };
  if ("url" in server) return attempt("auto");
  return attempt("legacy").catch((error: unknown) => {
    if (error instanceof UnsupportedProtocolVersionError) return attempt("auto");
    throw error;
  });
}

/** In milliseconds: a server over HTTP that keeps a session gets a moment to let go of it, not more. */
const farewell = 1_000;

async function endSession(transport: Transport): Promise<void> {
  if (transport.sessionId === undefined || !("terminateSession" in transport)) return;
  const { terminateSession } = transport as { terminateSession: () => Promise<void> };
  await within(
    farewell,
    terminateSession.call(transport).catch(() => {}),
  );
}
