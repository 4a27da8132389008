import { withoutSecrets } from "./secrets.js";
import type { McpServer } from "./server.js";
import { standInOf } from "./stand-in.js";

/** How a request failed: what may be done about it hangs on whether the server can have worked on it. */
export type Failure =
  /** The server answered with an error, or refused it: it was not done. */
  | "answered"
  /** Something answered that can't be understood, or stands before the server and does not know what became of it there. */
  | "unclear"
  /** The connection was lost: the server may have worked on it, and may not. */
  | "lost"
  /** It never came to the server, or the server did not take it. */
  | "not_sent";

export async function failureOf(error: unknown): Promise<Failure> {
  const { OAuthClientFlowError, ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } =
    await import("@modelcontextprotocol/client");
  if (error instanceof ProtocolError) return standInOf(error.data) ?? "answered";
  if (error instanceof OAuthClientFlowError || error instanceof UnauthorizedError) return "answered";
  // A proxy says 502, 503 or 504 of a connection that broke after the server had been asked, too.
  if (error instanceof SdkHttpError) return error.status >= 500 ? "unclear" : "answered";
  if (!(error instanceof SdkError)) return neverArrived.has(codeOf(error)) ? "not_sent" : "lost";
  switch (error.code) {
    case SdkErrorCode.NotConnected:
      return "not_sent";
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.SendFailed:
    case SdkErrorCode.RequestTimeout:
      return "lost";
    default:
      return "unclear";
  }
}

const neverArrived: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "EACCES",
]);

/** `fetch` says what happened in the cause of its error. */
export function codeOf(error: unknown): unknown {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  return code ?? (cause === undefined ? undefined : codeOf(cause));
}

/** An error in words that may be shown: with its status and cause, without secrets, and not longer than anybody reads. */
export function wordsOf(server: McpServer, error: unknown): string {
  const parts: string[] = [];
  for (let it = error; it instanceof Error && parts.length < 3; it = it.cause) parts.push(it.message);
  const { status } = (error ?? {}) as { readonly status?: unknown };
  const words = parts.length === 0 ? String(error) : parts.join(": ");
  return withoutSecrets(server, typeof status === "number" ? `HTTP ${status}: ${words}` : words).slice(
    0,
    500,
  );
}
