import { AgentError } from "./errors.js";

/** Numbers that a run keeps to. Those that end it are checked before the call that would exceed them. */
export interface Limits {
  /** Model calls in one run, retries not counted. Default 20. */
  readonly maxSteps?: number;
  /** Input, cache and output tokens of one run together. Default: none. */
  readonly maxTotalTokens?: number;
  /** Milliseconds from the run's start. Default: none. */
  readonly maxDurationMs?: number;
  /** Tool calls running at the same time. Default 16. */
  readonly maxParallelTools?: number;
  /** Steps in a row that may ask for the very same calls with the same input before it counts as a loop without progress. Default 8. */
  readonly maxRepeatedCalls?: number;
  /** Characters of text in one tool result; what is beyond is cut, with a note for the model. Default 100,000. */
  readonly maxResultLength?: number;
}

/** The limit that ended a run. */
export type LimitName = "maxSteps" | "maxTotalTokens" | "maxDurationMs" | "maxRepeatedCalls";

export const defaultLimits: {
  readonly maxSteps: number;
  readonly maxParallelTools: number;
  readonly maxRepeatedCalls: number;
  readonly maxResultLength: number;
} = {
  maxSteps: 20,
  maxParallelTools: 16,
  maxRepeatedCalls: 8,
  maxResultLength: 100_000,
};

const known: ReadonlyMap<string, "whole" | "any"> = new Map([
  ["maxSteps", "whole"],
  ["maxTotalTokens", "whole"],
  ["maxDurationMs", "any"],
  ["maxParallelTools", "whole"],
  ["maxRepeatedCalls", "whole"],
  ["maxResultLength", "whole"],
]);

/** Throws `AgentError` for a limit that is unknown, not a number, or not positive. `Infinity` means no limit. */
export function checkLimits(limits: Limits): void {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue;
    const kind = known.get(name);
    if (kind === undefined) {
      throw new AgentError(
        `There is no limit called ${JSON.stringify(name)}. The limits are: ${[...known.keys()].join(", ")}.`,
      );
    }
    const legal =
      typeof value === "number" &&
      value > 0 &&
      (kind === "any" || value === Number.POSITIVE_INFINITY || Number.isInteger(value));
    if (!legal) {
      const wanted = kind === "whole" ? "a positive whole number" : "a positive number";
      throw new AgentError(
        `limits.${name} is ${String(value)}; it must be ${wanted}. Leave it out for the default.`,
      );
    }
  }
}
