import type { Permit, PermitCall, PermitVerdict } from "../agent.js";
import type { State } from "../state.js";

/** A permission's answer, understood. */
export interface Permitted {
  readonly verdict: PermitVerdict;
  readonly rule?: string;
}

/** Fails closed: a permission that throws, or answers anything that isn't one of its answers, denies. */
export function askPermit(permit: Permit, call: PermitCall, state: State): Permitted {
  try {
    const answer: unknown = permit(call, state);
    ignoreRejection(answer);
    return understood(answer);
  } catch {
    return { verdict: "deny" };
  }
}

/** An answer that comes later is none; one that fails later would end the process. */
export function ignoreRejection(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => {});
}

function understood(answer: unknown): Permitted {
  if (isVerdict(answer)) return { verdict: answer };
  if (typeof answer !== "object" || answer === null) return { verdict: "deny" };
  const { verdict, rule = "" } = answer as Partial<Record<keyof Permitted, unknown>>;
  if (!isVerdict(verdict) || typeof rule !== "string") return { verdict: "deny" };
  return rule.trim() === "" ? { verdict } : { verdict, rule: rule.toWellFormed() };
}

const strictness: Readonly<Record<PermitVerdict, number>> = { allow: 0, ask: 1, deny: 2 };

export function isVerdict(value: unknown): value is PermitVerdict {
  return typeof value === "string" && Object.hasOwn(strictness, value);
}

/** The strictest of some answers; of several as strict the first that says why. `undefined` where there is none. */
export function strictestOf(answers: readonly Permitted[]): Permitted | undefined {
  const most = Math.max(...answers.map(({ verdict }) => strictness[verdict]));
  const decisive = answers.filter(({ verdict }) => strictness[verdict] === most);
  return decisive.find(({ rule }) => rule !== undefined) ?? decisive[0];
}
