import type { AgentEvent, EventBody, ModelRequest, State } from "@lockstitch/core";
import { type Difference, partDifference } from "../compare.js";
import { expectedAndGot, inWords } from "../difference-words.js";
import { normalRequest } from "../normal-form.js";
import { callNames, describe, eventDifference, nameOf, verdictOf } from "./event-words.js";

/** A place in which an agent does something else than its log says. */
export interface Departure {
  /** In what it asks the model, in whether a call may run, or in what it does. */
  readonly kind: "request" | "verdict" | "event";
  /** `"model"`, `"system"`, `"tools"`, `"messages"`, or the type of the event. */
  readonly part: string;
  /** Counted from 1; `step` is 0 before a run's first. */
  readonly run: number;
  readonly step: number;
  /** Of the event in the log, where it has one. */
  readonly seq: number | undefined;
  /** All of it in words: where, what was expected, what came. */
  readonly words: string;
}

/** What was found so far; of what repeats itself in every request, the first. */
export interface Departures {
  readonly found: readonly Departure[];
  readonly runs: number;
  readonly steps: number;
  readonly toolCalls: number;
  /**
   * Compares a request with the one that the log's own state would make.
   * @param maxTokens what its reply might have come to, where the log tells
   */
  request(expected: State, start: LoggedStart, maxTokens: number | undefined, got: ModelRequest): void;
  /** Compares an event with its own in the log. False where the replay can't go on after it. */
  event(expected: AgentEvent, got: EventBody): boolean;
  /** The agent would now be shown more of a result than the log holds. */
  cutResult(expected: AgentEvent, then: number, now: number): void;
  /** The log goes on with `expected`, and the agent with something else. */
  leave(expected: AgentEvent | undefined, got: EventBody | string | undefined): void;
}

type LoggedStart = Extract<AgentEvent, { type: "model.start" }>;

const parts = ["model", "system", "tools", "messages"] as const;

export function createDepartures(events: readonly AgentEvent[]): Departures {
  const names = callNames(events);
  const found: Departure[] = [];
  let [runs, steps, toolCalls, step] = [0, 0, 0, 0];

  const add = (kind: Departure["kind"], part: string, seq: number | undefined, words: string): void => {
    if (found.some((other) => other.kind === kind && other.part === part)) return;
    found.push({
      kind,
      part,
      run: runs,
      step,
      seq,
      words: `run ${runs}${step === 0 ? "" : `, step ${step}`}: ${words}`,
    });
  };
  const count = (body: EventBody): void => {
    if (body.type === "run.start") [runs, step] = [runs + 1, 0];
    if (body.type === "step.start") [steps, step] = [steps + 1, body.step];
    if (body.type === "tool.end") toolCalls += 1;
  };

  return {
    found,
    get runs() {
      return runs;
    },
    get steps() {
      return steps;
    },
    get toolCalls() {
      return toolCalls;
    },
    request(state, { model, seq }, maxTokens, request) {
      const expected = normalRequest(requestOf(state, model, maxTokens));
      const got = normalRequest(request);
      for (const part of maxTokens === undefined ? parts : ([...parts, "max_tokens"] as const)) {
        const found = partDifference(part, expected[part], got[part]);
        if (found !== undefined) add("request", part, seq, inWords(found, expected, got));
      }
    },
    event(expected, got) {
      count(expected);
      const difference = eventDifference(expected, got);
      if (difference === undefined) return true;
      if (expected.type === "tool.check" && got.type === "tool.check") {
        const of = `the call of ${nameOf(expected.toolUseId, names)}`;
        add(
          "verdict",
          "tool.check",
          expected.seq,
          `${of}: expected ${verdictOf(expected)}, got ${verdictOf(got)}`,
        );
        return expected.verdict === got.verdict;
      }
      add("event", expected.type, expected.seq, wordsOf(describe(expected, names), difference));
      return true;
    },
    cutResult(expected, then, now) {
      const what = describe(expected, names);
      add(
        "event",
        expected.type,
        expected.seq,
        `${what} was cut at ${then} characters, and would be at ${now}`,
      );
    },
    leave(expected, got) {
      const came = typeof got === "string" ? got : describe(got, names);
      add(
        "event",
        expected?.type ?? "end",
        expected?.seq,
        `expected ${describe(expected, names)}, got ${came}`,
      );
    },
  };
}

/** What of a request stands in a log. */
function requestOf(
  { system, tools, messages }: State,
  model: string,
  maxTokens: number | undefined,
): Partial<ModelRequest> {
  const request = {
    model,
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(system === undefined ? {} : { system }),
    ...(tools.length === 0 ? {} : { tools }),
    messages,
  };
  return request as Partial<ModelRequest>;
}

function wordsOf(event: string, { path, expected, got }: Difference): string {
  return `${[event, path.join(".")].join(", ")}: ${expectedAndGot(expected, got)}`;
}
