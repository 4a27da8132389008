/**
 * The catalogue of models. Source of each row: the official model overview and release notes, and the `Model` type of
 * @anthropic-ai/sdk 1.12.0; read in November 2026. Limits in tokens.
 */
export interface Model {
  /** The id to send. */
  readonly id: string;
  /** Other ids of the same model, dated ones among them. */
  readonly aliases?: readonly string[];
  readonly family: "fable" | "mythos" | "opus" | "sonnet" | "haiku";
  readonly bestFor: string;
  readonly contextWindow: number;
  readonly maxOutput: number;
  /** First release, where it is known. */
  readonly released?: string;
  /** The day from which calls fail. */
  readonly retires?: string;
}

const large = { contextWindow: 1_000_000, maxOutput: 128_000 } as const;
/** Models of the 4.5 generation. */
const small = { contextWindow: 200_000, maxOutput: 64_000 } as const;

export const models: readonly Model[] = [
  {
    id: "claude-fable-5-2",
    family: "fable",
    bestFor: "the hardest reasoning",
    released: "2026-11-09",
    ...large,
  },
  {
    id: "claude-fable-5-1",
    family: "fable",
    bestFor: "the hardest reasoning",
    released: "2026-09-01",
    ...large,
  },
  { id: "claude-fable-5", family: "fable", bestFor: "the hardest reasoning", ...large },
  { id: "claude-mythos-5-2", family: "mythos", bestFor: "research, by invitation", ...large },
  { id: "claude-mythos-5-1", family: "mythos", bestFor: "research, by invitation", ...large },
  { id: "claude-mythos-5", family: "mythos", bestFor: "research, by invitation", ...large },
  {
    id: "claude-opus-5-5",
    family: "opus",
    bestFor: "complex reasoning and long agentic work",
    released: "2026-09-22",
    ...large,
  },
  {
    id: "claude-opus-5",
    family: "opus",
    bestFor: "complex reasoning and long agentic work",
    released: "2026-07-24",
    ...large,
  },
  { id: "claude-opus-4-8", family: "opus", bestFor: "complex reasoning", ...large },
  { id: "claude-opus-4-7", family: "opus", bestFor: "complex reasoning", ...large },
  { id: "claude-opus-4-6", family: "opus", bestFor: "complex reasoning", ...large },
  {
    id: "claude-opus-4-5",
    aliases: ["claude-opus-4-5-20251101"],
    family: "opus",
    bestFor: "complex reasoning, nuanced tasks",
    ...small,
  },
  {
    id: "claude-sonnet-5-5",
    family: "sonnet",
    bestFor: "balanced performance and cost",
    released: "2026-09-28",
    ...large,
  },
  {
    id: "claude-sonnet-5",
    family: "sonnet",
    bestFor: "balanced performance and cost",
    released: "2026-06-30",
    ...large,
  },
  { id: "claude-sonnet-4-6", family: "sonnet", bestFor: "balanced performance and cost", ...large },
  {
    id: "claude-sonnet-4-5",
    aliases: ["claude-sonnet-4-5-20250929"],
    family: "sonnet",
    bestFor: "balanced performance and cost",
    retires: "2026-11-30",
    ...small,
  },
  {
    id: "claude-haiku-5-5",
    family: "haiku",
    bestFor: "fast, cheap answers and simple tasks",
    released: "2026-10-07",
    ...large,
  },
  {
    id: "claude-haiku-4-5",
    aliases: ["claude-haiku-4-5-20251001"],
    family: "haiku",
    bestFor: "fast responses, simple tasks",
    ...small,
  },
];

/** Used where an agent names no model: a current mid-sized one. */
export const defaultModel = "claude-sonnet-5-5" as const;

/** Used where an agent sets no `maxTokens`: room for a long answer, well below every current model's limit. */
export const defaultMaxTokens = 16_000 as const;

const byId: ReadonlyMap<string, Model> = new Map(
  models.flatMap((model) => [model.id, ...(model.aliases ?? [])].map((id) => [id, model])),
);

/** The catalogue's row for an id or an alias. `undefined` for a model it doesn't know; a dated id falls back to its undated one. */
export function findModel(id: string): Model | undefined {
  return byId.get(id) ?? byId.get(id.replace(/-\d{8}$/, ""));
}
