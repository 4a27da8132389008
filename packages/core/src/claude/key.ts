import Anthropic from "@anthropic-ai/sdk";
import { AgentError, errorName, KeyError, messageOf } from "../errors.js";

/** An API key, or where to get it: a function is asked before each attempt, so that a key may change while runs go on. */
export type Key = string | (() => string | Promise<string>);

/** Throws `AgentError` for what can be no key. */
export function checkKey(key: Key | undefined): void {
  if (key === undefined || typeof key === "function") return;
  if (typeof key !== "string" || key.trim() === "")
    throw new AgentError(
      "options.key must be an API key or a function that gives one, e.g. keyFile(path). Leave it out for ANTHROPIC_API_KEY.",
    );
  sendable(key);
}

/**
 * A client with this key, or with what the environment has. Without its log: the SDK writes the raw text of malformed events there,
 * which is the conversation.
 */
export function createClient(key: Key | undefined): Anthropic {
  const apiKey = typeof key === "function" ? () => askFor(key) : key === undefined ? key : sendable(key);
  const client = new Anthropic({
    maxRetries: 0,
    openTelemetry: false,
    logLevel: "off",
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  for (const found of [client.apiKey, client.authToken]) if (found !== null) sendable(found);
  return client;
}

async function askFor(key: () => string | Promise<string>): Promise<string> {
  let given: unknown;
  try {
    given = await key();
  } catch (error) {
    if (error instanceof KeyError) throw error;
    // Not its words: what a vault's client says of a request may hold what the request held.
    throw new KeyError(`The key function threw ${errorName(error)}; its cause tells more.`, { cause: error });
  }
  if (typeof given !== "string")
    throw new KeyError(`The key function gave ${given === null ? "null" : typeof given}, and no text.`);
  return sendable(given);
}

/** The platform's own error for a header that it refuses quotes the header, and with it the key. */
function sendable(given: string): string {
  const key = given.trim();
  if (key === "") throw new KeyError("The key is empty.");
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new KeyError(
      "The key holds a character that no key has, such as a space, a line break or a typographic sign. Copy it again.",
    );
  return key;
}

/** What is wrong with the key, where that is what an attempt failed with. */
export function keyErrorIn(error: unknown): KeyError | undefined {
  if (error instanceof KeyError) return error;
  const { cause } = error instanceof Error ? error : {};
  if (cause instanceof KeyError) return cause;
  // A client that was made elsewhere, with a key that can't be sent. Without the cause, which quotes it.
  return error instanceof TypeError && messageOf(error).includes("is an invalid header value")
    ? new KeyError("A header of the client can't be sent: its key or another header holds a line break.")
    : undefined;
}
