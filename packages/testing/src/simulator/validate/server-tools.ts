import { isOpened } from "./beta-features.js";
import { type Fields, isFields } from "./rule.js";
import {
  anything,
  boolean,
  checkFields,
  listOf,
  nullable,
  object,
  oneOf,
  positive,
  type Shape,
  type Shapes,
  text,
  unknownTag,
} from "./shape.js";

/** Who may call a tool: the model itself, or the code that it writes. */
export const callers: Shape = listOf(
  oneOf("direct", "code_execution_20250825", "code_execution_20260120", "code_execution_20260521"),
);

type Optional = Readonly<Record<string, Shape>>;

const common: Optional = {
  cache_control: nullable(object),
  defer_loading: boolean,
  strict: boolean,
  allowed_callers: callers,
};
const withExamples: Optional = { ...common, input_examples: listOf(object) };
const search: Optional = {
  ...common,
  allowed_domains: nullable(listOf(text)),
  blocked_domains: nullable(listOf(text)),
  max_uses: nullable(positive),
};
const location: Shapes = {
  required: { type: oneOf("approximate") },
  optional: {
    city: nullable(text),
    country: nullable(text),
    region: nullable(text),
    timezone: nullable(text),
  },
};
const webSearch: Optional = { ...search, user_location: nullable(object) };
const webFetch: Optional = {
  ...search,
  citations: nullable(object),
  max_content_tokens: nullable(positive),
  url_sources: nullable(object),
};
const cached: Optional = { use_cache: boolean };
const uncut: Optional = { response_inclusion: nullable(text) };

/** The tools of the API, by type: the name that each must have (none for a toolset), and what it may be told. */
const tools: ReadonlyMap<string, readonly [name: string | undefined, optional: Optional]> = new Map([
  ["bash_20250124", ["bash", withExamples]],
  ["browser_toolset_20260801", [undefined, { cache_control: nullable(object), configs: nullable(object) }]],
  ["code_execution_20250522", ["code_execution", common]],
  ["code_execution_20250825", ["code_execution", common]],
  ["code_execution_20260120", ["code_execution", common]],
  ["code_execution_20260521", ["code_execution", common]],
  ["computer_toolset_20260801", [undefined, { cache_control: nullable(object), configs: nullable(object) }]],
  ["memory_20250818", ["memory", withExamples]],
  ["text_editor_20250124", ["str_replace_editor", withExamples]],
  ["text_editor_20250429", ["str_replace_based_edit_tool", withExamples]],
  [
    "text_editor_20250728",
    ["str_replace_based_edit_tool", { ...withExamples, max_characters: nullable(positive) }],
  ],
  ["tool_search_tool_bm25", ["tool_search_tool_bm25", common]],
  ["tool_search_tool_bm25_20251119", ["tool_search_tool_bm25", common]],
  ["tool_search_tool_regex", ["tool_search_tool_regex", common]],
  ["tool_search_tool_regex_20251119", ["tool_search_tool_regex", common]],
  ["web_fetch_20250910", ["web_fetch", webFetch]],
  ["web_fetch_20260209", ["web_fetch", webFetch]],
  ["web_fetch_20260309", ["web_fetch", { ...webFetch, ...cached }]],
  ["web_fetch_20260318", ["web_fetch", { ...webFetch, ...cached, ...uncut }]],
  ["web_search_20250305", ["web_search", webSearch]],
  ["web_search_20260209", ["web_search", webSearch]],
  ["web_search_20260318", ["web_search", { ...webSearch, ...uncut }]],
]);

/** What is wrong with a tool that has a type. Types that only a beta knows are taken as they are if it is named. */
export function checkServerTool(tool: Fields, path: string, betas: readonly string[]): string | undefined {
  const type = String(tool.type);
  const known = tools.get(type);
  if (known === undefined) {
    if (isOpened("tool", type, betas)) return undefined;
    return `${path}: ${unknownTag(tool.type, ["custom", ...tools.keys()])}`;
  }
  const [name, optional] = known;
  const required = { type: anything, ...(name === undefined ? {} : { name: oneOf(name) }) };
  const shapes: Shapes = { required, optional };
  const problem = checkFields(tool, `${path}.${type}`, shapes);
  if (problem !== undefined) return problem;
  if (isFields(tool.user_location)) {
    const misplaced = checkFields(tool.user_location, `${path}.${type}.user_location`, location);
    if (misplaced !== undefined) return misplaced;
  }
  return hasEntries(tool.allowed_domains) && hasEntries(tool.blocked_domains)
    ? `${path}.${type}: Only one of allowed_domains or blocked_domains can be specified`
    : undefined;
}

function hasEntries(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
