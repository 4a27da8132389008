import { checkIds, type Fields, faultOfBlock } from "./check-blocks.js";

/**
 * Makes sure that what goes out as it stands is a message: whoever reads it would fail far from where it was made, and a
 * missing number of tokens would spoil a key's limits for good.
 *
 * @throws Error that names the field.
 */
export function checkWholeMessage(message: unknown): void {
  if (!isObject(message)) throw new Error(`its reply's message is ${JSON.stringify(message)}`);
  checkConstant(message, "type", "message");
  checkConstant(message, "role", "assistant");
  for (const name of ["id", "model"]) {
    if (typeof message[name] !== "string") throw odd(name, message[name], "a text");
  }
  const { content, stop_reason, usage } = message;
  if (!isListOfBlocks(content)) throw odd("content", content, "a list of blocks with a type each");
  for (const [index, block] of content.entries()) checkWholeBlock(block, `content.${index}`);
  checkIds(content);
  if (typeof stop_reason !== "string" && stop_reason !== null)
    throw odd("stop_reason", stop_reason, "a text or null");
  if (!isObject(usage)) throw odd("usage", usage, "an object with input_tokens and output_tokens");
  for (const name of ["input_tokens", "output_tokens"]) {
    if (!(name in usage)) throw odd(`usage.${name}`, undefined, wholeNumber);
  }
  checkUsage(usage, "message.usage");
}

/** The parts of a block that are streamed piece by piece. */
const pieces: ReadonlyMap<string, string> = new Map([
  ["text", "text"],
  ["thinking", "thinking"],
]);

function checkWholeBlock(block: Fields, path: string): void {
  const field = pieces.get(String(block.type));
  if (field !== undefined && typeof block[field] !== "string")
    throw odd(`${path}.${field}`, block[field], "a text");
  const isCall = block.type === "tool_use" || block.type === "server_tool_use";
  if (isCall && block.input === undefined) throw odd(`${path}.input`, undefined, "the input of a call");
  for (const name of isCall ? ["id", "name"] : [])
    if (typeof block[name] !== "string") throw odd(`${path}.${name}`, block[name], "a text");
  const fault = faultOfBlock(block);
  if (fault !== undefined)
    throw new Error(`its reply's message.${path} is a ${String(block.type)} block ${fault}`);
}

const wholeNumber = "a whole number from 0 on";
const counts: readonly string[] = [
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
];

/** Numbers that the simulator counts with. Those of the cache may be null, as in the API's own type. */
export function checkUsage(usage: unknown, path: string): void {
  if (!isObject(usage))
    throw new Error(`its reply's ${path} is ${JSON.stringify(usage)}; it must be an object`);
  for (const name of counts) {
    const count = usage[name];
    const isLeftOut = !(name in usage) || (count === null && name.startsWith("cache_"));
    if (!isLeftOut && !(Number.isSafeInteger(count) && (count as number) >= 0))
      throw new Error(`its reply's ${path}.${name} is ${shown(count)}; it must be ${wholeNumber}`);
  }
}

function checkConstant(message: Fields, name: string, value: string): void {
  if (message[name] !== value) throw odd(name, message[name], JSON.stringify(value));
}

function odd(path: string, found: unknown, wanted: string): Error {
  return new Error(`its reply's message.${path} is ${shown(found)}; it must be ${wanted}`);
}

/** Short: a whole recording may stand there. NaN and the like are no JSON. */
function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

export function isListOfBlocks(content: unknown): content is readonly Fields[] {
  return (
    Array.isArray(content) && content.every((block) => isObject(block) && typeof block.type === "string")
  );
}

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
