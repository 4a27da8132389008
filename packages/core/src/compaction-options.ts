import { AgentError } from "./errors.js";

/** When and how a history is summarised. */
export interface CompactionOptions {
  /** The part of the model's context window that the prompt may fill before it happens, above 0 and up to 1. Default 0.8. */
  readonly at?: number;
  /** How many of the newest messages stay as they were; fewer where they are long, or where the API would not take them. Default 6. */
  readonly keep?: number;
  /** Output tokens of a summary at most; never more than a tenth of the window. Default 8,000. */
  readonly maxTokens?: number;
  /** What the summary is to mind beside what it is always asked to, e.g. "Keep every order number." */
  readonly instructions?: string;
  /** The model that writes it. Default: the agent's own, which finds the history in its cache. */
  readonly model?: string;
  /** Whether the prompt is measured by an estimate or, where that comes near, by the API's count. Default `"estimate"`. */
  readonly count?: "estimate" | "api";
}

/** How an agent compacts, with the defaults filled in. */
export type PreparedCompaction = Required<Omit<CompactionOptions, "instructions">> &
  Pick<CompactionOptions, "instructions">;

const compactFields: ReadonlySet<string> = new Set<keyof CompactionOptions>([
  "at",
  "keep",
  "maxTokens",
  "instructions",
  "model",
  "count",
]);

/** Checks how an agent compacts, and fills in the defaults. Throws `AgentError`. */
export function prepareCompaction(
  compact: CompactionOptions | false | undefined,
  own: string,
): PreparedCompaction | false {
  if (compact === false) return false;
  if (compact !== undefined && (typeof compact !== "object" || compact === null || Array.isArray(compact)))
    throw new AgentError("agent.compact is false or an object, e.g. { at: 0.8, keep: 6 }.");
  const unknown = Object.keys(compact ?? {}).find((field) => !compactFields.has(field));
  if (unknown !== undefined)
    throw new AgentError(
      `agent.compact has no ${JSON.stringify(unknown)}. It has: ${[...compactFields].join(", ")}.`,
    );
  const {
    at = 0.8,
    keep = 6,
    maxTokens = 8_000,
    model = own,
    count = "estimate",
    instructions,
  } = compact ?? {};
  const wrong = (field: string, value: unknown, wanted: string): never => {
    throw new AgentError(`agent.compact.${field} is ${JSON.stringify(value)}; it must be ${wanted}.`);
  };
  if (!(typeof at === "number" && at > 0 && at <= 1))
    wrong("at", at, "a part of the window, above 0 and up to 1");
  if (!(Number.isInteger(keep) && keep >= 0)) wrong("keep", keep, "a whole number of messages, 0 or more");
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1))
    wrong("maxTokens", maxTokens, "a positive whole number of output tokens");
  if (typeof model !== "string" || model.trim() === "") wrong("model", model, "a model's id");
  if (!["estimate", "api"].includes(count)) wrong("count", count, '"estimate" or "api"');
  if (instructions !== undefined && (typeof instructions !== "string" || instructions.trim() === ""))
    wrong("instructions", instructions, "a text that says something");
  return { at, keep, maxTokens, model, count, ...(instructions === undefined ? {} : { instructions }) };
}
