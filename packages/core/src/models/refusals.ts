/** What a model answers with 400 though others take it, by a plain name. */
export type ModelRefusal =
  /** Whatever their value, in the version of the API that the SDK speaks. */
  | "temperature"
  | "top_p"
  | "top_k"
  /** Values of `thinking.type`; `enabled` is the one with `budget_tokens`. */
  | "thinking.adaptive"
  | "thinking.between_tools"
  | "thinking.disabled"
  | "thinking.enabled"
  /** `tool_choice` of type `any` or `tool`: always, or beside `thinking.type: "enabled"`. */
  | "forced_tool_choice"
  | "forced_tool_choice_with_thinking"
  /** `output_config.effort`: any, or one of its values. */
  | "effort"
  | "effort.xhigh"
  | "effort.max"
  /** A conversation that ends with words put into the model's mouth. */
  | "prefill"
  /** A message of the role `system`. */
  | "system_message"
  /** Thinking that is sent back after anything before it has changed. */
  | "changed_history";

interface Asked {
  readonly request: Readonly<Record<string, unknown>>;
  readonly thinking: unknown;
  readonly effort: unknown;
  readonly isForced: boolean;
}

/** How an agent asks for it, and what to do instead. What stands in messages is the run's own business, and not in here. */
type Rule = readonly [asks: (asked: Asked) => boolean, field: string, instead: string];

const prompt = "Leave it out, and say in the system prompt how answers are to be.";
const adaptive = "Leave thinking out, and set output_config.effort.";
const tell = 'Leave it at "auto", and say in the prompt when the tool is to be used.';
const lowerEffort = 'Ask for "high" or less.';
const given = (value: unknown): boolean => value !== undefined && value !== null;

const rules: Readonly<Record<Exclude<ModelRefusal, "prefill" | "system_message" | "changed_history">, Rule>> =
  {
    temperature: [({ request }) => given(request.temperature), "temperature", prompt],
    top_p: [({ request }) => given(request.top_p), "top_p", prompt],
    top_k: [({ request }) => given(request.top_k), "top_k", prompt],
    "thinking.adaptive": [
      ({ thinking }) => thinking === "adaptive",
      'thinking.type "adaptive"',
      'Take type "enabled" with budget_tokens.',
    ],
    "thinking.between_tools": [
      ({ thinking }) => thinking === "between_tools",
      'thinking.type "between_tools"',
      'Take "disabled" where the model has it, or a lower output_config.effort.',
    ],
    "thinking.disabled": [({ thinking }) => thinking === "disabled", 'thinking.type "disabled"', adaptive],
    "thinking.enabled": [({ thinking }) => thinking === "enabled", 'thinking.type "enabled"', adaptive],
    forced_tool_choice: [({ isForced }) => isForced, "a forced tool_choice", tell],
    forced_tool_choice_with_thinking: [
      ({ isForced, thinking }) => isForced && thinking === "enabled",
      'a forced tool_choice beside thinking.type "enabled"',
      "Give up one of them.",
    ],
    effort: [({ effort }) => given(effort), "output_config.effort", "Leave it out."],
    "effort.xhigh": [({ effort }) => effort === "xhigh", 'output_config.effort "xhigh"', lowerEffort],
    "effort.max": [({ effort }) => effort === "max", 'output_config.effort "max"', lowerEffort],
  };

/** What an agent asks of its model. `request`: other fields of the API's request. */
interface Wish {
  readonly model: string;
  readonly maxTokens: number;
  readonly request: object;
}

/** In words, what an agent asks for that its model is certain to refuse, and the way out: every call would fail. */
export function refusalOf(
  { model: id, maxTokens, request }: Wish,
  { maxOutput, refuses = [] }: { readonly maxOutput: number; readonly refuses?: readonly ModelRefusal[] },
): string | undefined {
  const other = `If the model has changed, put a row of your own first: options.models: [{ ...findModel(${JSON.stringify(id)}), … }, ...models].`;
  if (maxTokens > maxOutput)
    return `agent.maxTokens is ${maxTokens}, and ${id} writes at most ${maxOutput} tokens. Lower it. ${other}`;
  const asked = askedBy(request as Readonly<Record<string, unknown>>);
  for (const refusal of refuses) {
    const [asks, field, instead] = (rules as Readonly<Partial<Record<string, Rule>>>)[refusal] ?? [];
    if (asks?.(asked) === true)
      return `${id} refuses ${field}, which agent.request asks for. ${instead} ${other}`;
  }
  return undefined;
}

function askedBy(request: Readonly<Record<string, unknown>>): Asked {
  const choice = typeOf(request.tool_choice);
  return {
    request,
    thinking: typeOf(request.thinking),
    effort: (request.output_config as { readonly effort?: unknown } | null | undefined)?.effort,
    isForced: choice === "any" || choice === "tool",
  };
}

function typeOf(field: unknown): unknown {
  return (field as { readonly type?: unknown } | null | undefined)?.type;
}
