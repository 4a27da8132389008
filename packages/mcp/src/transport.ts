import type { StreamableHTTPClientTransport, Transport } from "@modelcontextprotocol/client";
import { sealAnswers } from "./sealed.js";
import type { HttpServer, McpServer, StdioServer } from "./server.js";

/** A way to the server, not opened yet. The protocol's code is loaded here, by those who use it. */
export async function createTransport(server: McpServer): Promise<Transport> {
  const transport = await ("url" in server ? overHttp(server) : overStdio(server));
  sealAnswers(transport);
  return transport;
}

async function overStdio({ command, args, env, folder, onStderr }: StdioServer): Promise<Transport> {
  const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
  const transport = new StdioClientTransport({
    command,
    ...(args === undefined ? {} : { args: [...args] }),
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(folder === undefined ? {} : { cwd: folder }),
    // By default it would be written to this process's own.
    stderr: onStderr === undefined ? "ignore" : "pipe",
  });
  if (onStderr !== undefined) transport.stderr?.on("data", (bytes: Uint8Array) => tell(onStderr, bytes));
  return transport;
}

function tell(listener: (text: string) => void, bytes: Uint8Array): void {
  try {
    listener(new TextDecoder().decode(bytes));
  } catch {
    // A listener must not take the connection down.
  }
}

async function overHttp({ url, headers }: HttpServer): Promise<Transport> {
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
  });
  answerWhatIsLost(transport);
  return transport;
}

/** In the `data` of the error that a request gets whose stream ended without an answer. */
export const lostStream: object = Object.freeze({ lost: true });

/** When the stream that should bring an answer breaks off, its request would otherwise wait for its time to be up. */
function answerWhatIsLost(transport: StreamableHTTPClientTransport): void {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const id = !Array.isArray(message) && "method" in message && "id" in message ? message.id : undefined;
    if (id === undefined) return send(message, options);
    const onRequestStreamEnd = () => {
      options?.onRequestStreamEnd?.();
      const error = { code: -32_000, message: "The stream ended without an answer", data: lostStream };
      transport.onmessage?.({ jsonrpc: "2.0", id, error });
    };
    return send(message, { ...options, onRequestStreamEnd });
  };
}
