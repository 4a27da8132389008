import type Anthropic from "@anthropic-ai/sdk";
import {
  type AgentEvent,
  APIError,
  BrokenStreamError,
  type Delta,
  LockstitchError,
  type ModelRequest,
  type Progress,
  partialOf,
} from "@lockstitch/core";
import { refuseMessageRequest } from "@lockstitch/testing";
import { apply, emptyState } from "../../src/pure/fold/apply.js";
import { progressOf } from "../../src/pure/to-result.js";
import { textsOf } from "./conversation.js";
import type { ToolRun } from "./tools.js";

/** Each check gives what is wrong, in words; nothing where all is well. */
type Problems = string[];

/** An error is of a class that tells the cause, says how often it was tried, and, once the log was read, how far the run had come. */
export function errorProblems(
  error: unknown,
  { wasRead, anyError }: { readonly wasRead: boolean; readonly anyError: boolean },
): Problems {
  const problems: Problems = [];
  const isOurs = error instanceof LockstitchError && typeof error.reason === "string";
  if (!anyError && !isOurs && !(error instanceof APIError))
    problems.push(`an untyped error: ${String(error)}`);
  if (error instanceof APIError || error instanceof BrokenStreamError) {
    const { attempts } = error as { attempts?: unknown };
    if (typeof attempts !== "number") problems.push(`no attempt count on ${String(error)}`);
  }
  const partial = partialOf(error);
  if (
    wasRead &&
    (!Array.isArray(partial?.messages) || partial.usage === undefined || typeof partial.steps !== "number")
  )
    problems.push(`no partial result of ${String(error)}`);
  return problems;
}

/** The API would take this request. */
export function requestProblems(request: ModelRequest): Problems {
  const why = refuseMessageRequest(JSON.parse(JSON.stringify({ ...request, stream: true })), {
    version: "2026-10-21",
    betas: [],
  });
  return why === undefined ? [] : [`an illegal request: ${why}`];
}

/** Whoever has this history can say one more thing and send it. */
export function historyProblems(
  messages: readonly Anthropic.MessageParam[],
  tools: Anthropic.ToolUnion[],
): Problems {
  const more: Anthropic.MessageParam = { role: "user", content: "One more thing." };
  const request = { model: "claude-sonnet-5-5", max_tokens: 100, tools, messages: [...messages, more] };
  return requestProblems(request).map((problem) => `the history left behind: ${problem}`);
}

/** A run came to what the log says, folded, up to its end. */
export function foldProblems(log: readonly AgentEvent[], progress: Progress): Problems {
  const end = log.findIndex(({ type }) => type === "run.end");
  const events = end < 0 ? log : log.slice(0, end + 1);
  const folded = progressOf(events.reduce(apply, emptyState(progress.session)));
  const parts = ["messages", "usage", "cost", "steps"] as const;
  return parts.flatMap((part) =>
    JSON.stringify(folded[part]) === JSON.stringify(progress[part])
      ? []
      : [`${part} are not what the log says`],
  );
}

/** A broken turn is withdrawn if anything of it was shown, and only then. */
export function restartProblems(events: readonly (AgentEvent | Delta)[]): Problems {
  const problems: Problems = [];
  let shown = false;
  let failed: { readonly shown: boolean; restarts: number } | undefined;
  for (const event of events) {
    if (event.type === "message.delta") shown = true;
    else if (event.type === "message.restart") {
      if (failed === undefined) problems.push("message.restart without a broken turn");
      else failed.restarts += 1;
    } else if ("seq" in event && failed !== undefined && event.type !== "input") {
      if (failed.restarts !== (failed.shown ? 1 : 0))
        problems.push(`${failed.restarts} times message.restart, shown: ${failed.shown}`);
      failed = undefined;
    }
    if (event.type === "model.start") shown = false;
    if (event.type === "model.end" && event.outcome !== "message") failed = { shown, restarts: 0 };
  }
  return problems;
}

/** What somebody said and the log took stands in the history, once. */
export function saidProblems(
  messages: readonly Anthropic.MessageParam[],
  texts: readonly string[],
): Problems {
  const said = messages.flatMap((message) => (message.role === "user" ? textsOf(message) : []));
  return texts.flatMap((text) => {
    const times = said.filter((other) => other === text).length;
    return times === 1 ? [] : [`${JSON.stringify(text)} stands ${times} times in the history`];
  });
}

/** Numbers without a gap; every call of the history answered exactly once; every run begun is ended before the next. */
export function logProblems(events: readonly AgentEvent[]): Problems {
  const problems: Problems = [];
  if (!events.every(({ seq }, index) => seq === index + 1)) problems.push("the log is not numbered 1, 2, 3");
  const answers = new Map<string, number>();
  for (const event of events) {
    if (event.type === "message" && event.stopReason !== "refusal")
      for (const id of callsOf(event.message)) answers.set(id, answers.get(id) ?? 0);
    if (event.type === "tool.end") answers.set(event.toolUseId, (answers.get(event.toolUseId) ?? -9) + 1);
  }
  for (const [id, times] of answers)
    if (times !== 1) problems.push(`${id} was answered ${times} times in the log`);
  if (events.filter(({ type }) => type === "session.start").length > 1)
    problems.push("the session began twice");
  return [...problems, ...endProblems(events)];
}

/** A run that could still commit has answered every call, and said that it has ended. */
export function endedProblems(events: readonly AgentEvent[]): Problems {
  const started = events.some(({ type }) => type === "run.start");
  const isOpen = started && !events.some(({ type }) => type === "run.end");
  return isOpen
    ? [...logProblems(events), "the log does not say that the run has ended"]
    : logProblems(events);
}

/** A run ends once, and not by itself while something that was said before waits to be heard. */
function endProblems(events: readonly AgentEvent[]): Problems {
  const problems: Problems = [];
  let open = false;
  let unheard = false;
  for (const event of events) {
    if (event.type === "input") unheard = true;
    if (event.type === "step.start") unheard = false;
    if (event.type === "run.start") open = true;
    if (event.type !== "run.end") continue;
    if (!open) problems.push("a run ended twice");
    if (unheard && !["aborted", "limit", "error"].includes(event.reason))
      problems.push("the run ended by itself, and did not hear what was said before");
    open = false;
  }
  return problems;
}

function callsOf({ content }: Anthropic.MessageParam): readonly string[] {
  if (typeof content === "string") return [];
  return content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
}

const ranOutcomes: readonly string[] = ["ok", "error", "timeout"];
const startedOutcomes: readonly string[] = [...ranOutcomes, "aborted", "unknown"];

/** A tool with effects runs once at most, after its start was committed; and the log says what became of it, truthfully. */
export function effectProblems(runs: readonly ToolRun[], events: readonly AgentEvent[]): Problems {
  const problems: Problems = [];
  const paid = new Set<string>();
  for (const { tool, toolUseId, committed } of runs) {
    if (tool !== "pay") continue;
    if (paid.has(toolUseId)) problems.push(`pay ran twice for ${toolUseId}`);
    if (!committed) problems.push(`pay ran for ${toolUseId} without a committed start`);
    paid.add(toolUseId);
  }
  const started = new Set<string>();
  for (const event of events) {
    if (event.type === "tool.start") started.add(event.toolUseId);
    if (event.type !== "tool.end") continue;
    if (started.has(event.toolUseId) !== startedOutcomes.includes(event.outcome))
      problems.push(
        `${event.toolUseId} ended with ${event.outcome}, started: ${started.has(event.toolUseId)}`,
      );
    if (event.name !== "pay") continue;
    const ran = paid.has(event.toolUseId);
    if (ran && event.outcome === "not_run")
      problems.push(`pay ran for ${event.toolUseId}, and the log denies it`);
    if (!ran && ranOutcomes.includes(event.outcome))
      problems.push(`the log says that pay ran for ${event.toolUseId}, and it did not`);
  }
  return problems;
}

/** Calls that have not ended and were never told to stop. */
export function runningProblems(runs: readonly ToolRun[]): Problems {
  return runs.flatMap(({ tool, toolUseId, signal, settled }) =>
    settled || signal.aborted ? [] : [`${tool} was left running for ${toolUseId}`],
  );
}
