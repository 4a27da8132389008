import type { JSONRPCErrorResponse, RequestId } from "@modelcontextprotocol/client";

/** In the `data` of an error. They are known by themselves, so that no server can say the same. */
const marks: Readonly<Record<StandIn, object>> = Object.freeze({ lost: {}, unclear: {} });

type StandIn = "lost" | "unclear";

/** What a request gets that will get no answer: it would wait until its time is up. `words`: why there is none. */
export function standIn(id: RequestId, failure: StandIn, words: string): JSONRPCErrorResponse {
  return { jsonrpc: "2.0", id, error: { code: -32_000, message: words, data: marks[failure] } };
}

/** Which of them an error with this `data` is, if it is one. */
export function standInOf(data: unknown): StandIn | undefined {
  return (Object.keys(marks) as StandIn[]).find((it) => marks[it] === data);
}
