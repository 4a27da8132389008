import type Anthropic from "@anthropic-ai/sdk";
import type { ModelRequest } from "../../claude-function.js";
import { blocksOf } from "../conversation/history.js";

/** How long the API keeps what a marker has written, counted from the last request that used it. */
export type Lifetime = "5m" | "1h";

/** Where a marker stands: in tools (0), system (1), messages (2) or on the request (3), at which of them, at which block of a message. */
type Place = readonly [part: 0 | 1 | 2 | 3, index: number, block: number];

interface Marker {
  readonly place: Place;
  readonly lifetime: Lifetime;
}

/** The API refuses a request with more. Source: its documentation of prompt caching. */
const mostMarkers = 4;

/**
 * A request with cache markers, so that the next one reads what this one has written at a fraction of the price. Markers that the
 * caller set stay, but for old ones in messages that would leave the newest messages none, and live for an hour where one behind them
 * does; ours fill what they leave of the four that the API takes:
 * - on the last block, for the next step;
 * - on the last block that was sent before the last reply, where the step before has written: a marker looks back over 20 blocks
 *   only, and a step with many parallel calls adds more;
 * - on the system prompt, for other sessions of the same agent;
 * - on the tools, for agents that share them under another system prompt.
 *
 * A token is paid for once however many markers stand behind it, so none is saved. Nothing of the request is changed: what carries
 * a marker is copied, all else is the same objects. Pure.
 * @param lifetime `false`: none of ours
 */
export function markCache(request: ModelRequest, lifetime: Lifetime | false): ModelRequest {
  const found = markersOf(request);
  const trimmed = withoutSurplus(request, found, lifetime !== false);
  const kept = inOrder(trimmed, trimmed === request ? found : markersOf(trimmed));
  if (lifetime === false) return kept;
  const theirs = kept === request ? found : markersOf(kept);
  const free = Math.max(0, mostMarkers - theirs.length);
  const ours = worthiest(kept)
    .filter((place) => !theirs.some((marker) => isSameBlock(marker.place, place)))
    .slice(0, free);
  return ours.reduce(
    (marked, place) =>
      changed(marked, place, (item) => withMarker(item, lifetimeAt(place, theirs, lifetime))),
    kept,
  );
}

/** The shortest lifetime that any marker of a request asks for; `undefined` where it has none. */
export function shortestLifetime(request: ModelRequest): Lifetime | undefined {
  const lifetimes = markersOf(request).map(({ lifetime }) => lifetime);
  return lifetimes.includes("5m") ? "5m" : lifetimes[0];
}

/** Where a marker is worth most comes first. */
function worthiest(request: ModelRequest): readonly Place[] {
  const { system } = request;
  const places = [
    ...worthiestInMessages(request),
    typeof system === "string" ? lastPlace(1, [text(system)]) : lastPlace(1, system ?? []),
    lastPlace(0, request.tools ?? []),
  ];
  return places.filter((place) => place !== undefined);
}

function worthiestInMessages({ messages, cache_control: automatic }: ModelRequest): readonly Place[] {
  const places = [
    // The API sets this one itself where the request asks for automatic caching.
    automatic ? undefined : endOf(messages, messages.length - 1),
    endOf(messages, lastReplyOf(messages) - 1),
  ];
  return places.filter((place) => place !== undefined);
}

function lastReplyOf(messages: ModelRequest["messages"]): number {
  return messages.findLastIndex(({ role }) => role === "assistant");
}

function endOf(messages: ModelRequest["messages"], index: number): Place | undefined {
  const message = messages[index];
  if (message === undefined) return undefined;
  const block = blocksOf(message).findLastIndex(canBeMarked);
  return block < 0 ? undefined : [2, index, block];
}

function lastPlace(part: 0 | 1, items: readonly object[]): Place | undefined {
  const index = items.findLastIndex(part === 0 ? canMarkTool : canBeMarked);
  return index < 0 ? undefined : [part, index, 0];
}

/** A deferred tool is not in the prompt, and the API refuses a marker on it. */
function canMarkTool(tool: object): boolean {
  return (tool as { readonly defer_loading?: unknown }).defer_loading !== true;
}

type Block = Anthropic.ContentBlockParam;
type Markable = Extract<Block, { cache_control?: unknown }>["type"];

/** Blocks that take a marker. Of a kind that is new to us that isn't known, so it gets none. */
const markable: Readonly<Record<Markable, true>> = {
  text: true,
  image: true,
  document: true,
  search_result: true,
  tool_use: true,
  tool_result: true,
  server_tool_use: true,
  web_search_tool_result: true,
  web_fetch_tool_result: true,
  code_execution_tool_result: true,
  bash_code_execution_tool_result: true,
  text_editor_code_execution_tool_result: true,
  tool_search_tool_result: true,
  container_upload: true,
};

function canBeMarked(block: object): boolean {
  const { type, text: words } = block as { readonly type: string; readonly text?: unknown };
  return Object.hasOwn(markable, type) && !(type === "text" && String(words).trim() === "");
}

/** The API wants what lives longer to come first, so next to theirs ours live as long as their place allows. */
function lifetimeAt(place: Place, theirs: readonly Marker[], wanted: Lifetime): Lifetime {
  if (theirs.some((marker) => marker.lifetime === "1h" && isBefore(place, marker.place))) return "1h";
  return theirs.some((marker) => marker.lifetime === "5m" && isBefore(marker.place, place)) ? "5m" : wanted;
}

function isBefore(one: Place, other: Place): boolean {
  const differs = one.findIndex((number, level) => number !== other[level]);
  return differs >= 0 && (one[differs] ?? 0) < (other[differs] ?? 0);
}

function isSameBlock(one: Place, other: Place): boolean {
  return one.every((number, level) => number === other[level]);
}

/**
 * Every marker of a request, in the order in which the API reads a prompt. Every step looks at every block, so nothing is made for
 * those that have none.
 */
function markersOf({ tools = [], system, messages, cache_control }: ModelRequest): readonly Marker[] {
  const found: Marker[] = [];
  tools.forEach((tool, index) => void addMarkers(found, tool, 0, index, 0));
  if (typeof system === "object")
    system.forEach((block, index) => void addMarkers(found, block, 1, index, 0));
  messages.forEach(({ content }, index) => {
    if (typeof content !== "string")
      content.forEach((block, at) => void addMarkers(found, block, 2, index, at));
  });
  addMarkers(found, { cache_control }, 3, 0, 0);
  return found;
}

/** A block's own marker, after those of what stands in it, as the parts of a tool's result and of a document do. */
function addMarkers(found: Marker[], block: unknown, part: Place[0], index: number, at: number): void {
  // What the API or a caller puts into a list need not be an object.
  const { cache_control: marker } = Object(block) as Marked;
  for (const inner of partsOf(block)) addMarkers(found, inner, part, index, at);
  if (marker) found.push({ place: [part, index, at], lifetime: marker.ttl ?? "5m" });
}

/**
 * A session in which every input carries a marker would be refused from the fifth on, for good: the oldest of those in messages
 * go out without theirs. Of more than four in tools and system the API may tell the caller itself.
 *
 * And one whose first input carries all four would never again have a marker at its end, and pay for its whole history in each step:
 * those that the history has grown past have done their work, and the oldest of them give way to ours.
 */
function withoutSurplus(request: ModelRequest, markers: readonly Marker[], hasOurs: boolean): ModelRequest {
  const inMessages = markers.filter(({ place: [part] }) => part === 2);
  const surplus = inMessages.slice(0, Math.max(0, markers.length - mostMarkers));
  const wanted = hasOurs ? worthiestInMessages(request) : [];
  const missing = wanted.filter((place) => !markers.some((marker) => isSameBlock(marker.place, place)));
  const free = mostMarkers - (markers.length - surplus.length);
  const lastReply = lastReplyOf(request.messages);
  const outgrown = inMessages.slice(surplus.length).filter(({ place }) => place[1] < lastReply);
  const given = outgrown.slice(0, Math.max(0, missing.length - free));
  return [...surplus, ...given].reduce(
    (rest, { place }) => changed(rest, place, withoutFirstMarker),
    request,
  );
}

function withMarker(item: object, lifetime: Lifetime): object {
  const ttl = lifetime === "5m" ? {} : { ttl: lifetime };
  return { ...item, cache_control: { type: "ephemeral", ...ttl } };
}

/** One at a time, in the order in which they are found: what stands in a block comes before its own. */
function withoutFirstMarker(block: object): object {
  const parts = partsOf(block);
  const inner = parts.findIndex(hasMarker);
  if (inner >= 0) return withParts(block, replaced(parts, inner, withoutFirstMarker));
  const { cache_control: _, ...rest } = block as Marked;
  return rest;
}

/**
 * Of two inputs each may be right by itself, and the session refused for good: the API wants what lives longer to come first. So what
 * stands before one of an hour lives for an hour too: it is a part of what that one keeps.
 */
function inOrder(request: ModelRequest, markers: readonly Marker[]): ModelRequest {
  const lastLong = markers.findLastIndex(({ lifetime }) => lifetime === "1h");
  return markers
    .filter(({ lifetime }, index) => lifetime === "5m" && index < lastLong)
    .reduce((raised, { place }) => changed(raised, place, withLongMarkers), request);
}

/** With an hour for each marker that a block has. */
function withLongMarkers(block: object): object {
  const { cache_control: marker } = block as Marked;
  const own = marker ? { ...block, cache_control: { ...marker, ttl: "1h" } } : block;
  const parts = partsOf(block);
  if (parts.length === 0) return own;
  return withParts(
    own,
    parts.map((part) => (hasMarker(part) ? withLongMarkers(part) : part)),
  );
}

interface Marked {
  readonly cache_control?: Anthropic.CacheControlEphemeral | null;
  readonly content?: unknown;
  readonly source?: { readonly content?: unknown } | null;
}

/** What may have markers of its own in a block: of a tool's result, of a document or a search result. */
function partsOf(block: unknown): readonly object[] {
  const { content, source } = Object(block) as Marked;
  if (Array.isArray(content)) return content;
  return Array.isArray(source?.content) ? source.content : [];
}

function withParts(block: object, parts: readonly object[]): object {
  const { content, source } = block as Marked;
  return Array.isArray(content)
    ? { ...block, content: parts }
    : { ...block, source: { ...source, content: parts } };
}

function hasMarker(block: unknown): boolean {
  const found: Marker[] = [];
  addMarkers(found, block, 2, 0, 0);
  return found.length > 0;
}

/** The request with another item at that place; a text becomes the one block that it stands for. */
function changed(request: ModelRequest, place: Place, change: (item: object) => object): ModelRequest {
  const [part, index, block] = place;
  const { tools = [], system = [], messages } = request;
  if (part === 0) return { ...request, tools: replaced(tools, index, change) };
  if (part === 1)
    return {
      ...request,
      system: replaced(typeof system === "string" ? [text(system)] : system, index, change),
    };
  const inMessage = (message: Anthropic.MessageParam) =>
    ({ ...message, content: replaced(blocksOf(message), block, change) }) as Anthropic.MessageParam;
  return { ...request, messages: replaced(messages, index, inMessage) };
}

function replaced<Item extends object>(
  items: readonly Item[],
  index: number,
  change: (item: Item) => object,
): Item[] {
  return items.map((item, at) => (at === index ? (change(item) as Item) : item));
}

function text(words: string): Anthropic.TextBlockParam {
  return { type: "text", text: words };
}
