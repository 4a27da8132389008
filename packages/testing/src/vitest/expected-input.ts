/** What stands in an expected input and in no call, and the way out. */
export interface Unmeant {
  /** E.g. `place.city`; empty where it is the input itself. */
  readonly path: string;
  readonly what: string;
  readonly way: string;
}

/**
 * The first place of an expected input that no call can have: inputs are JSON. With `.not` a test of it would pass whatever the agent
 * did. What stands in asymmetric matchers is theirs to judge.
 */
export function unmeantIn(input: unknown): Unmeant | undefined {
  // The input as a whole is an object; inside it null is a value like any other.
  if (input === null) return { path: "", what: "null", way: leaveOut };
  return search(input, [], new Set());
}

const leaveOut = "Leave it out to ask for any input.";

function search(value: unknown, path: readonly string[], above: ReadonlySet<unknown>): Unmeant | undefined {
  const found = unmeant(value);
  if (found !== undefined) return { path: path.join("."), ...found };
  if (typeof value !== "object" || value === null || isAsymmetric(value) || above.has(value))
    return undefined;
  const inside = new Set([...above, value]);
  for (const [name, item] of Object.entries(value)) {
    const deeper = search(item, [...path, name], inside);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function unmeant(value: unknown): Omit<Unmeant, "path"> | undefined {
  if (value === undefined) return { what: "undefined", way: leaveOut };
  if (typeof value === "function" && !isAsymmetric(value))
    return { what: "a function", way: "For a condition take expect.toSatisfy(condition)." };
  if (value instanceof RegExp)
    return { what: String(value), way: `For a pattern take expect.stringMatching(${String(value)}).` };
  return undefined;
}

function isAsymmetric(value: object): boolean {
  return "asymmetricMatch" in value && typeof value.asymmetricMatch === "function";
}
