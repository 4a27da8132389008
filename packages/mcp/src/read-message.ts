import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/client";
import { isObject } from "./object.js";

export type ReadMessage =
  | { readonly message: JSONRPCMessage; readonly answers?: RequestId }
  /** `problem`: why an answer is none. */
  | { readonly problem: string; readonly answers: RequestId };

/**
 * What a server has said, as the protocol's client takes it. That client drops an answer that isn't of the right shape without a word,
 * and its request would wait until its time is up. `undefined`: nobody waits for it, or it is no message.
 */
export function readMessage(said: unknown, open: ReadonlySet<RequestId>): ReadMessage | undefined {
  if (!isObject(said)) return undefined;
  // Whether that is sound, the client says.
  if ("method" in said) return { message: said as JSONRPCMessage };
  const answers = answeredBy(said, open);
  if (answers === undefined) return undefined;
  const problem = problemOf(said);
  if (problem !== undefined) return { answers, problem: `its answer can't be understood, for ${problem}` };
  const outcome = isThere(said.error) ? { error: said.error } : { result: said.result };
  // Nothing else of it: the client refuses an answer with a word too many.
  return { answers, message: { jsonrpc: "2.0", id: answers, ...outcome } as JSONRPCMessage };
}

type Said = Readonly<Record<string, unknown>>;

/** A line of a log may look a little like an answer. */
function answeredBy(
  { jsonrpc, id, result, error }: Said,
  open: ReadonlySet<RequestId>,
): RequestId | undefined {
  const isOurs = jsonrpc === "2.0";
  if (isThere(id))
    return isOurs || result !== undefined || error !== undefined
      ? [...open].find((it) => it === id || String(it) === id)
      : undefined;
  return isOurs && isThere(error) && open.size === 1 ? [...open][0] : undefined;
}

function problemOf({ jsonrpc, id, result, error }: Said): string | undefined {
  const words = wordsIn(error);
  if (!isThere(id)) return `it names no request${words}`;
  if (jsonrpc !== "2.0") return `it is not of the protocol JSON-RPC 2.0${words}`;
  if (isThere(result) && isThere(error)) return `it has a result and an error${words}`;
  if (!isThere(error)) return isObject(result) ? undefined : "it has no result as the protocol has it";
  const isSound = isObject(error) && Number.isInteger(error.code) && typeof error.message === "string";
  return isSound ? undefined : `it has no error as the protocol has it${words}`;
}

/** Many a serialiser writes `null` for what is not there. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function wordsIn(error: unknown): string {
  const words = isObject(error) ? error.message : error;
  return typeof words === "string" ? `: ${words}` : "";
}
