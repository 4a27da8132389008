import { AgentError } from "./errors.js";

/** Numbers that a run keeps to. Those that end it are checked before the call that would exceed them. */
export interface Limits {
  /** Model calls in one run, retries not counted. Default 20. */
  readonly maxSteps?: number;
  /**
   * Input, cache and output tokens of one run and its subagents together. A hard cap: a call whose worst case doesn't fit is asked for
   * a shorter reply, or not made. Default: none.
   */
  readonly maxTotalTokens?: number;
  /**
   * US dollars that one run and its subagents may spend. A hard cap: what a call may cost at worst is reserved before it is made.
   * The model's price must be known. Default: none.
   */
  readonly usd?: number;
  /**
   * Takes the API's own tools (web search, code execution …) beside `usd`: their inner loops bill by themselves, so the cap may be
   * exceeded by one reply. Default false: such an agent is refused.
   */
  readonly softCap?: boolean;
  /** Milliseconds from the run's start. Default: none. */
  readonly maxDurationMs?: number;
  /** Tool calls running at the same time. Default 16. */
  readonly maxParallelTools?: number;
  /** Steps in a row that may ask for the very same calls with the same input before it counts as a loop without progress. Default 8. */
  readonly maxRepeatedCalls?: number;
  /**
   * Characters of text in one tool result; what is beyond is cut, with a note for the model, which can read on where `readResult` is among
   * the agent's tools. Default 100,000.
   */
  readonly maxResultLength?: number;
  /** How often an answer that is not what the agent's `output` asks for is asked for again, in one run. Each is a step. Default 2. */
  readonly maxOutputRetries?: number;
}

/** The limit that ended a run. */
export type LimitName =
  | "maxSteps"
  | "maxTotalTokens"
  | "usd"
  | "maxDurationMs"
  | "maxRepeatedCalls"
  | "maxOutputRetries";

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

/** Only an agent with an `output` keeps to it, so it is not among those that every run's log names. */
export const defaultOutputRetries = 2 as const;

type Kind = "whole" | "count" | "any" | "flag";

const known: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["maxSteps", "whole"],
  ["maxTotalTokens", "whole"],
  ["usd", "any"],
  ["softCap", "flag"],
  ["maxDurationMs", "any"],
  ["maxParallelTools", "whole"],
  ["maxRepeatedCalls", "whole"],
  ["maxResultLength", "whole"],
  ["maxOutputRetries", "count"],
]);

const wantedOf: Readonly<Record<Exclude<Kind, "flag">, string>> = {
  whole: "a positive whole number",
  count: "a whole number, 0 or more",
  any: "a positive number",
};

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
    if (kind === "flag") {
      if (typeof value !== "boolean")
        throw new AgentError(`limits.${name} is ${String(value)}; it is true or false.`);
      continue;
    }
    const legal =
      typeof value === "number" &&
      (kind === "count" ? value >= 0 : value > 0) &&
      (kind === "any" || value === Number.POSITIVE_INFINITY || Number.isInteger(value));
    if (!legal) {
      const wanted = wantedOf[kind];
      throw new AgentError(
        `limits.${name} is ${String(value)}; it must be ${wanted}. Leave it out for the default.`,
      );
    }
  }
}
