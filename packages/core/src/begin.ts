import type Anthropic from "@anthropic-ai/sdk";
import { checkHeld, checkHistory } from "./check-input.js";
import { AgentError, PrefixChangedError, SubagentSessionError } from "./errors.js";
import type { EventBody, System } from "./events.js";
import { prefixOf } from "./fingerprint.js";
import { refuses } from "./models/models.js";
import { waitsForPerson } from "./pure/calls/waiting.js";
import { hasFormat } from "./pure/conversation/citations.js";
import { hasUnansweredServerTool, isAnythingSaid } from "./pure/conversation/history.js";
import { maxImagesOf } from "./pure/conversation/size.js";
import { endStep } from "./pure/decide.js";
import { cacheSettings } from "./pure/request/cache-miss.js";
import { progressOf } from "./pure/to-result.js";
import type { State } from "./state.js";
import type { LiveRun } from "./step/live-run.js";
import { closeSubagents, denyBelow } from "./step/subagents/open-subagents.js";

type Messages = readonly Anthropic.MessageParam[];

/** What a caller wants of a session. */
export type Launch =
  | { readonly type: "start"; readonly messages: () => Messages }
  | { readonly type: "start_or_resume"; readonly messages: () => Messages }
  /** A subagent's: like `start_or_resume`, but a run that has ended is over, however it ended. */
  | { readonly type: "attach"; readonly messages: () => Messages; readonly parent: Parent }
  | { readonly type: "resume" };

/** The call that a subagent works for. */
interface Parent {
  readonly session: string;
  readonly toolUseId: string;
}

/** A launch whose input was looked at. */
export interface CheckedLaunch {
  readonly type: Launch["type"];
  readonly said: Messages;
  readonly parent?: Parent;
}

/** After these a session that is resumed goes on without new input; after any other it has come to its own end. */
const unfinished: readonly string[] = ["limit", "aborted", "error"];

/**
 * Commits the beginning of a run, or of going on with one. `"result"`: there is nothing to do, the last run's result stands.
 * Rejects with `PrefixChangedError` if the agent is not the session's own and the caller did not say to go on, with
 * `SubagentSessionError` for anybody but a subagent's parent, and with `AgentError` for what the API would refuse, or another subagent.
 */
export async function begin(
  live: LiveRun,
  { type, said, parent }: CheckedLaunch,
  ifPrefixChanged: "reject" | "continue",
): Promise<"drive" | "result"> {
  // Not by the log being empty: somebody may have posted into the session before its first run began.
  if (live.state.fingerprint === "") {
    checkHistory(live, said);
    await live.commit([...sessionStart(live, parent), runStart(live), ...input(said)]);
    return "drive";
  }
  if (parent !== undefined && !isSame(parent, live.state.parent))
    throw new AgentError(
      `A subagent's session would be called ${live.state.session}, and there is another one of that name. Give it another id: those of subagents are their parent's with a colon and the call's id.`,
    );
  if (parent !== undefined && live.agent.name !== live.state.agent)
    throw new AgentError(otherSubagent(live.state, live.agent.name));
  const { end } = live.state.run ?? {};
  if (type !== "start" && (resultStands(live.state) || (type === "attach" && end !== undefined)))
    return "result";
  // By itself it would do what its parent may not, and at nobody's expense.
  if (live.state.parent !== undefined && parent === undefined)
    throw new SubagentSessionError(live.state.session, live.state.parent.session);
  const isNewInput = type === "start";
  if (isNewInput) checkHistory(live, said);
  else checkHeld(live);
  // It was to stop when it died: its end is made up for, and what is said now begins another run.
  if (isNewInput && wasAborted(live.state)) {
    await closeSubagents(live);
    await live.commit(closing(live));
  }
  const { state } = live;
  const changed = prefixChange(live, ifPrefixChanged);
  const news = [...input(isNewInput ? said : []), ...changed.said];
  if (state.run === undefined || state.run.end !== undefined) {
    await live.commit([...changed.bodies, runStart(live), ...news]);
  } else {
    const resumed: EventBody = {
      type: "run.resume",
      owner: live.environment.id(),
      startedAt: live.environment.now(),
      ...settings(live),
      ...otherMaxImages(live),
    };
    // Before the words are taken: said again after a crash in between, they deny again.
    if (isNewInput) await denyBelow(live, userMovedOn);
    await live.commit([resumed, ...(isNewInput ? movedOn(live) : []), ...changed.bodies, ...news]);
  }
  return "drive";
}

/** The one before would be given another's task, or its answer taken for another's. */
function otherSubagent({ session, agent }: State, name: string): string {
  return (
    `The session ${session} is of the agent ${agent}, and this call.run() goes on with it, but with ${name}. The nth call.run() of a tool call ` +
    "finds its nth subagent, so run the agents in the same order whenever the tool's function runs again; where the agent was only given another name, give it the old one."
  );
}

/** The last run came to its own end, and nothing was said since: resumed, the session gives the same result again. */
export function resultStands(state: State): boolean {
  const { end } = state.run ?? {};
  return end !== undefined && (isAnswered(state) || !unfinished.includes(end.reason));
}

/** The last reply was the conversation's own end, and nothing was said since: an abort or an error after it left nothing to ask. */
function isAnswered({ run, inbox, step }: State): boolean {
  return run?.goesOn === false && !isAnythingSaid(inbox) && step === undefined;
}

function wasAborted({ run }: State): boolean {
  return run?.end === undefined && run?.abortedBy !== undefined;
}

function sessionStart({ agent }: LiveRun, parent: Parent | undefined): readonly EventBody[] {
  return [
    {
      type: "session.start",
      agent: agent.name,
      ...prefixOf(agent),
      ...(parent === undefined ? {} : { parent }),
    },
  ];
}

function runStart(live: LiveRun): EventBody {
  const { agent, environment } = live;
  // A log is JSON, which has no Infinity: a limit that is none is left out.
  const limits = Object.fromEntries(Object.entries(agent.limits).filter(([, value]) => value !== Infinity));
  const { model } = agent;
  return {
    type: "run.start",
    model,
    limits,
    startedAt: environment.now(),
    ...settings(live),
    ...ownMaxImages(live),
  };
}

/** Written down where a catalogue of the caller's own says otherwise than ours: the fold knows no other. */
function ownMaxImages({ agent: { model, catalogue } }: LiveRun): { readonly maxImages?: number } {
  const maxImages = maxImagesOf(model, catalogue);
  return maxImages === maxImagesOf(model) ? {} : { maxImages };
}

/** Of another model than the run was begun with: what its calls still bring in must fit that one's requests. */
function otherMaxImages({ agent, state }: LiveRun): { readonly maxImages?: number } {
  const maxImages = maxImagesOf(agent.model, agent.catalogue);
  return maxImages === state.run?.maxImages ? {} : { maxImages };
}

/** What of a run's requests its log tells, so that it is known without the agent. */
function settings({ agent }: LiveRun): { readonly settings?: string; readonly hasFormat?: true } {
  const name = cacheSettings(agent.request);
  return {
    ...(name === undefined ? {} : { settings: name }),
    ...(hasFormat(agent.request) ? { hasFormat: true } : {}),
  };
}

function closing({ state, agent }: LiveRun): readonly EventBody[] {
  const { steps, usage, cost } = progressOf(state);
  const answers = state.step === undefined ? [] : endStep(state.step, agent.tools).bodies;
  return [...answers, { type: "run.end", reason: "aborted", steps, usage, cost }];
}

function input(messages: Messages): readonly EventBody[] {
  return messages.length === 0 ? [] : [{ type: "input", messages }];
}

const userMovedOn = "the user moved on";

/** Whoever says something new, instead of answering, has said no to the calls that wait for a person. */
function movedOn({ state }: LiveRun): readonly EventBody[] {
  return (state.step?.calls ?? []).filter(waitsForPerson).map(({ toolUseId }) => ({
    type: "approval.response",
    toolUseId,
    approved: false,
    reason: userMovedOn,
  }));
}

/**
 * What a changed agent needs so that its session stays one the API accepts: another system prompt is said in a system message;
 * other tools begin a new segment, in which no thinking is left that was bound to the old one.
 */
function prefixChange(
  live: LiveRun,
  ifPrefixChanged: "reject" | "continue",
): { readonly bodies: readonly EventBody[]; readonly said: readonly EventBody[] } {
  const { agent, state } = live;
  const { saidSystem } = state;
  const sameSystem =
    saidSystem === undefined
      ? json(state.system) === json(agent.system)
      : json(saidSystem) === json(inWords(agent.system));
  const sameTools = json(state.tools) === json(agent.definitions);
  if (sameSystem && sameTools) return { bodies: [], said: [] };
  if (ifPrefixChanged === "reject") throw new PrefixChangedError(state.session);
  if (!sameTools && hasUnansweredServerTool(state.messages))
    throw new AgentError(
      `In session ${state.session} a tool of the API's own, e.g. code that waits for the results of its calls, is still at work, and until it is done the API takes no other tools. Go on with the agent's former tools first, or begin another session.`,
    );
  // Some models refuse a system message in mid-conversation, and it would stand in the history for good.
  const isTaken = !refuses(agent.model, "system_message", agent.catalogue);
  const say: EventBody = {
    type: "input",
    purpose: "system",
    messages: [{ role: "system", content: inWords(agent.system) }],
  };
  if (sameTools && isTaken) return { bodies: [], said: [say] };
  const segment: EventBody = {
    type: "compaction",
    summary: "",
    kept: state.messages.length,
    ...prefixOf(agent),
  };
  // What was said before stays in the history, and would contradict the new one from behind.
  const isContradicted = saidSystem !== undefined && !sameSystem && isTaken;
  return { bodies: [segment], said: isContradicted ? [say] : [] };
}

function inWords(system: System | undefined): string | Anthropic.TextBlockParam[] {
  if (system === undefined) return "The instructions given before no longer hold.";
  return typeof system === "string" ? system : [...system];
}

function json(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function isSame(parent: Parent, other: Parent | undefined): boolean {
  return parent.session === other?.session && parent.toolUseId === other.toolUseId;
}
