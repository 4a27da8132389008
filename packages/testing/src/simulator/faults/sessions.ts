import type { RecordedRequest } from "../recorded-request.js";

/** Whether a request is of this session, by what any client can send; every request is where none is named. */
export function isOfSession(session: string | undefined, { headers, body }: RecordedRequest): boolean {
  if (session === undefined || headers["x-session-id"] === session) return true;
  const metadata: unknown = isObject(body) ? Reflect.get(body, "metadata") : undefined;
  return isObject(metadata) && Reflect.get(metadata, "user_id") === session;
}

/** The number of a request among those of a session, or among all where none is named. */
type NumberIn = (session: string | undefined) => number | undefined;

/** Numbers the requests of each of these sessions from 1. Requests without a number of their own have none there either. */
export function numberSessions(
  sessions: readonly string[],
): (request: RecordedRequest, number: number | undefined) => NumberIn {
  const counts = new Map(sessions.map((session) => [session, 0]));
  return (request, number) => {
    if (number === undefined) return () => undefined;
    for (const [session, count] of counts) if (isOfSession(session, request)) counts.set(session, count + 1);
    const numbers = new Map(counts);
    return (session) => (session === undefined ? number : numbers.get(session));
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
