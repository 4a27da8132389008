export type Fields = Readonly<Record<string, unknown>>;

const calls: ReadonlySet<unknown> = new Set(["tool_use", "server_tool_use"]);

/** What no block of the API has, where it is there at all: a client would take it for something else. */
export function faultOfBlock(block: Fields): string | undefined {
  if (block.type === "thinking" && "signature" in block && typeof block.signature !== "string")
    return "with a signature that is no text";
  if (!calls.has(block.type)) return undefined;
  if ("id" in block && (typeof block.id !== "string" || block.id === "")) return "with an id that is no text";
  if ("name" in block && block.name === "") return "with an empty name";
  const { input = {} } = block;
  return typeof input === "object" && input !== null && !Array.isArray(input)
    ? undefined
    : "with an input that is no object";
}

/** @throws Error where two calls of one reply have the same id: their results could not be told apart. */
export function checkIds(content: readonly Fields[]): void {
  const ids = content.flatMap((block) => (calls.has(block.type) && "id" in block ? [String(block.id)] : []));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`its reply has two calls with the id ${JSON.stringify(twice)}`);
}
