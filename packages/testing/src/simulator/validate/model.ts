import { unknownModel } from "../api-errors.js";
import { contextWindowFor } from "../simulated-model.js";
import { estimateInputTokens } from "../usage.js";
import { modelOf, type Rule, refuses } from "./rule.js";

/** Retired models are not there either, unless the simulator keeps them. */
export const modelIsThere: Rule = (request, surroundings) =>
  surroundings.findModel === undefined || modelOf(request, surroundings)
    ? undefined
    : unknownModel(String(request.model));

/** With this beta a batch may ask for more; here it may too. */
const longOutput = "output-300k-2026-03-24";
const longOutputTokens = 300_000;

export const maxTokensAreWithinModel: Rule = (request, surroundings) => {
  const model = modelOf(request, surroundings);
  if (model === undefined) return undefined;
  const limit = surroundings.betas.includes(longOutput)
    ? Math.max(longOutputTokens, model.maxOutputTokens)
    : model.maxOutputTokens;
  const { max_tokens: asked } = request;
  return (asked as number) > limit
    ? `max_tokens: ${asked} > ${limit}, which is the maximum allowed number of output tokens for ${model.id}`
    : undefined;
};

/** The tokens are an estimate (see `usage.ts`), so a prompt close to the limit may be judged wrongly. */
export const promptFitsModel: Rule = (request, surroundings) => {
  const model = modelOf(request, surroundings);
  if (model === undefined) return undefined;
  const limit = contextWindowFor(model, surroundings.betas);
  const tokens = estimateInputTokens(request as unknown as Parameters<typeof estimateInputTokens>[0]);
  return tokens > limit ? `prompt is too long: ${tokens} tokens > ${limit} maximum` : undefined;
};

export const toolUseIsNotForced: Rule = (request, surroundings) => {
  const type = (request.tool_choice as { type?: unknown } | undefined)?.type;
  if (type !== "any" && type !== "tool") return undefined;
  return refuses(modelOf(request, surroundings), "forced_tool_choice")
    ? 'tool_choice: type "tool" and "any" are not supported for this model.'
    : undefined;
};
