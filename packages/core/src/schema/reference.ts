import { isSchema, type JsonSchema } from "./json-schema.js";

/**
 * What a reference stands for: a place in the same schema, by its path from the root, e.g. `#/$defs/place`; `undefined` where there is
 * none, and for addresses and anchors. Source: RFC 6901.
 */
export function follow(reference: string, root: JsonSchema): unknown {
  return stepsOf(reference)?.reduce<unknown>(
    (at, step) =>
      (isSchema(at) || Array.isArray(at)) && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
    root,
  );
}

/** The names on the way from the root to what a reference stands for; `undefined` for addresses and anchors. */
export function stepsOf(reference: string): readonly string[] | undefined {
  if (reference === "#") return [];
  if (!reference.startsWith("#/")) return undefined;
  // As a whole, and first: a `%2F` parts two names like a slash, and one within a name is `~1`.
  return decoded(reference.slice(2))
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A lone percent sign is no escape, but whoever wrote it may have meant a name with one. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
