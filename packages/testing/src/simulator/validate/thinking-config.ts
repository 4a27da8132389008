import { openedIn } from "./beta-features.js";
import { type Fields, isFields, modelOf, type Rule, refuses } from "./rule.js";
import { checkFields, nullable, oneOf, type Shapes, text, tokenCount, unknownTag } from "./shape.js";

const minBudget = 1_024;

const display = { display: nullable(oneOf("summarized", "omitted")) };
const kinds: Readonly<Record<string, Shapes>> = {
  adaptive: { required: { type: text }, optional: display },
  between_tools: { required: { type: text } },
  disabled: { required: { type: text } },
  enabled: { required: { type: text, budget_tokens: budget }, optional: display },
};

function budget(value: unknown): string | undefined {
  return (
    tokenCount(value) ??
    ((value as number) < minBudget ? `Input should be greater than or equal to ${minBudget}` : undefined)
  );
}

export const thinkingIsWellFormed: Rule = ({ thinking }, { betas }) => {
  if (!isFields(thinking)) return undefined;
  if (thinking.type === undefined) return "thinking.type: Field required";
  const shapes = Object.hasOwn(kinds, String(thinking.type)) ? kinds[String(thinking.type)] : undefined;
  if (shapes === undefined) return `thinking: ${unknownTag(thinking.type, Object.keys(kinds))}`;
  const canBind = thinking.type === "adaptive" || thinking.type === "enabled";
  const opened = canBind ? openedIn("thinking", betas) : [];
  return checkFields(thinking, `thinking.${String(thinking.type)}`, shapes, opened);
};

const adaptiveInstead = '"thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
const betweenTools = '"thinking.type.between_tools" for the lowest thinking setting, or ';

/** Each generation of models has taken another way to turn thinking on and off. */
export const thinkingSuitsModel: Rule = (request, surroundings) => {
  const model = modelOf(request, surroundings);
  const type = (request.thinking as Fields | undefined)?.type;
  const refused = `"thinking.type.${String(type)}" is not supported for this model.`;
  if (type === "adaptive" && refuses(model, "thinking_adaptive")) {
    return "adaptive thinking is not supported on this model";
  }
  if (type === "between_tools" && refuses(model, "thinking_between_tools")) return refused;
  if (type === "enabled" && refuses(model, "thinking_budget")) {
    return refuses(model, "thinking_adaptive") ? refused : `${refused} Use ${adaptiveInstead}`;
  }
  if (type === "disabled" && refuses(model, "thinking_disabled")) {
    const instead = refuses(model, "thinking_between_tools") ? "" : betweenTools;
    return `${refused} Use ${instead}${adaptiveInstead}`;
  }
  return undefined;
};

const interleaved = "interleaved-thinking-2025-05-14";

export const budgetIsBelowMaxTokens: Rule = ({ thinking, max_tokens }, { betas }) => {
  const budget = (thinking as Fields | undefined)?.budget_tokens;
  // Where thinking goes on between calls, its budget is for all of a turn and may be larger than one reply.
  if (typeof budget !== "number" || betas.includes(interleaved)) return undefined;
  return (max_tokens as number) > budget
    ? undefined
    : "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at " +
        "https://platform.claude.com/docs/en/build-with-claude/extended-thinking#max-tokens-and-context-window-size";
};

export const thinkingIsNotForcedIntoATool: Rule = ({ thinking, tool_choice }) => {
  const type = (tool_choice as Fields | undefined)?.type;
  return (thinking as Fields | undefined)?.type === "enabled" && (type === "any" || type === "tool")
    ? "Thinking may not be enabled when tool_choice forces tool use."
    : undefined;
};

const efforts = ["low", "medium", "high", "xhigh", "max"];

/** Not every model can be told how hard to try, nor every one of them to try its hardest. */
export const effortSuitsModel: Rule = (request, surroundings) => {
  const effort = (request.output_config as Fields | undefined)?.effort;
  if (typeof effort !== "string") return undefined;
  const known: readonly string[] = modelOf(request, surroundings)?.efforts ?? efforts;
  if (known.length === 0) return "This model does not support the effort parameter.";
  if (!known.includes(effort)) {
    const others = [...known].sort().join(", ");
    return `This model does not support effort level '${effort}'. Supported levels: ${others}.`;
  }
  return effortWithoutThinking(effort, request.thinking);
};

function effortWithoutThinking(effort: string, thinking: unknown): string | undefined {
  const type = (thinking as Fields | undefined)?.type;
  const isOff = type === "disabled" || type === "between_tools";
  return isOff && (effort === "xhigh" || effort === "max")
    ? `output_config.effort '${effort}' is not supported when thinking is disabled on this model. ` +
        "Use effort 'high' or below, or enable thinking."
    : undefined;
}
