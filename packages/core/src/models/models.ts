import type { ModelRefusal } from "./refusals.js";

/** A row of the catalogue of models. Limits in tokens. */
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
  /** The day on which its end was announced, where it is known. A model that `retires` is deprecated in any case. */
  readonly deprecated?: string;
  /** The day from which calls fail. */
  readonly retires?: string;
  /** The model to take in its place. */
  readonly successor?: string;
  /** What it is certain to refuse: an agent that asks for it is an `AgentError`. What is not certain is left out. */
  readonly refuses?: readonly ModelRefusal[];
  /** Where all this was read. */
  readonly source: string;
}

const everyModel: readonly ModelRefusal[] = ["temperature", "top_p", "top_k"];
const generation45: readonly ModelRefusal[] = [
  ...everyModel,
  "thinking.adaptive",
  "thinking.between_tools",
  "forced_tool_choice_with_thinking",
  "system_message",
];
const generation46: readonly ModelRefusal[] = [
  ...everyModel,
  "prefill",
  "thinking.between_tools",
  "forced_tool_choice_with_thinking",
  "effort.xhigh",
  "system_message",
];
/** Since 4.7 a model decides by itself how long it thinks. */
const adaptive: readonly ModelRefusal[] = [
  ...everyModel,
  "prefill",
  "thinking.between_tools",
  "thinking.enabled",
];
const alwaysThinking: readonly ModelRefusal[] = [...adaptive, "thinking.disabled"];
const newest: readonly ModelRefusal[] = [...alwaysThinking, "forced_tool_choice", "changed_history"];

const large = { contextWindow: 1_000_000, maxOutput: 128_000 } as const;
const small = { contextWindow: 200_000, maxOutput: 64_000 } as const;

const fable = { family: "fable", bestFor: "the hardest reasoning", ...large } as const;
const mythos = { family: "mythos", bestFor: "research, by invitation", ...large } as const;
const opus = { family: "opus", bestFor: "complex reasoning and long agentic work", ...large } as const;
const sonnet = { family: "sonnet", bestFor: "balanced performance and cost" } as const;
const haiku = { family: "haiku", bestFor: "fast, cheap answers and simple tasks" } as const;

const pages = "https://platform.claude.com/docs/en/models";
const read = "and migration-2026-10-21, read in November 2026";
const fable52Page = `${pages}/fable-5-2/whats-new-fable-5-2 ${read}`;
const fable51Page = `${pages}/fable-5-1/whats-new-fable-5-1, /fable-5-1/migration-guide ${read}`;
const fable5Page = `${pages}/fable-5/migration-guide ${read}`;
const pageOf = (name: string): string =>
  `${pages}/${name}/overview, /whats-new-${name}, /migration-guide ${read}`;

/**
 * The catalogue of models as of November 2026: those that the first-party API serves. Ids are those of the `Model` type in
 * @anthropic-ai/sdk 1.12.0. That every model refuses the sampling fields is the version 2026-10-21 of the API, which that SDK speaks.
 */
export const models: readonly Model[] = [
  { id: "claude-fable-5-2", ...fable, released: "2026-11-09", refuses: newest, source: fable52Page },
  { id: "claude-fable-5-1", ...fable, released: "2026-09-01", refuses: newest, source: fable51Page },
  { id: "claude-fable-5", ...fable, refuses: alwaysThinking, source: fable5Page },
  { id: "claude-mythos-5-2", ...mythos, refuses: newest, source: fable52Page },
  { id: "claude-mythos-5-1", ...mythos, refuses: newest, source: fable51Page },
  { id: "claude-mythos-5", ...mythos, refuses: alwaysThinking, source: fable5Page },
  {
    id: "claude-opus-5-5",
    ...opus,
    released: "2026-09-22",
    refuses: newest,
    source: pageOf("opus-5-5"),
  },
  { id: "claude-opus-5", ...opus, released: "2026-07-24", refuses: adaptive, source: pageOf("opus-5") },
  { id: "claude-opus-4-8", ...opus, refuses: adaptive, source: pageOf("opus-4-8") },
  {
    id: "claude-opus-4-7",
    ...opus,
    refuses: [...adaptive, "system_message"],
    source: pageOf("opus-4-7"),
  },
  {
    id: "claude-opus-4-6",
    ...opus,
    released: "2026-02-05",
    refuses: generation46,
    source: pageOf("opus-4-6"),
  },
  {
    id: "claude-opus-4-5",
    aliases: ["claude-opus-4-5-20251101"],
    ...opus,
    ...small,
    released: "2025-11-24",
    refuses: [...generation45, "effort.xhigh", "effort.max"],
    source: pageOf("opus-4-5"),
  },
  {
    id: "claude-sonnet-5-5",
    ...sonnet,
    ...large,
    released: "2026-09-28",
    refuses: newest.filter((refusal) => refusal !== "thinking.between_tools"),
    source: pageOf("sonnet-5-5"),
  },
  {
    id: "claude-sonnet-5",
    ...sonnet,
    ...large,
    released: "2026-06-30",
    refuses: adaptive,
    source: pageOf("sonnet-5"),
  },
  {
    id: "claude-sonnet-4-6",
    ...sonnet,
    ...large,
    released: "2026-02-17",
    refuses: generation46,
    source: pageOf("sonnet-4-6"),
  },
  {
    id: "claude-sonnet-4-5",
    aliases: ["claude-sonnet-4-5-20250929"],
    ...sonnet,
    ...small,
    released: "2025-09-29",
    retires: "2026-11-30",
    successor: "claude-sonnet-5-5",
    refuses: [...generation45, "effort"],
    source: `${pageOf("sonnet-4-5")}; the SDK's DEPRECATED_MODELS`,
  },
  {
    id: "claude-haiku-5-5",
    ...haiku,
    ...large,
    released: "2026-10-07",
    refuses: [...adaptive, "changed_history"],
    source: pageOf("haiku-5-5"),
  },
  {
    id: "claude-haiku-4-5",
    aliases: ["claude-haiku-4-5-20251001"],
    ...haiku,
    ...small,
    released: "2025-10-15",
    refuses: [...generation45, "effort"],
    source: pageOf("haiku-4-5"),
  },
];

/** Used where an agent names no model: a current mid-sized one. */
export const defaultModel = "claude-sonnet-5-5" as const;

/** Used where an agent sets no `maxTokens`: room for a long answer, well below every current model's limit. */
export const defaultMaxTokens = 16_000 as const;

/**
 * The catalogue's row for an id or an alias. `undefined` for a model it doesn't know; a dated id falls back to its undated one.
 * @param catalogue Default: `models`. One that extends it is `[...mine, ...models]`: the first row that fits holds.
 */
export function findModel(id: string, catalogue: readonly Model[] = models): Model | undefined {
  const byId = indexOf(catalogue);
  return byId.get(id) ?? byId.get(id.replace(/-\d{8}$/, ""));
}

/** Whether a model of the catalogue answers this with 400. Of one that it doesn't know nothing is refused. */
export function refuses(id: string, refusal: ModelRefusal, catalogue?: readonly Model[]): boolean {
  return findModel(id, catalogue)?.refuses?.includes(refusal) === true;
}

/** The largest there is: what a model can't exceed that nobody knows. */
export const largestWindow = 1_000_000 as const;
/** That of most: what a model surely has that nobody knows. */
export const usualWindow = 200_000 as const;

const indexes = new WeakMap<readonly Model[], ReadonlyMap<string, Model>>();

function indexOf(catalogue: readonly Model[]): ReadonlyMap<string, Model> {
  const known = indexes.get(catalogue);
  if (known !== undefined) return known;
  const index = new Map<string, Model>();
  for (const model of catalogue)
    for (const id of [model.id, ...(model.aliases ?? [])]) if (!index.has(id)) index.set(id, model);
  indexes.set(catalogue, index);
  return index;
}
