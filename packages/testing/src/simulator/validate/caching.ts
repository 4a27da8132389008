import { blocksOf, messagesOf } from "./messages.js";
import { type Fields, firstRefusal, isFields, type Rule } from "./rule.js";
import { anything, checkFields, nullable, oneOf, type Shapes, unknownTag } from "./shape.js";

/** A cache marker and where it stands. */
interface Marker {
  readonly path: string;
  readonly value: unknown;
}

const maxMarkers = 4;

const marker: Shapes = {
  required: { type: anything },
  optional: { ttl: nullable(oneOf("5m", "1h")) },
};

export const markersAreWellFormed: Rule = (request) =>
  firstRefusal(
    markers(request).map(({ path, value }) => {
      if (!isFields(value)) return `${path}: Input should be a valid dictionary`;
      if (value.type !== "ephemeral") return `${path}: ${unknownTag(value.type, ["ephemeral"])}`;
      return checkFields(value, path, marker);
    }),
  );

export const markersAreFew: Rule = (request) => {
  const found = markers(request).length;
  return found > maxMarkers
    ? `A maximum of ${maxMarkers} blocks with cache_control may be provided. Found ${found}.`
    : undefined;
};

/** A cache entry that lives longer must begin earlier in the prompt. */
export const longMarkersComeFirst: Rule = (request) => {
  let short = false;
  for (const { path, value } of markers(request)) {
    const isLong = isFields(value) && value.ttl === "1h";
    if (isLong && short) {
      return (
        `${path}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. ` +
        "Note that blocks are processed in the following order: `tools`, `system`, `messages`."
      );
    }
    short ||= !isLong;
  }
  return undefined;
};

/** Every marker in the order in which the API reads a prompt. The one on the request itself marks its last block. */
function markers(request: Fields): Marker[] {
  const { tools = [], system } = request;
  const blocks = Array.isArray(system) ? system : [];
  return [
    ...(tools as Fields[]).flatMap((tool, index) => markersOf(tool, `tools.${index}`)),
    ...(blocks as Fields[]).flatMap((block, index) => markersOf(block, `system.${index}`)),
    ...messagesOf(request).flatMap((message, index) =>
      blocksOf(message).flatMap((block, position) =>
        markersOf(block, `messages.${index}.content.${position}`),
      ),
    ),
    ...markersOf({ cache_control: request.cache_control }, ""),
  ];
}

function markersOf(block: Fields, path: string): Marker[] {
  const { cache_control: value } = block;
  return [
    ...partsOf(block, path),
    ...(value === undefined || value === null
      ? []
      : [{ path: `${path}.cache_control`.replace(/^\./, ""), value }]),
  ];
}

/** The markers of what a block is made of: they count as its own do. */
function partsOf({ type, content, source }: Fields, path: string): Marker[] {
  switch (type) {
    case "tool_result":
    case "search_result":
      return listed(content, `${path}.${type}.content`);
    case "document":
      return isFields(source) ? listed(source.content, `${path}.document.source.content.content`) : [];
    default:
      return [];
  }
}

function listed(content: unknown, path: string): Marker[] {
  const parts = Array.isArray(content) ? (content as Fields[]) : [];
  return parts.flatMap((part, index) => markersOf(part, `${path}.${index}`));
}
