import { type Fields, firstOf, isFields, type Surroundings } from "./rule.js";
import { list, matching, nonEmptyText, object, oneOf, type Shape, text, unknownTag } from "./shape.js";

/** Where a block stands: its path in the request and who says it. */
export interface Place {
  readonly path: string;
  readonly role: "user" | "assistant" | "system" | "tool_result";
}

type Check = (block: Fields, place: Place, surroundings: Surroundings) => string | undefined;

interface BlockKind {
  /** Who may say it. */
  readonly roles: readonly Place["role"][];
  readonly required: Readonly<Record<string, Shape>>;
  readonly optional: readonly string[];
  readonly check?: Check;
}

const idPattern = /^[a-zA-Z0-9_-]+$/;
const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;

/** The kinds of block whose rules are known. Anything else is taken as it is from an assistant: the API said it itself. */
const kinds: ReadonlyMap<string, BlockKind> = new Map<string, BlockKind>([
  [
    "text",
    {
      roles: ["user", "assistant", "system", "tool_result"],
      required: { text },
      optional: ["cache_control", "citations"],
      check: checkText,
    },
  ],
  [
    "image",
    {
      roles: ["user", "tool_result"],
      required: { source: object },
      optional: ["cache_control", "transformations"],
      check: checkSource,
    },
  ],
  [
    "document",
    {
      roles: ["user", "assistant", "tool_result"],
      required: { source: object },
      optional: ["cache_control", "citations", "context", "title"],
      check: checkDocument,
    },
  ],
  [
    "search_result",
    {
      roles: ["user", "tool_result"],
      required: {
        source: text,
        title: text,
        content: (value) => (Array.isArray(value) ? undefined : text(0)),
      },
      optional: ["cache_control", "citations"],
    },
  ],
  [
    "tool_use",
    {
      roles: ["assistant"],
      required: { id: matching(idPattern), name: matching(namePattern), input: object },
      optional: ["cache_control", "caller", "toolset_name"],
    },
  ],
  [
    "tool_result",
    {
      roles: ["user"],
      required: { tool_use_id: matching(idPattern) },
      optional: ["cache_control", "content", "is_error", "toolset_name"],
      check: checkToolResult,
    },
  ],
  ["thinking", { roles: ["assistant"], required: { thinking: text, signature: text }, optional: [] }],
  ["redacted_thinking", { roles: ["assistant"], required: { data: text }, optional: [] }],
  [
    "container_upload",
    { roles: ["user", "assistant"], required: { file_id: text }, optional: ["cache_control"] },
  ],
  [
    "tool_reference",
    { roles: ["user", "tool_result"], required: { tool_name: text }, optional: ["cache_control"] },
  ],
  [
    "browser_state",
    {
      roles: ["tool_result"],
      required: { tabs: dictionaries },
      optional: ["cache_control", "state_changes"],
      check: checkBrowserState,
    },
  ],
]);

/** What is wrong with one content block. */
export function checkBlock(block: unknown, place: Place, surroundings: Surroundings): string | undefined {
  if (!isFields(block)) return `${place.path}: Input should be a valid dictionary`;
  const type = block.type;
  if (type === undefined) return `${place.path}.type: Field required`;
  const kind = kinds.get(String(type));
  if (kind === undefined) {
    if (place.role === "assistant" || surroundings.betas.length > 0) return undefined;
    return `${place.path}: ${unknownTag(type, tagsFor(place.role))}`;
  }
  return firstOf(checkKnown(kind, block, place, surroundings));
}

function* checkKnown(
  kind: BlockKind,
  block: Fields,
  place: Place,
  surroundings: Surroundings,
): Generator<string | undefined> {
  const type = String(block.type);
  if (!kind.roles.includes(place.role)) yield misplaced(type, place);
  for (const [name, shape] of Object.entries(kind.required)) {
    if (block[name] === undefined) yield `${place.path}.${type}.${name}: Field required`;
    const problem = shape(block[name]);
    if (problem !== undefined) yield `${place.path}.${type}.${name}: ${problem}`;
  }
  for (const name of Object.keys(block)) {
    const known = name === "type" || name in kind.required || kind.optional.includes(name);
    // A beta may bring fields of its own, but not a cache marker where none can be.
    const fromBeta = surroundings.betas.length > 0 && name !== "cache_control";
    if (!known && !fromBeta) yield `${place.path}.${type}.${name}: Extra inputs are not permitted`;
  }
  yield kind.check?.(block, place, surroundings);
}

function misplaced(type: string, { path, role }: Place): string {
  const message = path.replace(/\.content\.\d+$/, "");
  if (type === "tool_use" || type === "tool_result") {
    return `${message}: \`${type}\` blocks can only be in \`${kinds.get(type)?.roles[0]}\` messages`;
  }
  if (role === "assistant") return `${path}: \`${type}\` blocks are not permitted within assistant turns.`;
  return `${path}: ${unknownTag(type, tagsFor(role))}`;
}

function tagsFor(role: Place["role"]): string[] {
  return [...kinds].filter(([, kind]) => kind.roles.includes(role)).map(([type]) => type);
}

function checkText(block: Fields, { role, path }: Place, { version }: Surroundings): string | undefined {
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
  return role === "user" && cites && version >= "2026-10-21"
    ? `${path}.text.citations: Extra inputs are not permitted`
    : undefined;
}

function checkDocument(block: Fields, place: Place, surroundings: Surroundings): string | undefined {
  if (place.role === "assistant" && surroundings.version >= "2026-10-21") return misplaced("document", place);
  return checkSource(block, place);
}

const sources: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Shape>>>>>> = {
  image: {
    base64: { media_type: oneOf("image/jpeg", "image/png", "image/gif", "image/webp"), data: base64 },
    url: { url: nonEmptyText },
    file: { file_id: nonEmptyText },
  },
  document: {
    base64: { media_type: oneOf("application/pdf"), data: base64 },
    text: { media_type: oneOf("text/plain"), data: text },
    content: {},
    url: { url: nonEmptyText },
    file: { file_id: nonEmptyText },
  },
};

function checkSource(block: Fields, { path }: Place): string | undefined {
  const type = String(block.type);
  const source = block.source as Fields;
  const allowed = sources[type] ?? {};
  const tag = String(source.type);
  const shapes = Object.hasOwn(allowed, tag) ? allowed[tag] : undefined;
  if (shapes === undefined) return `${path}.${type}.source: ${unknownTag(source.type, Object.keys(allowed))}`;
  if (tag === "base64" && source.data === "") return `${path}.${type}.source.base64: ${type} cannot be empty`;
  return firstOf(
    Object.entries(shapes).map(([name, shape]) => {
      const problem = source[name] === undefined ? "Field required" : shape(source[name]);
      return problem === undefined ? undefined : `${path}.${type}.source.${tag}.${name}: ${problem}`;
    }),
  );
}

function base64(value: unknown): string | undefined {
  if (typeof value !== "string") return text(value);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? undefined : "Invalid base64 data";
}

function dictionaries(value: unknown): string | undefined {
  return list(value) ?? firstOf((value as unknown[]).map(object));
}

function checkBrowserState(block: Fields, { path }: Place): string | undefined {
  const changes = block.state_changes ?? null;
  const problem = changes === null ? undefined : dictionaries(changes);
  return problem === undefined ? undefined : `${path}.browser_state.state_changes: ${problem}`;
}

function checkToolResult(block: Fields, place: Place, surroundings: Surroundings): string | undefined {
  const content = block.content;
  const path = `${place.path}.tool_result`;
  const isEmpty = content === undefined || content === "" || (Array.isArray(content) && content.length === 0);
  if (isEmpty) {
    return block.is_error === true ? `${path}: content cannot be empty if \`is_error\` is true` : undefined;
  }
  if (typeof content === "string") return undefined;
  if (!Array.isArray(content)) return `${path}.content: Input should be a valid list`;
  return firstOf(
    content.map((inner, index) =>
      checkBlock(inner, { path: `${path}.content.${index}`, role: "tool_result" }, surroundings),
    ),
  );
}
