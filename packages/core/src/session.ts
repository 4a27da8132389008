import type Anthropic from "@anthropic-ai/sdk";
import { checkInput } from "./check-input.js";
import { defaultRetry } from "./claude/retry.js";
import { type Environment, realEnvironment } from "./environment.js";
import {
  AgentError,
  AlreadyPostedError,
  ApprovalError,
  NoSessionError,
  SessionEndedError,
  SessionRunningError,
  StoreBusyError,
  StoreError,
} from "./errors.js";
import type { Input } from "./input.js";
import { drive } from "./loop.js";
import { prepareAgent } from "./prepare-agent.js";
import { waitsForPerson } from "./pure/calls/waiting.js";
import { approvalsOf } from "./pure/to-result.js";
import type { ApprovalAnswer } from "./run-handle.js";
import type { State } from "./state.js";
import { stateOf } from "./state-of.js";
import { createLiveRun } from "./step/live-run.js";
import type { Subagents } from "./step/subagents/subagents.js";
import { createStopping } from "./stopping.js";
import type { Store } from "./store/store.js";
import { toMessages } from "./to-messages.js";

/** A session that has a run which has not ended, and was not told to. Rejects with `NoSessionError` or `SessionEndedError` otherwise. */
async function openState(store: Store, session: string): Promise<State> {
  const state = await stateOf(store, session);
  if (state.seq === 0) throw new NoSessionError(session);
  const { run } = state;
  if (run === undefined || run.end !== undefined || run.abortedBy !== undefined)
    throw new SessionEndedError(session);
  return state;
}

/**
 * Says something to a session whose run has not ended: taken up at its next step, or when it is resumed. Never lost, never in a wrong
 * place of the history. Rejects with `SessionEndedError` where nobody is there to hear it.
 */
export async function steer(store: Store, session: string, input: Input): Promise<void> {
  const messages = toMessages(input);
  if (!messages.every(isSaid))
    throw new AgentError("Only what a person says can be said to a running agent: text, images, documents.");
  await inTurn(store, session, async () => {
    checkInput(await openState(store, session), messages);
    await store.post(session, [{ type: "input", messages }]);
  });
}

const turns = new WeakMap<Store, Map<string, Promise<void>>>();

/** One at a time: what is said in a row is heard in that order, however long each look at the session takes. */
async function inTurn(store: Store, session: string, work: () => Promise<void>): Promise<void> {
  const sessions = turns.get(store) ?? new Map<string, Promise<void>>();
  turns.set(store, sessions);
  const mine = (sessions.get(session) ?? Promise.resolve()).then(work);
  const over = mine.catch(() => {});
  sessions.set(session, over);
  await mine.finally(() => {
    if (sessions.get(session) === over) sessions.delete(session);
  });
}

/** Answers to tool calls, and words put into the assistant's mouth, would break the history that is being made. */
function isSaid({ role, content }: Anthropic.MessageParam): boolean {
  return (
    role === "user" && (typeof content === "string" || content.every(({ type }) => type !== "tool_result"))
  );
}

/**
 * Answers a call that waits for a person, from this process or another. The answer holds for this very call, with the input that
 * stands in the log, and is taken once. Rejects with `ApprovalError` for a call that is not waiting or was answered before,
 * with `SessionEndedError` after the run's end.
 */
export async function approve(
  store: Store,
  session: string,
  toolUseId: string,
  answer: ApprovalAnswer,
): Promise<void> {
  const { approved, reason } = checkAnswer(answer);
  const state = await openState(store, session);
  const call = state.step?.calls.find((it) => it.toolUseId === toolUseId);
  if (call === undefined || !waitsForPerson(call)) throw new ApprovalError(notWaiting(state, toolUseId));
  const response = {
    type: "approval.response" as const,
    toolUseId,
    approved,
    ...(reason === undefined ? {} : { reason }),
  };
  try {
    await store.post(session, [response], { key: `approval:${toolUseId}:${call.askedAt}` });
  } catch (error) {
    if (!(error instanceof AlreadyPostedError)) throw error;
    throw new ApprovalError(
      `The call ${toolUseId} of session ${session} was answered already; the first answer stands.`,
      { cause: error },
    );
  }
}

/** Fails closed: an answer that came in from outside as `"no"` or `{}` must not run a tool. */
function checkAnswer(answer: unknown): ApprovalAnswer {
  const { approved, reason } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof approved !== "boolean" || (reason !== undefined && typeof reason !== "string"))
    throw new AgentError(
      "An answer to an approval is { approved: true } or { approved: false, reason }, with a boolean and a string.",
    );
  return { approved, ...(reason === undefined ? {} : { reason }) };
}

function notWaiting(state: State, toolUseId: string): string {
  const waiting = approvalsOf(state.session, state.step?.calls ?? []).map((call) =>
    call.session === state.session ? call.toolUseId : `${call.toolUseId} of session ${call.session}`,
  );
  const others = waiting.length === 0 ? "No call is." : `These are: ${waiting.join(", ")}.`;
  return `The call ${toolUseId} of session ${state.session} is not waiting for an answer. ${others}`;
}

/**
 * Stops a session's run from outside. One that is being driven stops within moments; one that waits or crashed is closed here:
 * its calls are answered truthfully, and it ends. One that has ended is left as it is.
 */
export async function abort(
  store: Store,
  session: string,
  options: { readonly environment?: Environment } = {},
): Promise<void> {
  const state = await stateOf(store, session);
  if (state.seq === 0) throw new NoSessionError(session);
  if (state.run === undefined || state.run.end !== undefined) return;
  await store.post(session, [{ type: "run.abort", by: "outside" }]);
  await closeIfFree(store, session, options.environment ?? realEnvironment);
}

/** Whoever drives the session will end it; where nobody does, this does. An aborted run asks no model and runs no tool. */
async function closeIfFree(store: Store, session: string, environment: Environment): Promise<void> {
  try {
    const log = await store.open(session, environment.id());
    const stopping = createStopping();
    const parts = {
      agent: prepareAgent({}),
      claude: askedForNothing,
      retry: defaultRetry,
      environment,
      signal: stopping.signal,
      stop: stopping.stop,
      subagents: { depth: 0, run: askedForNothing, ...subagentSessions(store, environment) },
    };
    try {
      const live = await createLiveRun(parts, session, log, () => {});
      if (live.state.run?.end === undefined) await drive(live, stopping);
    } finally {
      await log.close();
    }
  } catch (error) {
    if (!(error instanceof SessionRunningError) && !(error instanceof StoreBusyError)) throw error;
  }
}

/** What a run may do to the sessions of its subagents, beside running them. */
export function subagentSessions(store: Store, environment: Environment): Omit<Subagents, "depth" | "run"> {
  return {
    stateOf: (session) => stateOf(store, session),
    async close(session) {
      // Its process may have died before it began.
      if ((await stateOf(store, session)).seq > 0) await abort(store, session, { environment });
    },
    async deny({ session, toolUseId }, reason) {
      try {
        await approve(store, session, toolUseId, { approved: false, reason });
      } catch (error) {
        if (!(error instanceof ApprovalError) && !(error instanceof SessionEndedError)) throw error;
      }
    },
  };
}

function askedForNothing(): never {
  throw new StoreError("An aborted session asked for a model.");
}
