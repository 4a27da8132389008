import type { AgentEvent, Effects as EffectsKind } from "@lockstitch/core";
import type { CrashFinding } from "./report.js";
import type { CrashFound } from "./subject.js";
import type { Question } from "./words.js";

interface Started {
  readonly toolUseId: string;
  readonly name: string;
  readonly effects: EffectsKind;
  times: number;
}

interface Performed {
  readonly toolUseId: string;
  readonly idempotencyKey: string;
  readonly value: unknown;
}

export type Problem = Pick<CrashFinding, "kind" | "problem">;

/** What one game is known to have done, whatever became of the processes that did it. */
export interface Ledger {
  /** By `seq`, as they were acknowledged first. */
  readonly acknowledged: ReadonlyMap<number, AgentEvent>;
  readonly started: ReadonlyMap<string, Started>;
  readonly performed: readonly Performed[];
  readonly problems: readonly Problem[];
  commit(events: readonly AgentEvent[]): void;
  /** Does what a tool asks of the world, and gives the answer. */
  answer(question: Question): unknown;
}

export function createLedger(): Ledger {
  const acknowledged = new Map<number, AgentEvent>();
  const started = new Map<string, Started>();
  const performed: Performed[] = [];
  const problems: Problem[] = [];
  const repeated = (problem: string) => problems.push({ kind: "effect_repeated", problem });

  const mayRunAgain = (toolUseId: string): boolean =>
    [...acknowledged.values()].some(
      (event) =>
        event.type === "tool.check" && event.toolUseId === toolUseId && event.rule === "unknown_outcome",
    );

  const start = (question: Extract<Question, { type: "start" }>): void => {
    const { toolUseId, name, effects, reconciles } = question;
    const known = started.get(toolUseId) ?? { toolUseId, name, effects, times: 0 };
    known.times += 1;
    started.set(toolUseId, known);
    if (effects === "none") return;
    const isCommitted = [...acknowledged.values()].some(
      (event) => event.type === "tool.start" && event.toolUseId === toolUseId,
    );
    if (!isCommitted)
      repeated(`${name} (${toolUseId}) started before that was committed: a crash would repeat it`);
    if (effects === "once" && known.times > 1 && !reconciles && !mayRunAgain(toolUseId))
      repeated(`${name} (${toolUseId}), which must happen once, started ${known.times} times`);
  };

  const perform = ({ toolUseId, idempotencyKey, value }: Performed): unknown => {
    const { effects = "once", name = "a tool" } = started.get(toolUseId) ?? {};
    const before = performed.filter((other) => other.toolUseId === toolUseId);
    const same = before.find((other) => other.idempotencyKey === idempotencyKey);
    if (effects === "idempotent" && same !== undefined) return same.value;
    performed.push({ toolUseId, idempotencyKey, value });
    if (effects === "none" || before.length === 0) return value;
    repeated(
      effects === "idempotent"
        ? `${name} (${toolUseId}) had its effect under another idempotency key than before`
        : `${name} (${toolUseId}), which must happen once, had its effect ${before.length + 1} times`,
    );
    return value;
  };

  const find = (idempotencyKey: string): CrashFound => {
    const found = performed.find((other) => other.idempotencyKey === idempotencyKey);
    return found === undefined ? { performed: false } : { performed: true, value: found.value };
  };

  return {
    acknowledged,
    started,
    performed,
    problems,
    commit(events) {
      for (const event of events) if (!acknowledged.has(event.seq)) acknowledged.set(event.seq, event);
    },
    answer(question) {
      switch (question.type) {
        case "start":
          return start(question);
        case "perform":
          return perform(question);
        case "find":
          return find(question.idempotencyKey);
      }
    },
  };
}
