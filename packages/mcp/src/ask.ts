import {
  type Agent,
  type Result,
  type RunOptions,
  resume,
  run,
  SessionRunningError,
  type Store,
} from "@lockstitch/core";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { type FailurePlace, wordsForClient } from "./owner.js";
import { progressWords } from "./progress-words.js";

/** Whom a client asks. */
export interface Asked {
  readonly agent: Agent;
  readonly options: Omit<RunOptions, "session" | "signal">;
  /** Tells the owner what failed. Must not throw. */
  readonly tell: (error: unknown, place: FailurePlace) => void;
}

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
  { agent, options, tell }: Asked,
  question: Question,
  call: AskCall,
): Promise<CallToolResult> {
  if (saysNothing(question)) return failure("The input is empty. Say what the agent should do.");
  const { store, environment } = options;
  const { input } = question;
  let { session } = question;
  const watched = watch(options, call);
  try {
    if (store === undefined) return answerOf(await run(agent, input ?? "", watched), false);
    if (session === undefined) session = `${prefix}${environment?.id() ?? crypto.randomUUID()}`;
    else if (!(await isOurs(store, session)))
      return failure(`There is no session ${JSON.stringify(session.slice(0, 100))}.`);
    const goesOn =
      input === undefined ? resume(agent, session, watched) : run(agent, input, { ...watched, session });
    return answerOf(await goesOn, true);
  } catch (error) {
    // The client's own doing, as often as it likes.
    if (!(error instanceof SessionRunningError)) tell(error, session === undefined ? {} : { session });
    return failure(wordsForClient(error));
  }
}

/** Without an input, a session is gone on with where it was waiting. */
function saysNothing({ input, session }: Question): boolean {
  return input === undefined ? session === undefined : input.trim() === "";
}

function watch(options: Asked["options"], { signal, progress }: AskCall): RunOptions {
  let count = 0;
  return {
    ...options,
    signal,
    onEvent: (event) => {
      const words = progressWords(event);
      if (words !== undefined) progress(++count, words);
      // An async listener's promise: the run looks after it, so that its fault doesn't end the process.
      return options.onEvent?.(event);
    },
  };
}

async function isOurs(store: Store, session: string): Promise<boolean> {
  if (!/^[a-zA-Z0-9_-]{1,100}$/.test(session) || !session.startsWith(prefix)) return false;
  for await (const _ of store.read(session)) return true;
  return false;
}

/** The session stands in the text too: many a client shows its model nothing else. */
function answerOf(result: Result, canGoOn: boolean): CallToolResult {
  const { text, session } = result;
  const status = statusOf(result, canGoOn) ?? (text === "" ? "no words" : undefined);
  const notes = [...(status === undefined ? [] : [status]), ...(canGoOn ? [`session: ${session}`] : [])];
  const texts = [text, notes.length === 0 ? "" : `(${notes.join("; ")})`];
  return {
    content: texts.filter((words) => words !== "").map((words) => ({ type: "text", text: words })),
    structuredContent: {
      text,
      ...(canGoOn ? { session } : {}),
      ...(result.status === "ended" ? { reason: result.reason } : { reason: "waiting" }),
    },
  };
}

function statusOf(result: Result, canGoOn: boolean): string | undefined {
  if (result.status === "waiting") {
    const tools = result.approvals.map(({ tool }) => tool).join(", ");
    return canGoOn
      ? `not done: a person must first allow ${tools}; then ask again with this session and no input`
      : `not done: a person would have to allow ${tools}, and nobody can allow it here`;
  }
  if (result.reason === "end_turn") return undefined;
  return `ended early: ${result.limit === undefined ? result.reason : `limit ${result.limit}`}`;
}

function failure(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
