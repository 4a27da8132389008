import type { Client, Tool as ServerTool, Transport } from "@modelcontextprotocol/client";
import type { Listed, McpDefinition } from "./definition.js";
import { type Answer, answerIn, listedIn } from "./sealed.js";
import type { McpServer } from "./server.js";
import { createTransport } from "./transport.js";

interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: unknown) => void;
}

/** One connection to a server, from its greeting to its end. */
export interface LiveClient {
  /** The server said that its tools changed since they were listed. */
  readonly isStale: boolean;
  /** All pages. Nothing of a server that says it has none. */
  listTools(): Promise<readonly Listed[]>;
  call(definition: McpDefinition, input: Record<string, unknown>, options: CallOptions): Promise<Answer>;
  /** Ends it as soon as no call is under way. */
  retire(): void;
  end(): Promise<void>;
}

/** The platform's longest timer, about 24 days: the time of a call is the run's business. */
const noLimit = 2_147_483_647;

/** Connects. `onLost` is called when the connection ended, by whomever. Rejects with whatever the way to the server throws. */
export async function connect(server: McpServer, timeout: number, onLost: () => void): Promise<LiveClient> {
  let isStale = false;
  let underWay = 0;
  let isRetired = false;
  let ending: Promise<void> | undefined;
  const { client, transport } = await greet(server, timeout, () => {
    isStale = true;
  });
  client.onclose = onLost;
  const end = (): Promise<void> => {
    ending ??= endSession(transport).then(() => client.close().catch(() => {}));
    return ending;
  };
  const endIfIdle = (): void => {
    if (isRetired && underWay === 0) void end();
  };
  return {
    get isStale() {
      return isStale;
    },
    listTools: async () => {
      isStale = false;
      // The client would say so on the standard output, which may be somebody's protocol.
      if (client.getServerCapabilities()?.tools === undefined) return [];
      const { tools } = await client.listTools(undefined, { timeout, cacheMode: "refresh" });
      return tools.map(listedIn);
    },
    call: async (definition, input, { signal, onProgress }) => {
      underWay += 1;
      // Without its output schema: a result that doesn't fit it would be thrown away, though the call has happened.
      const { outputSchema: _, ...unchecked } = definition;
      const toolDefinition = unchecked as unknown as ServerTool;
      const parameters = { name: definition.name, arguments: input };
      const options = { signal, onprogress: onProgress, timeout: noLimit, toolDefinition };
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

/** Over HTTP the newest protocol is asked for first. A process would be started twice for that, and nearly all speak the one before. */
async function greet(
  server: McpServer,
  timeout: number,
  onChanged: () => void,
): Promise<{ readonly client: Client; readonly transport: Transport }> {
  const { Client, UnsupportedProtocolVersionError } = await import("@modelcontextprotocol/client");
  const attempt = async (mode: "auto" | "legacy") => {
    const tools = { autoRefresh: false, debounceMs: 0, onChanged };
    const options = { versionNegotiation: { mode }, listChanged: { tools } };
    const client = new Client({ name: "lockstitch", version: "0.1.0" }, options);
    const transport = await createTransport(server);
    await client.connect(transport, { timeout });
    return { client, transport };
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
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, farewell);
  });
  await Promise.race([terminateSession.call(transport).catch(() => {}), enough]);
  clearTimeout(timer);
}
