import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refuseMessageRequest, type Surroundings } from "../src/index.js";
import { findModel } from "../src/simulator/catalogue.js";
import { prefixAfter, prefixOf, signThinking } from "../src/simulator/thinking.js";
import { judgeCountRequest, judgeMessageRequest } from "../src/simulator/validate/validate.js";
import {
  aged,
  closed,
  type Fields,
  manual,
  picture,
  plain,
  programmatic,
  serverUse,
  strictTool,
  structured,
  text,
} from "./legal-requests.js";
import { pictureBytes, webpBytes } from "./pictures.js";

/** The words of an error are the API's own where its users have quoted them. */
const legal = { plain, programmatic, manual, structured, aged };
type Legal = keyof typeof legal;

const surroundings = (version = "2026-10-21", ...betas: string[]): Surroundings => ({
  version,
  betas,
  findModel: (id) => {
    const model = findModel(id);
    return model?.retired ? undefined : model;
  },
});
const of = (name: Legal): Surroundings => surroundings(name === "aged" ? "2023-06-01" : "2026-10-21");

/** A copy with something else in one place, e.g. `messages.0.content`; nothing at all where the value is undefined. */
function changed(request: Fields, path: string, value: unknown): Fields {
  const copy: Fields = structuredClone(request);
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  const place = steps.reduce<Fields>((inner, step) => inner[step] as Fields, copy);
  if (value === undefined) delete place[last];
  else place[last] = typeof value === "function" ? value(place[last]) : value;
  return copy;
}

const adding =
  (...more: unknown[]) =>
  (list: readonly unknown[] = []): unknown[] => [...list, ...more];
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const unknownTag = (path: string, tag: string): RegExp =>
  new RegExp(`^${path}: Input tag '${tag}' found using 'type' does not match any of the expected tags: '`);

const first = "messages.0.content";
const call = "messages.1.content";
const answer = "messages.2.content.0";
const schema = "output_config.format.schema";
const cached = { cache_control: { type: "ephemeral" } };
const directive = "the directive-only form (content: [] with output_config) is accepted at any position";

type Row = readonly [base: Legal, path: string, value: unknown, message: string | RegExp];

const illegal: readonly Row[] = [
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

  // Messages and their order
  ["plain", "messages.5.role", "human", "messages.5.role: Input should be 'user', 'assistant' or 'system'"],
  [
    "plain",
    "messages",
    (messages: unknown[]) => times(100_001, () => messages[0]),
    "messages: List should have at most 100000 items after validation, not 100001",
  ],
  [
    "plain",
    "messages",
    (messages: unknown[]) => [{ role: "system", content: "Be kind." }, ...messages],
    `messages.0: use the top-level 'system' parameter for the initial system prompt; ${directive}`,
  ],
  [
    "plain",
    "messages.4.role",
    "user",
    `messages.3: role 'system' must precede an 'assistant' message or end the array; ${directive}`,
  ],
  [
    "plain",
    "messages",
    (messages: unknown[]) => messages.toSpliced(5, 0, { role: "system", content: "Be kind." }),
    `messages.5: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result; ${directive}`,
  ],
  ["plain", "messages.3.content", [], "messages.3: system content must contain at least one block"],
  ["plain", "messages.3.content.0.text", "", "messages: text content blocks must be non-empty"],
  [
    "plain",
    "messages.3.content.0",
    picture("image/png", 1, 1),
    "messages.3: role 'system' supports text, tool_addition, and tool_removal blocks only",
  ],

  // Calls and results
  [
    "plain",
    `${answer}.tool_use_id`,
    "toolu_2",
    /^messages\.1: `tool_use` ids were found without `tool_result` blocks/,
  ],
  [
    "plain",
    "messages.2.content",
    (blocks: unknown[]) => blocks.toReversed(),
    /^messages\.1: `tool_use` ids were found/,
  ],
  ["plain", `${answer}.is_error`, "no", `${answer}.tool_result.is_error: Input should be a valid boolean`],
  [
    "plain",
    `${answer}.content.0`,
    serverUse("a", "b"),
    unknownTag(`${answer}.tool_result.content.0`, "server_tool_use"),
  ],
  [
    "plain",
    `${answer}.toolset_name`,
    "browser",
    `${answer}.tool_result.toolset_name: must be that of its \`tool_use\` block, null`,
  ],
  [
    "plain",
    `${call}.3.name`,
    "the weather",
    /^messages\.1\.content\.3\.tool_use\.name: String should match pattern/,
  ],
  ["plain", `${call}.3.caller`, { type: "someone" }, unknownTag(`${call}.3.tool_use.caller`, "someone")],
  [
    "plain",
    call,
    (blocks: unknown[]) => blocks.toSpliced(2, 1),
    "messages.1: `web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block",
  ],
  [
    "plain",
    `${call}.2.tool_use_id`,
    "srvtoolu_2",
    /^messages\.1\.content\.2: unexpected `tool_use_id` found in `web_search_tool_result` blocks: srvtoolu_2\./,
  ],
  ["plain", `${call}.2.found`, 3, `${call}.2.web_search_tool_result.found: Extra inputs are not permitted`],
  [
    "plain",
    "messages.5.content.0",
    serverUse("a", "web_search"),
    unknownTag("messages.5.content.0", "server_tool_use"),
  ],
  [
    "plain",
    "messages.5.content.0.content.0",
    "c",
    "messages.5.content.0.search_result.content.0: Input should be a valid dictionary",
  ],
  [
    "plain",
    "messages.5.content.2.citations",
    [{ type: "char_location" }],
    /citations: Extra inputs are not permitted$/,
  ],
  [
    "plain",
    "messages.4.content",
    adding({ type: "document", source: { type: "url", url: "https://example.com/a.pdf" } }),
    "messages.4.content.1: `document` blocks are not permitted within assistant turns.",
  ],

  // Pictures and documents
  [
    "plain",
    `${first}.0.source.media_type`,
    "image/jpeg",
    `${first}.0.image.source.base64: The image was specified using the image/jpeg media type, but the image appears to be a image/png image`,
  ],
  [
    "plain",
    `${first}.0.source.media_type`,
    "image/tiff",
    `${first}.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`,
  ],
  ["plain", `${first}.0.source.data`, "abc", `${first}.0.image.source.base64.data: Invalid base64 data`],
  [
    "plain",
    `${first}.0.source.data`,
    "aGVsbG8=",
    `${first}.0.image.source.base64.data: Could not process image`,
  ],
  [
    "plain",
    `${first}.0.source.name`,
    "a.png",
    `${first}.0.image.source.base64.name: Extra inputs are not permitted`,
  ],
  [
    "plain",
    `${first}.0.source.data`,
    (data: string) => data.padEnd(10_485_764, "A"),
    `${first}.0.image.source.base64: image exceeds 10 MB maximum: 10485764 bytes > 10485760 bytes`,
  ],
  [
    "plain",
    `${first}.0`,
    picture("image/png", 8_001, 10),
    `${first}.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels`,
  ],
  [
    "plain",
    `${answer}.content.1`,
    picture("image/webp", 10, 8_001),
    `${answer}.tool_result.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels`,
  ],
  [
    "plain",
    first,
    adding(...times(20, () => picture("image/gif", 2_001, 1))),
    `${first}.4.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels`,
  ],
  [
    "plain",
    first,
    adding(...times(600, () => picture("image/png", 1, 1))),
    "too many images and documents: 603 + 1 > 600",
  ],
  [
    "manual",
    "messages.0.content",
    times(101, () => picture("image/png", 1, 1)),
    "too many images and documents: 101 + 0 > 100",
  ],
  [
    "plain",
    `${first}.0.transformations`,
    { oversized_image: "crop" },
    /oversized_image: Input should be 'downsize' or 'error'$/,
  ],
  [
    "plain",
    "messages.5.content.1.source.url",
    "a.png",
    "messages.5.content.1.image.source.url.url: Only HTTP and HTTPS URLs are supported",
  ],
  [
    "plain",
    "messages.5.content.1.source",
    { type: "file" },
    "messages.5.content.1.image.source.file.file_id: Field required",
  ],
  [
    "plain",
    `${first}.1.source.data`,
    "aGVsbG8=",
    `${first}.1.pdf.source.base64.data: The PDF specified was not valid.`,
  ],
  ["plain", `${first}.1.source.data`, "", `${first}.1.pdf.source.base64: PDF cannot be empty`],
  [
    "plain",
    `${first}.1.source.type`,
    "text",
    `${first}.1.document.source.text.media_type: Input should be 'text/plain'`,
  ],
  ["plain", `${first}.1.title`, 5, `${first}.1.document.title: Input should be a valid string`],
  [
    "plain",
    `${first}.2.source.content.0`,
    serverUse("a", "b"),
    unknownTag(`${first}.2.document.source.content.content.0`, "server_tool_use"),
  ],
  [
    "plain",
    `${first}.1.citations`,
    { enabled: true },
    "messages: citations must be enabled on all or none of the documents in a request",
  ],

  // Tools
  ["plain", "tools.0.name", "the weather", /^tools\.0\.custom\.name: String should match pattern/],
  [
    "plain",
    "tools.0.input_schema.type",
    "string",
    "tools.0.custom.input_schema.type: Input should be 'object'",
  ],
  [
    "plain",
    "tools.0.input_schema.anyOf",
    [],
    /input_schema does not support oneOf, allOf, or anyOf at the top level$/,
  ],
  [
    "plain",
    "tools.0.input_examples",
    ["Oslo"],
    "tools.0.custom.input_examples.0: Input should be a valid dictionary",
  ],
  [
    "plain",
    "tools.0.allowed_callers",
    ["me"],
    /^tools\.0\.custom\.allowed_callers\.0: Input should be 'direct', /,
  ],
  ["plain", "tools.1.name", "weather", "tools: Tool names must be unique."],
  [
    "plain",
    "tools.2.name",
    "search",
    "tools.2.tool_search_tool_regex_20251119.name: Input should be 'tool_search_tool_regex'",
  ],
  ["plain", "tools.3.type", "web_search_20240101", unknownTag("tools.3", "web_search_20240101")],
  ["plain", "tools.3.max_uses", 0, "tools.3.web_search_20250305.max_uses: Input should be greater than 0"],
  [
    "plain",
    "tools.3.max_tokens",
    5,
    "tools.3.web_search_20250305.max_tokens: Extra inputs are not permitted",
  ],
  [
    "plain",
    "tools.3.blocked_domains",
    ["example.org"],
    "tools.3.web_search_20250305: Only one of allowed_domains or blocked_domains can be specified",
  ],
  ["plain", "tool_choice.type", "maybe", unknownTag("tool_choice", "maybe")],
  [
    "plain",
    "tool_choice",
    { type: "tool", name: "news" },
    "tool_choice: Tool 'news' not found in provided tools",
  ],
  [
    "plain",
    "tool_choice",
    { type: "none", disable_parallel_tool_use: true },
    "tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted",
  ],

  // Deferred tools
  [
    "plain",
    "tools",
    (tools: Fields[]) => tools.map((tool) => ({ ...tool, defer_loading: true })),
    "At least one tool must have defer_loading=false. All tools cannot be deferred.",
  ],
  [
    "plain",
    "tools.1.cache_control",
    { type: "ephemeral" },
    "Tool 'rare' cannot have both defer_loading=true and cache_control set. Tools with defer_loading cannot use prompt caching.",
  ],
  ["plain", `${answer}.content.2.tool_name`, "rarer", "Tool reference 'rarer' not found in available tools"],
  [
    "plain",
    "messages.5.content.0",
    { type: "tool_reference", tool_name: "rare" },
    unknownTag("messages.5.content.0", "tool_reference"),
  ],

  // Containers
  [
    "programmatic",
    "container",
    undefined,
    "container_id is required when there are pending tool uses generated by code execution with tools.",
  ],
  [
    "plain",
    "container",
    "container_1",
    "container: Container identifier can only be provided when using the code execution tool",
  ],
  ["programmatic", "container", { name: "c" }, "container.name: Extra inputs are not permitted"],
  [
    "programmatic",
    "container",
    { skills: [{ skill_id: "pdf", type: "mine" }] },
    "container.skills.0.type: Input should be 'anthropic' or 'custom'",
  ],
  [
    "programmatic",
    "container",
    { skills: times(9, () => ({ skill_id: "pdf", type: "anthropic" })) },
    "container.skills: List should have at most 8 items after validation, not 9",
  ],
  [
    "plain",
    "tools.0.allowed_callers",
    ["code_execution_20260120"],
    /^tools\.0: allowed_callers names 'code_execution_20260120', but/,
  ],
  [
    "programmatic",
    "messages.2.content",
    adding(text("Hurry.")),
    "messages.1: `code_execution` tool use with id `srvtoolu_1` was found without a corresponding `code_execution_tool_result` block",
  ],

  // Structured outputs
  ["structured", "output_config.format.type", "json", unknownTag("output_config.format", "json")],
  ["structured", schema, undefined, "output_config.format.schema: Field required"],
  ["structured", "output_config.form", {}, "output_config.form: Extra inputs are not permitted"],
  [
    "structured",
    `${schema}.additionalProperties`,
    undefined,
    `${schema}: For 'object' type, 'additionalProperties' must be explicitly set to false`,
  ],
  [
    "structured",
    `${schema}.$defs.owner.additionalProperties`,
    { type: "string" },
    `${schema}: For 'object' type, 'additionalProperties: object' is not supported. Please set 'additionalProperties' to false`,
  ],
  [
    "structured",
    `${schema}.properties.age`,
    { type: "integer", minimum: 1, maximum: 5 },
    `${schema}: For 'integer' type, properties maximum, minimum are not supported`,
  ],
  [
    "structured",
    `${schema}.properties.name.maxLength`,
    5,
    `${schema}: For 'string' type, properties maxLength are not supported`,
  ],
  [
    "structured",
    `${schema}.properties.tags.maxItems`,
    5,
    `${schema}: For 'array' type, property 'maxItems' is not supported`,
  ],
  [
    "structured",
    `${schema}.properties.tags.minItems`,
    2,
    `${schema}: For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [2])`,
  ],
  [
    "structured",
    `${schema}.properties.either`,
    { oneOf: [{ type: "null" }] },
    `${schema}: Schema type 'oneOf' is not supported`,
  ],
  [
    "structured",
    `${schema}.$defs.owner.properties.name`,
    { $ref: "#/$defs/owner" },
    `${schema}: Circular reference detected in schema definitions: owner -> owner`,
  ],
  [
    "structured",
    `${first}.0.citations`,
    { enabled: true },
    /structured outputs cannot be used with citations$/,
  ],
  [
    "structured",
    "tools.0.input_schema.properties.city",
    { type: "number", multipleOf: 2 },
    "tools.0.custom: For 'number' type, properties multipleOf are not supported",
  ],
  [
    "structured",
    "tools",
    times(21, (index) => strictTool(`tool_${index}`)),
    "Too many strict tools (21). The maximum number of strict tools supported is 20. Try reducing the number of tools marked as strict.",
  ],
  [
    "structured",
    "tools.0.input_schema",
    closed(Object.fromEntries(times(21, (index) => [`p${index}`, { type: "string" }])), []),
    /^Schemas contains too many optional parameters \(25\), .* \(limit: 24\)\.$/,
  ],
  [
    "structured",
    "tools.0.input_schema",
    closed(Object.fromEntries(times(16, (index) => [`p${index}`, { type: ["string", "null"] }]))),
    /^Schemas contains too many parameters with union types \(17 parameters with type arrays or anyOf\)\./,
  ],

  // Cache markers
  [
    "plain",
    "cache_control",
    { type: "ephemeral", ttl: "2h" },
    "cache_control.ttl: Input should be '5m' or '1h'",
  ],
  [
    "plain",
    first,
    adding(...times(5, () => text("a", cached))),
    "A maximum of 4 blocks with cache_control may be provided. Found 5.",
  ],
];

describe("the API refuses a request that it takes, once one thing in it is changed", () => {
  test.each(illegal)("%s with another %s (%#)", (base, path, value, message) => {
    const refusal = refuseMessageRequest(changed(legal[base], path, value), of(base));
    if (typeof message === "string") expect(refusal).toBe(message);
    else expect(refusal).toMatch(message);
  });

  test("in a hundred ways", () => {
    expect(illegal.length).toBeGreaterThan(100);
  });
});

describe("content of a message that is no list of blocks", () => {
  test.each<[string, unknown, string]>([
    ["system", 5, "messages.1.content: Input should be a valid string"],
    ["system", null, "messages.1.content: Input should be a valid string"],
    ["system", [null], "messages.1.content.0: Input should be a valid dictionary"],
    ["system", ["text"], "messages.1.content.0: Input should be a valid dictionary"],
    ["assistant", {}, "messages.1.content: Input should be a valid string"],
    ["user", [null], "messages.1.content.0: Input should be a valid dictionary"],
  ])("is refused and trips nothing: %s %j", (role, content, words) => {
    const messages = [
      { role: "user", content: "Hello" },
      { role, content },
      { role: "user", content: "Hello" },
    ];
    const body = { model: "claude-haiku-5-5", max_tokens: 10, messages };
    expect(refuseMessageRequest(body, surroundings())).toBe(words);
  });
});

test("a schema whose definitions are used over and over is judged at once", () => {
  const names = times(60, (index) => `d${index}`);
  const $defs = Object.fromEntries(
    names.map((name, index) => {
      const next = { $ref: `#/$defs/${names[index + 1]}` };
      return [name, closed(index + 1 < names.length ? { one: next, other: next } : {})];
    }),
  );
  const body = {
    model: "claude-haiku-5-5",
    max_tokens: 10,
    messages: [{ role: "user", content: "Hello" }],
    output_config: {
      format: { type: "json_schema", schema: { ...closed({ first: { $ref: "#/$defs/d0" } }), $defs } },
    },
  };
  expect(refuseMessageRequest(body, surroundings())).toBeUndefined();
});

describe("the API takes", () => {
  test.each(Object.entries(legal))("%s", (name, request) => {
    expect(refuseMessageRequest(request, of(name as Legal))).toBeUndefined();
  });

  test.each<[what: string, base: Legal, path: string, value: unknown]>([
    ["a model that it had, if that is kept", "aged", "model", "claude-haiku-4-5-20251001"],
    ["as many tokens as the model gives", "plain", "max_tokens", 128_000],
    ["a picture as large as can be", "plain", `${first}.0`, picture("image/jpeg", 8_000, 8_000)],
    [
      "twenty large pictures",
      "plain",
      first,
      (blocks: unknown[]) => [...times(17, () => picture("image/png", 8_000, 9)), ...blocks],
    ],
    ["many small pictures", "plain", first, adding(...times(596, () => picture("image/webp", 2_000, 2_000)))],
    [
      "a picture whose size can't be read",
      "plain",
      `${first}.0.source.data`,
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1").toString("base64"),
    ],
    ["the highest effort", "structured", "output_config.effort", "max"],
    ["a definition that is used twice", "structured", `${schema}.properties.age`, { $ref: "#/$defs/owner" }],
    [
      "as many optional parameters as it can",
      "structured",
      "tools.0.input_schema",
      closed(Object.fromEntries(times(20, (index) => [`p${index}`, { type: "string" }])), []),
    ],
    ["twenty strict tools", "structured", "tools", times(20, (index) => strictTool(`tool_${index}`))],
    [
      "two system messages in a row",
      "plain",
      "messages",
      (messages: unknown[]) => messages.toSpliced(3, 0, { role: "system", content: "Be kind." }),
    ],
    ["a system message at the end", "plain", "messages", adding({ role: "system", content: "Be kind." })],
    [
      "a container with skills",
      "programmatic",
      "container",
      { id: "container_1", skills: [{ skill_id: "pdf", type: "anthropic", version: "latest" }] },
    ],
    [
      "a paused turn, on any model",
      "plain",
      "messages",
      adding({ role: "assistant", content: [serverUse("srvtoolu_2", "web_search")] }),
    ],
    [
      "citations on all documents",
      "plain",
      first,
      (blocks: Fields[]) =>
        blocks.map((block) =>
          block.type === "document" ? { ...block, citations: { enabled: true } } : block,
        ),
    ],
    ["more thinking than a reply is long, between calls", "manual", "max_tokens", 4_096],
  ])("%s", (_, base, path, value) => {
    expect(refuseMessageRequest(changed(legal[base], path, value), of(base))).toBeUndefined();
  });

  test("a legal request with any of its optional parts left out", () => {
    const optional = ["system", "metadata", "stop_sequences", "service_tier", "tool_choice"] as const;
    fc.assert(
      fc.property(
        fc.subarray([...optional]),
        fc.boolean(),
        fc.integer({ min: 0, max: 128_000 }),
        (left, stream, max) => {
          const rest = Object.fromEntries(
            Object.entries(plain).filter(([name]) => !left.includes(name as never)),
          );
          const request = { ...rest, max_tokens: max, stream: stream && max > 0 };
          expect(refuseMessageRequest(request, of("plain"))).toBeUndefined();
        },
      ),
    );
  });

  test("a request whose conversation ends at any turn of the person", () => {
    const { messages } = plain as { messages: { role: string }[] };
    for (const [index, { role }] of messages.entries()) {
      if (role !== "user") continue;
      const request = { ...plain, messages: messages.slice(0, index + 1) };
      expect(refuseMessageRequest(request, of("plain"))).toBeUndefined();
    }
  });
});

describe("by the version and the betas of the request", () => {
  test("sampling parameters are taken before 2026-10-21", () => {
    expect(refuseMessageRequest(aged, surroundings("2023-06-01"))).toBeUndefined();
    expect(refuseMessageRequest(aged, surroundings("2026-10-21"))).toBe(
      "temperature: Extra inputs are not permitted",
    );
  });

  test("models that have done with sampling parameters still take their defaults", () => {
    const request = { ...changed(plain, "metadata", undefined), temperature: 1 };
    expect(refuseMessageRequest(request, surroundings("2023-06-01"))).toBeUndefined();
    expect(refuseMessageRequest({ ...request, temperature: 0 }, surroundings("2023-06-01"))).toBe(
      "`temperature` is deprecated for this model.",
    );
  });

  test.each<[parameter: Fields, message: RegExp]>([
    [
      { temperature: 0.5 },
      /^`temperature` may only be set to 1 when thinking is enabled or in adaptive mode\./,
    ],
    [{ top_p: 0.9 }, /^`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled\./],
    [{ top_k: 5 }, /^`top_k` must be unset when thinking is enabled\./],
  ])("%o does not go with thinking", (parameter, message) => {
    expect(refuseMessageRequest({ ...manual, ...parameter }, surroundings("2023-06-01"))).toMatch(message);
  });

  test("a budget may be larger than the reply where thinking goes on between calls", () => {
    const request = changed(manual, "thinking.budget_tokens", 32_000);
    expect(refuseMessageRequest(request, of("manual"))).toMatch(/^`max_tokens` must be greater/);
    const named = surroundings("2026-10-21", "interleaved-thinking-2025-05-14");
    expect(refuseMessageRequest(request, named)).toBeUndefined();
  });

  test("longer replies and prompts need their betas", () => {
    const long = changed(plain, "max_tokens", 300_000);
    expect(refuseMessageRequest(long, surroundings("2026-10-21", "output-300k-2026-03-24"))).toBeUndefined();
    const prompt = changed(manual, "system", "long ".repeat(160_000));
    expect(refuseMessageRequest(prompt, surroundings("2026-10-21", "context-1m-2025-08-07"))).toBeUndefined();
  });

  test("a change of effort on the way needs a beta, and may stand anywhere", () => {
    const message = { role: "system", content: [], output_config: { effort: "low" } };
    const request = changed(plain, "messages", (messages: unknown[]) => messages.toSpliced(5, 0, message));
    expect(refuseMessageRequest(request, of("plain"))).toBe(
      "messages.5.output_config: Extra inputs are not permitted",
    );
    const named = surroundings("2026-10-21", "mid-conversation-output-config-2026-07-01");
    expect(refuseMessageRequest(request, named)).toBeUndefined();
  });

  test("a tool that only a beta knows is taken with a beta", () => {
    const request = changed(plain, "tools.3", { type: "advisor_20260301", name: "advisor" });
    expect(refuseMessageRequest(request, of("plain"))).toMatch(unknownTag("tools.3", "advisor_20260301"));
    expect(
      refuseMessageRequest(request, surroundings("2026-10-21", "advisor-tool-2026-03-01")),
    ).toBeUndefined();
  });
});

describe("thoughts are bound", () => {
  const question = { role: "user", content: "Why?" };
  const asked = { model: "claude-opus-5-5", max_tokens: 100, system: "Think.", messages: [question] };
  const thought = {
    type: "thinking",
    thinking: "Hm.",
    signature: signThinking(prefixOf(asked as never), "Hm."),
  };
  const second = {
    type: "thinking",
    thinking: "",
    signature: signThinking(prefixAfter(prefixOf(asked as never), thought), ""),
  };
  const reply = { role: "assistant", content: [thought, second, text("Because.")] };
  const request: Fields = { ...asked, messages: [question, reply, { role: "user", content: "Oh." }] };
  const moved =
    "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation. " +
    'Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".';
  const header =
    " That setting requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header.";
  const controls = surroundings("2026-10-21", "thinking-binding-controls-2026-08-01");

  test("and come back as they were", () => {
    expect(refuseMessageRequest(request, surroundings())).toBeUndefined();
    expect(
      refuseMessageRequest(changed(request, "messages.1.content.0.thinking", "Ha."), surroundings()),
    ).toBe("messages.1.content.0: Invalid `signature` in `thinking` block");
  });

  test.each<[what: string, path: string, value: unknown]>([
    ["another system prompt", "system", "Think hard."],
    ["a tool more", "tools", [strictTool("weather")]],
    ["another question", "messages.0.content", "Why not?"],
    [
      "a system message more",
      "messages",
      (said: unknown[]) => said.toSpliced(1, 0, { role: "system", content: "Now." }),
    ],
  ])("to what stood before them: %s", (_, path, value) => {
    expect(refuseMessageRequest(changed(request, path, value), surroundings())).toContain(
      (moved + header).slice("messages.1".length),
    );
  });

  test("to the thoughts between", () => {
    const without = changed(request, "messages.1.content", (content: unknown[]) => content.slice(1));
    expect(refuseMessageRequest(without, surroundings())).toBe(moved + header);
  });

  test("only on the newest models, unless the request asks for it", () => {
    const edited = changed(request, "system", "Think hard.");
    expect(refuseMessageRequest({ ...edited, model: "claude-opus-5" }, surroundings())).toBeUndefined();
    const strict = {
      ...edited,
      model: "claude-opus-5",
      thinking: { type: "adaptive", block_binding: { prefix_mismatch_behavior: "error" } },
    };
    expect(refuseMessageRequest(strict, controls)).toBe(moved);
  });

  test("unless the request lets them be dropped", () => {
    const dropping = {
      ...changed(request, "system", "Think hard."),
      thinking: { type: "adaptive", block_binding: { prefix_mismatch_behavior: "drop_block" } },
    };
    expect(refuseMessageRequest(dropping, controls)).toBeUndefined();
    expect(refuseMessageRequest(dropping, surroundings())).toBe(
      "thinking.adaptive.block_binding: Extra inputs are not permitted",
    );
  });

  test("and a signature from elsewhere can't be judged", () => {
    const foreign = changed(request, "messages.1.content.0.signature", "EqQBCkYIBRgC");
    expect(
      refuseMessageRequest(changed(foreign, "messages.1.content.1", text("x")), surroundings()),
    ).toBeUndefined();
  });
});

describe("the whole refusal", () => {
  test("is a 404 for a model that is not there, and nothing is said of it where no list is given", () => {
    const request = changed(plain, "model", "claude-opus-9");
    expect(judgeMessageRequest(request, surroundings())).toEqual({
      status: 404,
      error: { type: "not_found_error", message: "model: claude-opus-9" },
    });
    expect(judgeMessageRequest(request, { version: "2026-10-21", betas: [] })).toBeUndefined();
  });

  test("names every picture that is too large", () => {
    const large = changed(plain, `${answer}.content.1`, picture("image/jpeg", 1, 9_000));
    const both = changed(large, `${first}.0`, picture("image/png", 9_000, 1));
    expect(judgeMessageRequest(both, of("plain"))?.error).toEqual({
      type: "invalid_request_error",
      message: expect.stringContaining("8000 pixels"),
      details: {
        error_code: "image_dimensions_too_large",
        max_side_length_pixels: 8_000,
        paths: ["messages.0.content.0", "messages.2.content.0.content.1"],
      },
    });
  });

  test.each([
    ["png", pictureBytes("image/png", 9_000, 1)],
    ["jpeg", pictureBytes("image/jpeg", 1, 9_000)],
    ["gif", pictureBytes("image/gif", 9_000, 1)],
    ["webp", pictureBytes("image/webp", 1, 9_000)],
    ["webp", webpBytes("VP8 ", 9_000, 1)],
    ["webp", webpBytes("VP8L", 1, 9_000)],
  ])("knows the size of a %s", (kind, bytes) => {
    const source = { type: "base64", media_type: `image/${kind}`, data: bytes.toString("base64") };
    expect(
      judgeMessageRequest(changed(plain, `${first}.0.source`, source), of("plain"))?.error.message,
    ).toContain("8000 pixels");
  });
});

describe("counting tokens", () => {
  const { model, system, tools, tool_choice, messages } = plain;
  const counted = { model, system, tools, tool_choice, messages };

  test("takes the same prompt without anything about the reply", () => {
    expect(judgeCountRequest(counted, surroundings())).toBeUndefined();
    const { max_tokens: _, ...thinking } = manual;
    expect(judgeCountRequest(thinking, surroundings())).toBeUndefined();
    expect(judgeCountRequest({ model }, surroundings())?.error.message).toBe("messages: Field required");
    expect(judgeCountRequest({ messages }, surroundings())?.error.message).toBe("model: Field required");
    expect(judgeCountRequest({ ...counted, max_tokens: 5 }, surroundings())?.error.message).toBe(
      "max_tokens: Extra inputs are not permitted",
    );
  });

  test("refuses a prompt that a message would be refused for", () => {
    const broken = changed(counted, `${answer}.tool_use_id`, "toolu_2");
    expect(judgeCountRequest(broken, surroundings())?.error.message).toMatch(
      /^messages\.1: `tool_use` ids were found/,
    );
    expect(judgeCountRequest({ ...counted, model: "claude-opus-9" }, surroundings())?.status).toBe(404);
  });
});
