import { isOfABeta, isOpened } from "./beta-features.js";
import { type Fields, firstRefusal, isFields, type Surroundings } from "./rule.js";
import { checkServerName, searchContent, serverCallId } from "./server-blocks.js";
import {
  anything,
  at,
  boolean,
  checkFields,
  fieldsOf,
  listOf,
  matching,
  nonEmptyList,
  nonEmptyText,
  nullable,
  object,
  oneOf,
  type Shape,
  type Shapes,
  tagged,
  text,
  unknownTag,
} from "./shape.js";
import { checkContentSource, checkSource } from "./sources.js";

/** Where a block stands: its path in the request and who says it. */
export interface BlockPlace {
  readonly path: string;
  readonly role: "user" | "assistant" | "system" | "tool_result" | "document";
}

type Check = (block: Fields, place: BlockPlace, surroundings: Surroundings) => string | undefined;

interface BlockKind extends Shapes {
  /** Who may say it. */
  readonly roles: readonly BlockPlace["role"][];
  readonly required: Readonly<Record<string, Shape>>;
  readonly check?: Check;
}

const id = matching(/^[a-zA-Z0-9_-]+$/);
const name = matching(/^[a-zA-Z0-9_-]{1,64}$/);

/** Where they stand is looked at elsewhere, see `caching.ts`. */
const cached = { cache_control: anything };
const toolset = { toolset_name: nullable(nonEmptyText) };
const citing = { citations: nullable(fieldsOf({ optional: { enabled: boolean } })) };

/** What one of the API's own tools has found. */
const serverResult: BlockKind = {
  roles: ["assistant"],
  required: { tool_use_id: serverCallId, content: tagged },
  optional: { ...cached, caller },
};

/** The kinds of block whose rules are known. Anything else is taken as it is from an assistant: the API said it itself. */
const kinds: ReadonlyMap<string, BlockKind> = new Map<string, BlockKind>([
  [
    "text",
    {
      roles: ["user", "assistant", "system", "tool_result", "document"],
      required: { text },
      optional: { ...cached, citations: nullable(listOf(tagged)) },
      check: checkText,
    },
  ],
  [
    "image",
    {
      roles: ["user", "tool_result", "document"],
      required: { source: object },
      optional: {
        ...cached,
        transformations: nullable(fieldsOf({ optional: { oversized_image: oneOf("downsize", "error") } })),
      },
      check: (block, { path }) => checkSource(block, path),
    },
  ],
  [
    "document",
    {
      roles: ["user", "assistant", "tool_result"],
      required: { source: object },
      optional: { ...cached, ...citing, context: nullable(text), title: nullable(text) },
      check: checkDocument,
    },
  ],
  [
    "search_result",
    {
      roles: ["user", "tool_result"],
      required: { source: text, title: text, content: nonEmptyList },
      optional: { ...cached, ...citing },
      check: (block, { path }, surroundings) =>
        checkInner(block.content as unknown[], `${path}.search_result.content`, "system", surroundings),
    },
  ],
  [
    "tool_use",
    {
      roles: ["assistant"],
      required: { id, name, input: object },
      optional: { ...cached, ...toolset, caller },
    },
  ],
  [
    "tool_result",
    {
      roles: ["user"],
      required: { tool_use_id: id },
      optional: { ...cached, ...toolset, content: anything, is_error: boolean },
      check: checkToolResult,
    },
  ],
  ["thinking", { roles: ["assistant"], required: { thinking: text, signature: text } }],
  ["redacted_thinking", { roles: ["assistant"], required: { data: text } }],
  [
    "server_tool_use",
    {
      roles: ["assistant"],
      required: { id: serverCallId, name: text, input: object },
      optional: { ...cached, caller },
      check: ({ name }, { path }, { betas }) =>
        at(`${path}.server_tool_use.name`, checkServerName(name, betas)),
    },
  ],
  [
    "web_search_tool_result",
    { ...serverResult, required: { tool_use_id: serverCallId, content: searchContent } },
  ],
  ["web_fetch_tool_result", serverResult],
  ["code_execution_tool_result", serverResult],
  ["bash_code_execution_tool_result", serverResult],
  ["text_editor_code_execution_tool_result", serverResult],
  ["tool_search_tool_result", serverResult],
  [
    "container_upload",
    { roles: ["user", "assistant"], required: { file_id: nonEmptyText }, optional: cached },
  ],
  ["tool_reference", { roles: ["tool_result"], required: { tool_name: nonEmptyText }, optional: cached }],
  [
    "browser_state",
    {
      roles: ["tool_result"],
      required: { tabs: listOf(object) },
      optional: { ...cached, state_changes: nullable(stateChanges) },
      check: checkBrowserState,
    },
  ],
]);

/** What is wrong with one content block. */
export function checkBlock(
  block: unknown,
  place: BlockPlace,
  surroundings: Surroundings,
): string | undefined {
  if (!isFields(block)) return `${place.path}: Input should be a valid dictionary`;
  const type = block.type;
  if (type === undefined) return `${place.path}.type: Field required`;
  const kind = kinds.get(String(type));
  if (kind === undefined) {
    if (isOfABeta("block", String(type))) return checkBetaBlock(block, place, surroundings);
    return place.role === "assistant" ? undefined : `${place.path}: ${unknownTag(type, tagsFor(place.role))}`;
  }
  if (!kind.roles.includes(place.role)) return misplaced(String(type), place);
  return checkKnown(kind, block, place) ?? kind.check?.(block, place, surroundings);
}

function checkKnown(
  { required, optional = {} }: BlockKind,
  block: Fields,
  { path }: BlockPlace,
): string | undefined {
  const place = `${path}.${String(block.type)}`;
  return (
    checkFields(block, place, { required: { type: text, ...required }, optional }) ??
    strangeOfCaller(block.caller, place)
  );
}

/** Blocks that only a beta knows are taken as they are if it is named. */
function checkBetaBlock(
  block: Fields,
  { path, role }: BlockPlace,
  { betas }: Surroundings,
): string | undefined {
  const type = String(block.type);
  if (!isOpened("block", type, betas)) return `${path}: ${unknownTag(type, tagsFor(role))}`;
  const { tool } = block;
  const brings = type === "tool_addition" && isFields(tool) && tool.type === "tool_definition";
  return brings && !isOpened("tool_addition", "tool_definition", betas)
    ? `${path}.${type}.tool: ${unknownTag("tool_definition", ["tool_reference", "mcp_tool_reference", "mcp_toolset_reference"])}`
    : undefined;
}

function checkInner(
  blocks: readonly unknown[],
  path: string,
  role: BlockPlace["role"],
  surroundings: Surroundings,
): string | undefined {
  return firstRefusal(
    blocks.map((inner, index) => checkBlock(inner, { path: `${path}.${index}`, role }, surroundings)),
  );
}

function misplaced(type: string, { path, role }: BlockPlace): string {
  const message = path.replace(/\.content\.\d+$/, "");
  if (type === "tool_use" || type === "tool_result") {
    return `${message}: \`${type}\` blocks can only be in \`${kinds.get(type)?.roles[0]}\` messages`;
  }
  if (role === "assistant") return `${path}: \`${type}\` blocks are not permitted within assistant turns.`;
  return `${path}: ${unknownTag(type, tagsFor(role))}`;
}

function tagsFor(role: BlockPlace["role"]): string[] {
  return [...kinds].filter(([, kind]) => kind.roles.includes(role)).map(([type]) => type);
}

function checkText(block: Fields, { role, path }: BlockPlace, { version }: Surroundings): string | undefined {
  if (block.text === "") {
    return block.cache_control
      ? `${path}.text: cache_control cannot be set for empty text blocks`
      : "messages: text content blocks must be non-empty";
  }
  // The model itself sometimes says nothing but a space, and that is taken back.
  if (role === "user" && String(block.text).trim() === "") {
    return "messages: text content blocks must contain non-whitespace text";
  }
  const cites = Array.isArray(block.citations) && block.citations.length > 0;
  return (role === "user" || role === "tool_result") && cites && version >= "2026-10-21"
    ? `${path}.text.citations: Extra inputs are not permitted`
    : undefined;
}

function checkDocument(block: Fields, place: BlockPlace, surroundings: Surroundings): string | undefined {
  if (place.role === "assistant" && surroundings.version >= "2026-10-21") return misplaced("document", place);
  const problem = checkSource(block, place.path);
  const source = block.source as Fields;
  if (problem !== undefined || source.type !== "content") return problem;
  return checkContentSource(source, place.path, (inner, path) =>
    checkBlock(inner, { path, role: "document" }, surroundings),
  );
}

/** Who made a call: the model itself, or code that it has written. */
function caller(value: unknown): string | undefined {
  if (!isFields(value)) return object(value);
  if (value.type === "direct") return undefined;
  if (typeof value.type !== "string" || !value.type.startsWith("code_execution_")) {
    return unknownTag(value.type, ["direct", "code_execution_20250825", "code_execution_20260120"]);
  }
  return value.tool_id === undefined ? `.${value.type}.tool_id: Field required` : undefined;
}

function strangeOfCaller(caller: unknown, place: string): string | undefined {
  if (!isFields(caller)) return undefined;
  const known = caller.type === "direct" ? ["type"] : ["type", "tool_id"];
  const extra = Object.keys(caller).find((name) => !known.includes(name));
  return extra === undefined
    ? undefined
    : `${place}.caller.${String(caller.type)}.${extra}: Extra inputs are not permitted`;
}

function stateChanges(value: unknown): string | undefined {
  return nonEmptyList(value) ?? listOf(object)(value);
}

function checkBrowserState(block: Fields, { path }: BlockPlace): string | undefined {
  const tabs = block.tabs as readonly Fields[];
  const active = tabs.filter((tab) => tab.active === true).length;
  return tabs.length === 0 || active === 1
    ? undefined
    : `${path}.browser_state.tabs: exactly one tab must be active, found ${active}`;
}

function checkToolResult(block: Fields, place: BlockPlace, surroundings: Surroundings): string | undefined {
  const content = block.content;
  const path = `${place.path}.tool_result`;
  const isEmpty = content === undefined || content === "" || (Array.isArray(content) && content.length === 0);
  if (isEmpty) {
    return block.is_error === true ? `${path}: content cannot be empty if \`is_error\` is true` : undefined;
  }
  if (typeof content === "string") return undefined;
  if (!Array.isArray(content)) return `${path}.content: Input should be a valid list`;
  return checkInner(content, `${path}.content`, "tool_result", surroundings);
}
