import { mapParts, type Schema, without } from "./json-schema.js";
import { isObject } from "./object.js";

/** What a reference stands for: `#`, a JSON pointer such as `#/$defs/Place`, or an anchor; `undefined` for one that leads nowhere, or out. */
export function follow(reference: string, root: Schema): unknown {
  if (!reference.startsWith("#")) return undefined;
  const fragment = decoded(reference.slice(1));
  if (fragment === "") return root;
  if (!fragment.startsWith("/")) return anchorsOf(root).get(fragment);
  return fragment
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (place, key) =>
        typeof place === "object" && place !== null && Object.hasOwn(place, key)
          ? (place as Schema)[key]
          : undefined,
      root,
    );
}

/** Looked for once, however many references there are. */
const anchors = new WeakMap<Schema, ReadonlyMap<unknown, Schema>>();

function anchorsOf(root: Schema): ReadonlyMap<unknown, Schema> {
  const known = anchors.get(root);
  if (known !== undefined) return known;
  const named = objectsIn(root).filter(
    ({ $anchor, $dynamicAnchor }) => ($anchor ?? $dynamicAnchor) !== undefined,
  );
  const found = new Map(named.map((schema) => [schema.$anchor ?? schema.$dynamicAnchor, schema]));
  anchors.set(root, found);
  return found;
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    // A lone percent sign is no escape, but may be meant as one of a name.
    return fragment;
  }
}

/** All objects in a schema, whether or not they stand where a schema may: a reference can lead anywhere. */
function objectsIn(schema: Schema): readonly Schema[] {
  const found: object[] = [schema];
  // It grows while it is gone through: lists of lists would be copied once for each level.
  for (const one of found)
    for (const value of Object.values(one))
      if (typeof value === "object" && value !== null) found.push(value);
  return found.filter(isObject);
}

/** A chain of references that is longer than this is no better than one without end. */
const longestChain = 500;

/**
 * Whether a reference leads back to itself without going down into a value, alone or by way of others: no input can be judged by that.
 * One that leads back by way of a property or an item, such as a tree's, is well.
 */
export function hasEndlessReference(root: Schema): boolean {
  const cleared = new Set<Schema>();
  const open = new Set<Schema>();
  const leadsBack = (schema: Schema): boolean => {
    if (cleared.has(schema)) return false;
    if (open.has(schema) || open.size > longestChain) return true;
    open.add(schema);
    const found = appliedWith(schema, root).some(leadsBack);
    open.delete(schema);
    cleared.add(schema);
    return found;
  };
  return objectsIn(root).some(leadsBack);
}

/** The schemas that speak of the same value as this one. */
function appliedWith(schema: Schema, root: Schema): readonly Schema[] {
  const { $ref, allOf, anyOf, oneOf, not, dependentSchemas } = schema;
  const listed = [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const named = isObject(dependentSchemas) ? Object.values(dependentSchemas) : [];
  const target = typeof $ref === "string" ? follow($ref, root) : undefined;
  return [target, ...listed, ...named, not, schema.if, schema.then, schema.else].filter(isObject);
}

/** A schema without what nobody could make anything of, and what that was, by keyword and place. */
export interface Followable {
  readonly schema: Schema;
  readonly leftOut: readonly string[];
}

/** Leaves out references that lead nowhere, or out of the schema, and patterns that are no regular expressions. */
export function followable(root: Schema): Followable {
  const leftOut: string[] = [];
  const tidy = (schema: Schema, place: string): Schema => {
    const lost = [
      ...(leadsNowhere(schema, root) ? ["$ref"] : []),
      ...(hasNoPattern(schema) ? ["pattern"] : []),
    ];
    leftOut.push(...lost.map((keyword) => `${keyword} at ${place === "" ? "its root" : place}`));
    const inside = (part: unknown, way: string) =>
      isObject(part) ? tidy(part, place === "" ? way : `${place}.${way}`) : part;
    return without(mapParts(schema, inside), ...lost);
  };
  return { schema: tidy(root, ""), leftOut };
}

function leadsNowhere({ $ref }: Schema, root: Schema): boolean {
  if (typeof $ref !== "string") return false;
  const target = follow($ref, root);
  return !isObject(target) && typeof target !== "boolean";
}

function hasNoPattern({ pattern }: Schema): boolean {
  return typeof pattern === "string" && !isPattern(pattern);
}

/** JSON Schema's patterns are those of ECMAScript, which are read with and without `u`. */
export function isPattern(pattern: string): boolean {
  return ["u", ""].some((flags) => {
    try {
      new RegExp(pattern, flags);
      return true;
    } catch {
      return false;
    }
  });
}
