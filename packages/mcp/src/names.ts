/** The longest name the API takes. */
const longest = 64;

/**
 * Our name for each of a server's tools: the server's name, `_`, the tool's own. What the API takes no other way is replaced by `_`;
 * a name that got too long, or the same as another by that, ends in eight digits of its own hash. Not by a number, which would depend
 * on the order in which the server lists its tools.
 */
export function namesOf(server: string, tools: readonly string[]): ReadonlyMap<string, string> {
  const plain = new Map(tools.map((tool) => [tool, `${server}_${tool.replace(/[^a-zA-Z0-9_-]/g, "_")}`]));
  const taken = new Map<string, string[]>();
  for (const [tool, name] of plain) taken.set(name, [...(taken.get(name) ?? []), tool]);
  return new Map(
    [...plain].map(([tool, name]) => {
      const isItsOwn = name === `${server}_${tool}`;
      const isAlone = taken.get(name)?.length === 1;
      if (name.length <= longest && (isItsOwn || isAlone)) return [tool, name];
      return [tool, `${name.slice(0, longest - 9)}_${shortHash(tool)}`];
    }),
  );
}

/** FNV-1a: eight hexadecimal digits that keep names apart. It guards nothing. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
