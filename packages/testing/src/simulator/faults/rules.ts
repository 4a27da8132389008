import { createHash } from "node:crypto";
import type { RecordedRequest } from "../recording.js";
import { checkCount, checkFault } from "./check-fault.js";
import type { Fault } from "./fault.js";
import { canStrike } from "./instead.js";

/**
 * Which requests a fault strikes. Requests for a message are numbered from 1, in the order of `simulator.requests`;
 * nothing else counts or is struck, such as a list of models, unless a function says so.
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
  for (const { when, times, fault } of rules) {
    checkRule(when, times);
    checkFault(fault);
  }
  const struck = rules.map(() => 0);
  const seen = new Map<string, number>();
  return (target) => {
    const text = digest(`${target.request.method} ${target.request.path} ${target.text}`);
    const occurrence = seen.get(text) ?? 0;
    seen.set(text, occurrence + 1);
    // A number of each request's own, and not a sequence of them: parallel runs are then struck alike every time.
    const chance = (rule: number): number => fraction(digest(`${seed} fault ${rule} ${text} ${occurrence}`));
    const index = rules.findIndex(
      ({ when, fault, times = Infinity }, rule) =>
        canStrike(fault, target.streamed) &&
        (struck[rule] ?? 0) < times &&
        fits(when, target, () => chance(rule)),
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

function fits(when: When, { request, number }: Target, chance: () => number): boolean {
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
