import { createHash } from "node:crypto";
import type { RecordedRequest } from "../recorded-request.js";
import { checkCount, checkFault } from "./check-fault.js";
import type { Fault } from "./fault.js";
import { canStrike } from "./replacement.js";
import { isOfSession, numberSessions } from "./sessions.js";

/**
 * Which requests a fault strikes. Requests for a message are numbered from 1, in the order of `simulator.requests`, or within
 * the rule's session; nothing else counts or is struck, such as a list of models, unless a function says so.
 */
export type When =
  | { readonly request: number }
  | { readonly every: number }
  /** From 0 to 1. The seed draws: the same requests are struck each time, in whatever order they come. */
  | { readonly probability: number }
  /** Sees the request, its body included, so that it can tell sessions apart. */
  | ((request: RecordedRequest, number: number | undefined) => boolean);

export interface FaultRule {
  readonly when: When;
  readonly fault: Fault;
  /**
   * Strikes and counts the requests of one session only: those with this `metadata.user_id` in their body, or with this
   * `x-session-id` among their headers. Default: all requests.
   */
  readonly session?: string;
  /** Strikes so many times at most. Default: no limit. */
  readonly times?: number;
}

/** One request, as the rules look at it. */
interface Target {
  readonly request: RecordedRequest;
  readonly number: number | undefined;
  /** The body as it came. */
  readonly text: string;
  readonly streamed: boolean;
}

/** A fault that is about to strike, and counts as one that did. */
interface DrawnFault {
  readonly fault: Fault;
  /** To be called if it did not strike after all: its rule may then strike once more. */
  spare(): void;
}

/** Draws the fault that strikes a request, if any: the first rule that fits wins. */
export type DrawFault = (target: Target) => DrawnFault | undefined;

/** @throws RangeError for a rule that could never strike, and for a fault that can't be meant. */
export function createFaults(rules: readonly FaultRule[], seed: string | number): DrawFault {
  if (!Array.isArray(rules))
    throw new RangeError("faults is no list of rules; for faults in words take parseFaults(words).");
  for (const { when, times, fault, session } of rules) {
    checkRule(when, times);
    if (session === "") throw new RangeError("A fault's session is empty, and no request says that.");
    checkFault(fault);
  }
  const struck = rules.map(() => 0);
  const seen = new Map<string, number>();
  const numbersOf = numberSessions(rules.flatMap(({ session = [] }) => session));
  return (target) => {
    const numberIn = numbersOf(target.request, target.number);
    const text = digest(`${target.request.method} ${target.request.path} ${target.text}`);
    const occurrence = seen.get(text) ?? 0;
    seen.set(text, occurrence + 1);
    // A number of each request's own, and not a sequence of them: parallel runs are then struck alike every time.
    const chance = (rule: number): number => fraction(digest(`${seed} fault ${rule} ${text} ${occurrence}`));
    const index = rules.findIndex(
      ({ when, fault, times = Infinity, session }, rule) =>
        canStrike(fault, target.streamed) &&
        (struck[rule] ?? 0) < times &&
        isOfSession(session, target.request) &&
        appliesTo(when, target.request, numberIn(session), () => chance(rule)),
    );
    const fault = rules[index]?.fault;
    if (fault === undefined) return undefined;
    const count = (by: number): void => {
      struck[index] = (struck[index] ?? 0) + by;
    };
    // Counted now, for others are drawn while this one is on its way.
    count(1);
    return { fault, spare: () => count(-1) };
  };
}

function appliesTo(
  when: When,
  request: RecordedRequest,
  number: number | undefined,
  chance: () => number,
): boolean {
  if (typeof when === "function") return when(request, number);
  if (number === undefined) return false;
  if ("request" in when) return number === when.request;
  if ("every" in when) return number % when.every === 0;
  return chance() < when.probability;
}

function checkRule(when: When, times: number | undefined): void {
  if (times !== undefined) checkCount("times", times);
  if (typeof when === "function") return;
  if ("request" in when) return checkCount("when.request", when.request);
  if ("every" in when) return checkCount("when.every", when.every);
  if (!(when.probability >= 0 && when.probability <= 1))
    throw new RangeError(
      `A fault's when.probability is ${String(when.probability)}; it must be from 0 to 1.`,
    );
}

function digest(source: string): string {
  return createHash("sha256").update(source).digest("hex");
}

function fraction(hex: string): number {
  return Number.parseInt(hex.slice(0, 12), 16) / 2 ** 48;
}
