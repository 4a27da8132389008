import type { IncomingHttpHeaders } from "node:http";
import type { Usage } from "@anthropic-ai/sdk/resources/messages";
import type { ErrorReply } from "./mind.js";

/** A request as the simulator saw it. */
export interface RecordedRequest {
  /** When it came, in milliseconds since the epoch, by the simulator's clock. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Lower-case names, without those that carry a secret. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The parsed body; absent while it is read, and for good if it was not JSON or too large. */
  readonly body?: unknown;
  /** Absent until the answer begins, and for good if the client left before, or a fault came before the headers. */
  readonly status?: number;
  /** What was wrong, if the answer was an error. */
  readonly error?: ErrorReply["error"];
  /** As answered; absent where there was no message. */
  readonly usage?: Usage;
  /** The fault that struck, by the name of its type, or by its status. */
  readonly fault?: string;
}

const secretHeaders = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "x-auth-token",
  "x-amz-security-token",
  "cf-access-client-secret",
]);

export function withoutSecrets(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !secretHeaders.has(name)) kept[name] = value;
  }
  return kept;
}
