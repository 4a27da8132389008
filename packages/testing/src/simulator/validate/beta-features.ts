const mcpClient = ["mcp-client-2025-04-04", "mcp-client-2025-11-20", "mcp-client-2026-09-15"];
const serverSideFallback = ["server-side-fallback-2026-06-01", "server-side-fallback-2026-07-01"];
const toolChanges = ["mid-conversation-tool-changes-2026-07-01", "inline-tools-2026-09-15"];

/** Where something stands that only a beta knows. */
type BetaPlace =
  | "field"
  | "fallback_credit_token"
  | "edit"
  | "output_config"
  | "thinking"
  | "message"
  | "block"
  | "tool_addition"
  | "tool";

/**
 * What only betas know, by where it stands, and the betas that open it. Each opens its own and nothing else. Source: the SDK's
 * types of `beta.messages`, less what those of `messages` have too, and what is said there of a header.
 *
 * - Said outright by the SDK, or sent by its own helpers: `compaction`, `fallback_credit_token` as an object, `output_format`,
 *   `thread`, `fallback` blocks, `tool_addition` with `inline-tools-2026-09-15`, and a `tool_definition` in it. Asked for by
 *   the API's own errors: `block_binding`.
 * - By their names alone: the rest.
 * - Where a feature has had several betas, which of them takes what is written nowhere: any of them opens it.
 */
export const betaFeatures: Readonly<Record<BetaPlace, Readonly<Record<string, readonly string[]>>>> = {
  /** Of a request. */
  field: {
    billing_policy: ["user-profiles-billing-2026-10-01"],
    compaction: ["compact-2026-09-04"],
    context_management: ["context-management-2025-06-27", "compact-2026-01-12"],
    fallback_credit_token: ["fallback-credit-2026-06-01", "fallback-credit-2026-07-01"],
    fallbacks: serverSideFallback,
    mcp_servers: mcpClient,
    output_format: ["structured-outputs-2025-11-13", "structured-outputs-2025-12-15"],
    thread: ["message-threads-2026-08-12"],
  },
  /** Of `fallback_credit_token`, which is a text otherwise. */
  fallback_credit_token: { object: ["fallback-credit-2026-07-01"] },
  /** The types of `context_management.edits`. */
  edit: {
    clear_thinking_20251015: ["context-management-2025-06-27"],
    clear_tool_uses_20250919: ["context-management-2025-06-27"],
    compact_20260112: ["compact-2026-01-12"],
  },
  output_config: { task_budget: ["task-budgets-2026-03-13"] },
  /** Of the types `adaptive` and `enabled`. */
  thinking: { block_binding: ["thinking-binding-controls-2026-08-01"] },
  /** Of a message of the role `system`. */
  message: {
    clear_at: ["mid-conversation-system-clear-at-2026-08-21"],
    output_config: ["mid-conversation-output-config-2026-07-01"],
  },
  /** Types of content blocks. */
  block: {
    advisor_tool_result: ["advisor-tool-2026-03-01"],
    compaction: ["compact-2026-01-12", "compact-2026-09-04"],
    fallback: serverSideFallback,
    mcp_tool_listing: mcpClient,
    mcp_tool_result: mcpClient,
    mcp_tool_use: mcpClient,
    tool_addition: toolChanges,
    tool_removal: toolChanges,
  },
  /** A tool that a `tool_addition` brings itself. */
  tool_addition: { tool_definition: ["inline-tools-2026-09-15"] },
  /** Types of tools. */
  tool: {
    advisor_20260301: ["advisor-tool-2026-03-01"],
    bash_20241022: ["computer-use-2024-10-22"],
    computer_20241022: ["computer-use-2024-10-22"],
    computer_20250124: ["computer-use-2025-01-24"],
    computer_20251124: ["computer-use-2025-11-24"],
    mcp_toolset: mcpClient,
    text_editor_20241022: ["computer-use-2024-10-22"],
  },
};

/** Whether only a beta knows this. */
export function isOfABeta(place: BetaPlace, name: string): boolean {
  return Object.hasOwn(betaFeatures[place], name);
}

/** Whether only a beta knows this, and one that does is named. */
export function isOpened(place: BetaPlace, name: string, betas: readonly string[]): boolean {
  const openers = Object.hasOwn(betaFeatures[place], name) ? betaFeatures[place][name] : undefined;
  return openers?.some((beta) => betas.includes(beta)) === true;
}

/** The names in this place that the named betas open. */
export function openedIn(place: BetaPlace, betas: readonly string[]): readonly string[] {
  return Object.keys(betaFeatures[place]).filter((name) => isOpened(place, name, betas));
}
