import type { ModelRefusal, SimulatedModel } from "./simulated-model.js";

type Traits = Omit<SimulatedModel, "id" | "displayName" | "createdAt">;

/**
 * What the generations have in common. Sources: the pages of https://platform.claude.com/docs/en/about-claude/models,
 * the "What's new" and migration pages of each model, and the page on prompt caching, all read in November 2026.
 */
const noPrefill: readonly ModelRefusal[] = ["prefill", "thinking_between_tools"];
const adaptiveOnly: readonly ModelRefusal[] = [...noPrefill, "thinking_budget", "sampling"];
const alwaysThinking: readonly ModelRefusal[] = [...adaptiveOnly, "thinking_disabled"];
const preserving: readonly ModelRefusal[] = ["forced_tool_choice", "thinking_out_of_place"];

const large = { contextWindow: 1_000_000, maxOutputTokens: 128_000 };

const adaptive: Traits = {
  ...large,
  minimumCacheTokens: 1_024,
  refuses: adaptiveOnly,
  hidesThinking: true,
};
const thinking: Traits = { ...adaptive, minimumCacheTokens: 512, thinksUnasked: true };
const fable5: Traits = { ...thinking, refuses: alwaysThinking };
const newest: Traits = { ...thinking, refuses: [...alwaysThinking, ...preserving] };
const haiku55: Traits = { ...thinking, refuses: [...adaptiveOnly, "thinking_out_of_place"] };
const sonnet55: Traits = {
  ...thinking,
  refuses: ["prefill", "thinking_budget", "sampling", "thinking_disabled", ...preserving],
};
const generation46: Traits = {
  ...large,
  minimumCacheTokens: 1_024,
  refuses: [...noPrefill, "system_message"],
  efforts: ["low", "medium", "high", "max"],
};
const generation45: Traits = {
  contextWindow: 200_000,
  maxOutputTokens: 64_000,
  minimumCacheTokens: 4_096,
  refuses: ["thinking_adaptive", "thinking_between_tools", "system_message"],
  efforts: [],
};
const generation4: Traits = { ...generation45, minimumCacheTokens: 1_024, retired: true };
const generation3: Traits = {
  contextWindow: 200_000,
  maxOutputTokens: 4_096,
  minimumCacheTokens: 1_024,
  retired: true,
  refuses: ["thinking_adaptive", "thinking_between_tools", "thinking_budget", "system_message"],
  efforts: [],
};

/** The models of the API. The release of Mythos Preview is not known. */
export const knownModels: readonly SimulatedModel[] = [
  model("claude-fable-5-2", "Claude Fable 5.2", "2026-11-09", newest),
  model("claude-mythos-5-2", "Claude Mythos 5.2", "2026-11-09", newest),
  model("claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-07", haiku55),
  model("claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-28", sonnet55),
  model("claude-opus-5-5", "Claude Opus 5.5", "2026-09-22", newest),
  model("claude-fable-5-1", "Claude Fable 5.1", "2026-09-01", newest),
  model("claude-mythos-5-1", "Claude Mythos 5.1", "2026-09-01", newest),
  model("claude-opus-5", "Claude Opus 5", "2026-07-24", thinking),
  model("claude-sonnet-5", "Claude Sonnet 5", "2026-06-30", { ...thinking, minimumCacheTokens: 1_024 }),
  model("claude-fable-5", "Claude Fable 5", "2026-06-09", fable5),
  model("claude-mythos-5", "Claude Mythos 5", "2026-06-09", fable5),
  model("claude-opus-4-8", "Claude Opus 4.8", "2026-05-28", adaptive),
  model("claude-opus-4-7", "Claude Opus 4.7", "2026-04-16", {
    ...adaptive,
    minimumCacheTokens: 2_048,
    refuses: [...adaptiveOnly, "system_message"],
  }),
  model("claude-mythos-preview", "Claude Mythos Preview", undefined, {
    ...generation46,
    refuses: [...noPrefill, "forced_tool_choice", "system_message"],
    retired: true,
  }),
  model("claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17", generation46),
  model("claude-opus-4-6", "Claude Opus 4.6", "2026-02-04", { ...generation46, minimumCacheTokens: 4_096 }),
  dated("claude-opus-4-5", "20251101", "Claude Opus 4.5", "2025-11-24", {
    ...generation45,
    efforts: ["low", "medium", "high"],
  }),
  dated("claude-haiku-4-5", "20251001", "Claude Haiku 4.5", "2025-10-15", generation45),
  dated("claude-sonnet-4-5", "20250929", "Claude Sonnet 4.5", "2025-09-29", {
    ...generation45,
    minimumCacheTokens: 1_024,
    retiresAt: "2026-11-30T00:00:00Z",
  }),
  dated("claude-opus-4-1", "20250805", "Claude Opus 4.1", "2025-08-05", {
    ...generation4,
    maxOutputTokens: 32_000,
  }),
  dated("claude-opus-4", "20250514", "Claude Opus 4", "2025-05-22", {
    ...generation4,
    maxOutputTokens: 32_000,
  }),
  dated("claude-sonnet-4", "20250514", "Claude Sonnet 4", "2025-05-22", generation4),
  dated("claude-3-7-sonnet", "20250219", "Claude Sonnet 3.7", "2025-02-24", generation4),
  dated("claude-3-5-haiku", "20241022", "Claude Haiku 3.5", "2024-10-22", {
    ...generation3,
    maxOutputTokens: 8_192,
    minimumCacheTokens: 2_048,
  }),
  dated("claude-3-5-sonnet", "20241022", "Claude Sonnet 3.5", "2024-10-22", {
    ...generation3,
    maxOutputTokens: 8_192,
  }),
  model("claude-3-5-sonnet-20240620", "Claude Sonnet 3.5 (Old)", "2024-06-20", {
    ...generation3,
    maxOutputTokens: 8_192,
  }),
  model("claude-3-haiku-20240307", "Claude Haiku 3", "2024-03-07", {
    ...generation3,
    minimumCacheTokens: 2_048,
  }),
  dated("claude-3-opus", "20240229", "Claude Opus 3", "2024-02-29", generation3),
  model("claude-3-sonnet-20240229", "Claude Sonnet 3", "2024-02-29", generation3),
  model("claude-2.1", "Claude 2.1", "2023-11-21", generation3),
  model("claude-instant-1.2", "Claude Instant 1.2", "2023-08-09", { ...generation3, contextWindow: 100_000 }),
  model("claude-2.0", "Claude 2", "2023-07-11", { ...generation3, contextWindow: 100_000 }),
];

function model(
  id: string,
  displayName: string,
  released: string | undefined,
  traits: Traits,
): SimulatedModel {
  return { id, displayName, createdAt: `${released ?? "1970-01-01"}T00:00:00Z`, ...traits };
}

/** Up to 4.5 the id ends with a day; the rest of it, with or without `-latest`, means the same model. */
function dated(
  name: string,
  day: string,
  displayName: string,
  released: string,
  traits: Traits,
): SimulatedModel {
  const aliases = [name, `${name}-latest`];
  // Before 4 there was no bare name, and since 4.5 there is no `-latest`.
  if (name.startsWith("claude-3")) aliases.shift();
  else aliases.pop();
  return model(`${name}-${day}`, displayName, released, { ...traits, aliases });
}
