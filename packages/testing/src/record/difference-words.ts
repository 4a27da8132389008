import type { Difference } from "./compare.js";
import type { NormalBlock, NormalRequest } from "./normal-form.js";

/**
 * A difference for people: which message, which block, which field, what was expected and what came. E.g.
 * `messages.2, block 0 (tool_result of get_weather): expected "3 °C", got "4 °C"`.
 * @param expected the recorded request, in which the place is looked up; where it has none, `got` is
 */
export function inWords(
  { path, expected, got }: Difference,
  recorded: NormalRequest,
  came: NormalRequest,
): string {
  return `${placeOf(path, recorded, came)}: ${expectedAndGot(expected, got)}`;
}

/** Two values, each cut to where they part. */
export function expectedAndGot(expected: unknown, got: unknown): string {
  const from = typeof expected === "string" && typeof got === "string" ? partingOf(expected, got) : 0;
  return `expected ${show(expected, from)}, got ${show(got, from)}`;
}

function placeOf(path: Difference["path"], recorded: NormalRequest, came: NormalRequest): string {
  const [field, index, ...inner] = path;
  if (typeof index !== "number") return path.join(".");
  const place = `${field}.${index}`;
  switch (field) {
    case "messages":
      return joined(place, inMessage(index, inner, recorded, came));
    case "tools":
      return joined(`${place}${nameOfTool(index, recorded, came)}`, inner.join("."));
    case "system":
      return joined(`system, block ${index}`, withoutText(inner).join("."));
    default:
      return path.join(".");
  }
}

function inMessage(
  index: number,
  path: Difference["path"],
  recorded: NormalRequest,
  came: NormalRequest,
): string {
  const [field, block, ...inner] = path;
  if (field !== "content" || typeof block !== "number") return path.join(".");
  const found = recorded.messages[index]?.content[block] ?? came.messages[index]?.content[block];
  const kind = found === undefined ? "" : ` (${kindOf(found, recorded, came)})`;
  return joined(`block ${block}${kind}`, inBlock(inner));
}

/** What a result says stands in blocks of its own. */
function inBlock(path: Difference["path"]): string {
  const [field, index, ...inner] = path;
  if (field !== "content" || typeof index !== "number") return withoutText(path).join(".");
  return joined(index === 0 ? "" : `content block ${index}`, withoutText(inner).join("."));
}

/** Of a text block nothing but its text can be meant. */
function withoutText(path: Difference["path"]): Difference["path"] {
  return path.length === 1 && path[0] === "text" ? [] : path;
}

function kindOf(block: NormalBlock, recorded: NormalRequest, came: NormalRequest): string {
  if (typeof block.name === "string") return `${block.type} ${block.name}`;
  if (!("tool_use_id" in block)) return block.type;
  const calls = [recorded, came].flatMap(({ messages }) => messages.flatMap(({ content }) => content));
  const call = calls.find(({ id, name }) => id === block.tool_use_id && name !== undefined);
  return call === undefined ? block.type : `${block.type} of ${String(call.name)}`;
}

function nameOfTool(index: number, recorded: NormalRequest, came: NormalRequest): string {
  const [tool] = [recorded, came].flatMap(({ tools }) => (Array.isArray(tools) ? [tools[index]] : []));
  return tool?.name === undefined ? "" : ` (${String(tool.name)})`;
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(", ");
}

const longest = 120;

/** Begins a little before the parting, where there is too much to show it all. */
function partingOf(expected: string, got: string): number {
  let at = 0;
  while (at < expected.length && expected[at] === got[at]) at += 1;
  return at < longest / 2 ? 0 : at - 20;
}

function show(value: unknown, from: number): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(cut(value.slice(from).toWellFormed(), from > 0));
  return cut(JSON.stringify(value), false);
}

function cut(text: string, begun: boolean): string {
  const kept = text.length > longest ? `${text.slice(0, longest).toWellFormed()}…` : text;
  return begun ? `…${kept}` : kept;
}
