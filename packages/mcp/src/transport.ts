import type { StreamableHTTPClientTransport, Transport } from "@modelcontextprotocol/client";
import { sealAnswers } from "./sealed.js";
import { type HttpServer, type McpServer, type StdioServer, withoutSecrets } from "./server.js";

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
const lostStream: object = Object.freeze({ lost: true });

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

/** How a request failed: what may be done about it hangs on whether the server can have worked on it. */
export type Failure =
  /** The server answered with an error. */
  | "answered"
  /** It may have worked on it, and may not. */
  | "lost"
  /** It never came to the server, or the server did not take it. */
  | "not_sent";

export async function failureOf(error: unknown): Promise<Failure> {
  const { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } = await import(
    "@modelcontextprotocol/client"
  );
  if (error instanceof ProtocolError) return error.data === lostStream ? "lost" : "answered";
  // A server that was started again doesn't know its sessions any more: 404 by the specification, 400 by habit.
  if (error instanceof SdkHttpError) return [400, 404].includes(error.status) ? "not_sent" : "answered";
  if (error instanceof SdkError) {
    if (error.code === SdkErrorCode.NotConnected) return "not_sent";
    return error.code === SdkErrorCode.ConnectionClosed || error.code === SdkErrorCode.SendFailed
      ? "lost"
      : "answered";
  }
  return neverArrived.has(codeOf(error)) ? "not_sent" : "lost";
}

const neverArrived: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "EACCES",
]);

/** `fetch` says what happened in the cause of its error. */
function codeOf(error: unknown): unknown {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  return code ?? (cause === undefined ? undefined : codeOf(cause));
}

/** An error in words that may be shown: with its cause, without secrets, and not longer than anybody reads. */
export function wordsOf(server: McpServer, error: unknown): string {
  const parts: string[] = [];
  for (let it = error; it instanceof Error && parts.length < 3; it = it.cause) parts.push(it.message);
  const words = parts.length === 0 ? String(error) : parts.join(": ");
  return withoutSecrets(server, words).slice(0, 500);
}
