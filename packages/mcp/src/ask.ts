import {
  type Agent,
  messageOf,
  type Result,
  type RunOptions,
  resume,
  run,
  type Store,
} from "@lockstitch/core";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { progressWords } from "./progress-words.js";

/** What a client asks. */
export interface Question {
  readonly input?: string;
  readonly session?: string;
}

export interface AskCall {
  readonly signal: AbortSignal;
  readonly progress: (count: number, message: string) => void;
}

export type Ask = (question: Question, call: AskCall) => Promise<CallToolResult>;

/**
 * Begins the ids of sessions that were begun here. A client may go on with no other: the store may hold conversations that are none of
 * its business. What follows is random, so that nobody guesses another's.
 */
const prefix = "mcp-";

/** Runs the agent for a client, and says what came of it. Never rejects: what fails is an answer that says so. */
export async function ask(
  agent: Agent,
  options: Omit<RunOptions, "session" | "signal">,
  { input, session }: Question,
  { signal, progress }: AskCall,
): Promise<CallToolResult> {
  const { store, onEvent, environment } = options;
  let count = 0;
  const watched: RunOptions = {
    ...options,
    signal,
    onEvent: (event) => {
      const words = progressWords(event);
      if (words !== undefined) progress(++count, words);
      onEvent?.(event);
    },
  };
  try {
    if (store === undefined) return answerOf(await run(agent, input ?? "", watched), false);
    if (session === undefined) {
      const begun = `${prefix}${environment?.id() ?? crypto.randomUUID()}`;
      return answerOf(await run(agent, input ?? "", { ...watched, session: begun }), true);
    }
    if (!(await isOurs(store, session)))
      return failure(`There is no session ${JSON.stringify(session.slice(0, 100))}.`);
    const goesOn =
      input === undefined ? resume(agent, session, watched) : run(agent, input, { ...watched, session });
    return answerOf(await goesOn, true);
  } catch (error) {
    return failure(messageOf(error));
  }
}

async function isOurs(store: Store, session: string): Promise<boolean> {
  if (!/^[a-zA-Z0-9_-]{1,100}$/.test(session) || !session.startsWith(prefix)) return false;
  for await (const _ of store.read(session)) return true;
  return false;
}

/** The session stands in the text too: many a client shows its model nothing else. */
function answerOf(result: Result, canGoOn: boolean): CallToolResult {
  const { text, session } = result;
  const status = statusOf(result);
  const notes = [...(status === undefined ? [] : [status]), ...(canGoOn ? [`session: ${session}`] : [])];
  return {
    content: [
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
      ...(notes.length === 0 && text !== ""
        ? []
        : [{ type: "text" as const, text: `(${notes.join("; ")})` }]),
    ],
    structuredContent: {
      text,
      ...(canGoOn ? { session } : {}),
      ...(result.status === "ended" ? { reason: result.reason } : { reason: "waiting" }),
    },
  };
}

function statusOf(result: Result): string | undefined {
  if (result.status === "waiting") {
    const tools = result.approvals.map(({ tool }) => tool).join(", ");
    return `not done: a person must first allow ${tools}; then ask again with this session and no input`;
  }
  if (result.reason === "end_turn") return undefined;
  return `ended early: ${result.limit === undefined ? result.reason : `limit ${result.limit}`}`;
}

function failure(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
