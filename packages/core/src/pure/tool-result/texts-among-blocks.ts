/**
 * A list of texts and what may be blocks, each text as a block of its own; anything else as it is. A list of texts alone is data: as
 * blocks, nobody could tell where one ends.
 */
export function textsAmongBlocks(value: unknown): unknown {
  return Array.isArray(value) && isMixed(value)
    ? value.map((item: unknown) => (typeof item === "string" ? { type: "text", text: item } : item))
    : value;
}

/** Not by `every`, which walks through a billion holes. */
function isMixed(list: readonly unknown[]): boolean {
  let [texts, others] = [0, 0];
  for (const item of list) {
    if (typeof item === "string") texts += 1;
    else if (typeof item === "object" && item !== null) others += 1;
    else return false;
  }
  return texts > 0 && others > 0;
}
