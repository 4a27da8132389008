import { adding, call, type Row, unknownTag } from "./changed-requests.js";
import { picture, text } from "./legal-requests.js";

export const illegalSettings: readonly Row[] = [
  // Fields
  ["plain", "model", undefined, "model: Field required"],
  ["plain", "max_tokens", "many", "max_tokens: Input should be a valid integer"],
  ["plain", "temperature", 1, "temperature: Extra inputs are not permitted"],
  ["plain", "top_p", 1, "top_p: Extra inputs are not permitted"],
  ["plain", "workspace_id", "wrkspc_1", "workspace_id: Extra inputs are not permitted"],
  ["plain", "mcp_servers", [], "mcp_servers: Extra inputs are not permitted"],
  ["plain", "metadata.email", "a@b.c", "metadata.email: Extra inputs are not permitted"],
  [
    "plain",
    "metadata.user_id",
    "x".repeat(257),
    "metadata.user_id: String should have at most 256 characters",
  ],
  ["plain", "metadata.user_id", 7, "metadata.user_id: Input should be a valid string"],
  ["plain", "metadata", "someone", "metadata: Input should be a valid dictionary"],
  ["plain", "stop_sequences", [" "], "stop_sequences: each stop sequence must contain non-whitespace"],
  ["plain", "stop_sequences", "END", "stop_sequences: Input should be a valid list"],
  ["plain", "service_tier", "priority", "service_tier: Input should be 'auto' or 'standard_only'"],
  ["plain", "speed", "faster", "speed: Input should be 'standard' or 'fast'"],
  ["plain", "diagnostics", { previous: "msg_1" }, "diagnostics.previous: Extra inputs are not permitted"],
  ["plain", "system.0", picture("image/png", 1, 1), unknownTag("system.0", "image")],

  // The model
  ["plain", "model", "claude-opus-9", "model: claude-opus-9"],
  ["plain", "model", "claude-3-opus-20240229", "model: claude-3-opus-20240229"],
  [
    "plain",
    "max_tokens",
    128_001,
    "max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-opus-5",
  ],
  [
    "manual",
    "max_tokens",
    64_001,
    "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5-20251001",
  ],
  ["manual", "system", "long ".repeat(160_000), /^prompt is too long: \d+ tokens > 200000 maximum$/],
  [
    "structured",
    "thinking",
    { type: "disabled" },
    '"thinking.type.disabled" is not supported for this model. Use "thinking.type.between_tools" for the lowest thinking setting, or "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
  ],
  ["structured", "model", "claude-haiku-4-5", "adaptive thinking is not supported on this model"],
  [
    "plain",
    "thinking",
    { type: "enabled", budget_tokens: 2_000 },
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
  ],
  [
    "plain",
    "thinking",
    { type: "between_tools" },
    '"thinking.type.between_tools" is not supported for this model.',
  ],
  [
    "structured",
    "tool_choice",
    { type: "any" },
    'tool_choice: type "tool" and "any" are not supported for this model.',
  ],
  [
    "structured",
    "tool_choice",
    { type: "tool", name: "weather" },
    'tool_choice: type "tool" and "any" are not supported for this model.',
  ],
  [
    "plain",
    "messages",
    (messages: unknown[]) => messages.slice(0, -1),
    "This model does not support assistant message prefill. The conversation must end with a user message.",
  ],
  ["plain", "model", "claude-opus-4-7", "messages: role 'system' is not supported on this model"],
  ["aged", "output_config", { effort: "low" }, "This model does not support the effort parameter."],
  [
    "structured",
    "output_config.effort",
    "highest",
    "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
  ],

  // Sampling, where it still is
  ["aged", "temperature", 1.5, "temperature: range: 0..1"],
  ["aged", "temperature", "hot", "temperature: Input should be a valid number"],
  ["aged", "top_p", 2, "top_p: range: 0..1"],
  ["aged", "top_k", 1.5, "top_k: Input should be a valid integer"],
  [
    "aged",
    "top_p",
    0.9,
    "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
  ],
  [
    "aged",
    "messages.1.content",
    "{ ",
    "messages: final assistant content cannot end with trailing whitespace",
  ],
  ["aged", "thinking", { type: "adaptive" }, "adaptive thinking is not supported on this model"],
  [
    "aged",
    "model",
    "claude-sonnet-4-6",
    "This model does not support assistant message prefill. The conversation must end with a user message.",
  ],

  // Thinking
  ["manual", "thinking.type", "always", unknownTag("thinking", "always")],
  ["manual", "thinking.type", undefined, "thinking.type: Field required"],
  ["manual", "thinking.budget_tokens", undefined, "thinking.enabled.budget_tokens: Field required"],
  [
    "manual",
    "thinking.budget_tokens",
    1_023,
    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
  ],
  [
    "manual",
    "thinking.budget_tokens",
    4_096,
    /^`max_tokens` must be greater than `thinking.budget_tokens`\./,
  ],
  ["manual", "thinking.effort", "low", "thinking.enabled.effort: Extra inputs are not permitted"],
  [
    "structured",
    "thinking.display",
    "full",
    "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
  ],
  [
    "structured",
    "thinking.budget_tokens",
    2_000,
    "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
  ],
  ["manual", "tool_choice", { type: "any" }, "Thinking may not be enabled when tool_choice forces tool use."],
  [
    "manual",
    call,
    (content: unknown[]) => content.slice(1),
    /^messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`\./,
  ],
  ["manual", `${call}.0.signature`, undefined, `${call}.0.thinking.signature: Field required`],
  [
    "manual",
    `${call}.0.cache_control`,
    {},
    `${call}.0.thinking.cache_control: Extra inputs are not permitted`,
  ],
  [
    "plain",
    "messages.4.content",
    adding({ type: "thinking", thinking: "", signature: "x" }),
    "messages.4: The final block in an assistant message cannot be `thinking`.",
  ],

  [
    "aged",
    "messages.1.content",
    [{ type: "thinking", thinking: "Hm.", signature: "x" }, text("{")],
    "messages.1.content.0: When thinking is disabled, an `assistant` message in the final position cannot contain `thinking`. To use thinking blocks, enable `thinking` in your request.",
  ],
];
