import type Anthropic from "@anthropic-ai/sdk";
import type { AgentEvent, Result } from "@lockstitch/core";
import { findProblems } from "../chaos/checks.js";
import { refuseMessageRequest } from "../simulator/validate/validate.js";
import { isInputOf, unheard, withoutWords } from "./heard.js";
import type { Ledger, Problem } from "./ledger.js";
import type { Words } from "./person.js";

/** What a session came to. */
export interface Outcome {
  readonly result: Result;
  readonly log: readonly AgentEvent[];
}

/** What there is to judge a game by. */
export interface Evidence {
  readonly outcome: Outcome;
  readonly ledger: Ledger;
  readonly words: Words;
  /** How it ends uninterrupted. Default: as it did. */
  readonly healthy?: Outcome | undefined;
}

/** What is wrong with the end of a game, beside what its ledger noticed on the way. */
export function judge({ outcome, ledger, words, healthy = outcome }: Evidence): readonly Problem[] {
  return [
    ...ledger.problems,
    ...lostEvents(outcome, ledger),
    ...lostInputs(outcome, healthy, words),
    ...unheard(outcome, words.acknowledged),
    ...lostResults(outcome),
    ...effectsNotHad(outcome, ledger),
    ...illegal(outcome),
    ...different(outcome, healthy, words),
  ];
}

function lost(problem: string): Problem {
  return { kind: "lost", problem };
}

function lostEvents({ log }: Outcome, { acknowledged }: Ledger): readonly Problem[] {
  return [...acknowledged].flatMap(([seq, event]) => {
    const now = log[seq - 1];
    if (JSON.stringify(now) === JSON.stringify(event)) return [];
    return [
      lost(`event ${seq}, ${event.type}, was acknowledged, and the log has ${now?.type ?? "nothing"} there`),
    ];
  });
}

/** What was asked stands once, however often it was started. */
function lostInputs({ log }: Outcome, healthy: Outcome, { said }: Words): readonly Problem[] {
  const inputs = (events: readonly AgentEvent[]) =>
    events.filter((event) => event.type === "input" && !isInputOf(event, said)).length;
  return inputs(log) === inputs(healthy.log)
    ? []
    : [lost(`the log has ${inputs(log)} inputs, and ${inputs(healthy.log)} without a kill`)];
}

/** Each committed tool result stands in the final history, once and as it was. */
function lostResults({ log, result }: Outcome): readonly Problem[] {
  const results = result.messages.flatMap(resultsIn);
  return log.flatMap((event) => {
    if (event.type !== "tool.end") return [];
    const [found, ...more] = results.filter(({ tool_use_id }) => tool_use_id === event.toolUseId);
    const isThere =
      found !== undefined && JSON.stringify(found.content) === JSON.stringify(event.result.content);
    if (isThere && more.length === 0) return [];
    return [
      lost(`the committed result of ${event.name} (${event.toolUseId}) is not in the history as it was`),
    ];
  });
}

/** A call that is said to have gone well has been started. */
function effectsNotHad({ log }: Outcome, { started }: Ledger): readonly Problem[] {
  return log.flatMap((event) =>
    event.type === "tool.end" && event.outcome === "ok" && !started.has(event.toolUseId)
      ? [lost(`${event.name} (${event.toolUseId}) is said to have gone well, and never started`)]
      : [],
  );
}

function illegal({ log, result }: Outcome): readonly Problem[] {
  const body = {
    model: "m",
    max_tokens: 1,
    messages: [...result.messages, { role: "user", content: "Go on." }],
  };
  const refusal = refuseMessageRequest(body, { version: "2023-06-01", betas: [] });
  return [
    ...(refusal === undefined ? [] : [`the API would refuse the final history: ${refusal}`]),
    ...findProblems(log, [], []),
  ].map((problem) => ({ kind: "invalid_history", problem }));
}

/** The same seed comes to the same history, but for what a person said on the way; where an outcome is unknown, to the same up to there. */
function different(outcome: Outcome, healthy: Outcome, { said }: Words): readonly Problem[] {
  const problem = (words: string): Problem => ({ kind: "not_recovered", problem: words });
  const { result, log } = outcome;
  const [end, wanted] = [endOf(result), endOf(healthy.result)];
  if (end !== wanted) return [problem(`the session came to ${end}, and without a kill to ${wanted}`)];
  const unknown = new Set(
    log.flatMap((event) =>
      event.type === "tool.end" && event.outcome === "unknown" ? [event.toolUseId] : [],
    ),
  );
  const messages = withoutWords(result.messages, said);
  const from = messages.findIndex((message) =>
    resultsIn(message).some(({ tool_use_id }) => unknown.has(tool_use_id)),
  );
  const [told, whole] = [messages, withoutWords(healthy.result.messages, [])].map((history) =>
    history.slice(0, from < 0 ? undefined : from).map((message) => JSON.stringify(message)),
  ) as [string[], string[]];
  const length = Math.max(told.length, whole.length);
  const index = Array.from({ length }, (_, at) => at).find((at) => told[at] !== whole[at]);
  if (index === undefined) return [];
  return [
    problem(`message ${index + 1} of the history is ${told[index]}, and without a kill ${whole[index]}`),
  ];
}

function endOf(result: Result): string {
  return result.status === "ended" ? `the end "${result.reason}"` : "a wait";
}

function resultsIn({ content }: Anthropic.MessageParam): readonly Anthropic.ToolResultBlockParam[] {
  return typeof content === "string"
    ? []
    : content.flatMap((block) => (block.type === "tool_result" ? [block] : []));
}
