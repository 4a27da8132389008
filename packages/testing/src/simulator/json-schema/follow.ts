import type { Schema } from "./record.js";
import { allSchemas } from "./subschemas.js";

/**
 * What a local reference stands for, from the root: `#` itself, a JSON pointer such as `#/$defs/place`
 * (https://www.rfc-editor.org/rfc/rfc6901#section-6), or the name of an anchor such as `#place`. Undefined for one that leads
 * nowhere, or out of the schema.
 */
export function follow(reference: string, root: Schema): unknown {
  if (!reference.startsWith("#")) return undefined;
  const fragment = decoded(reference.slice(1));
  if (fragment === "") return root;
  if (!fragment.startsWith("/")) return anchorsOf(root).get(fragment);
  let place: unknown = root;
  for (const step of fragment.slice(1).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const isThere = typeof place === "object" && place !== null && Object.hasOwn(place, key);
    place = isThere ? Reflect.get(place as object, key) : undefined;
  }
  return place;
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    // A lone percent sign is no escape, but whoever wrote it may have meant a name with one.
    return fragment;
  }
}

/** Looked for once, however many references there are. */
const anchors = new WeakMap<Schema, ReadonlyMap<string, Schema>>();

function anchorsOf(root: Schema): ReadonlyMap<string, Schema> {
  const known = anchors.get(root);
  if (known) return known;
  const found = new Map<string, Schema>();
  for (const schema of allSchemas(root)) {
    if (typeof schema.$anchor === "string") found.set(schema.$anchor, schema);
  }
  anchors.set(root, found);
  return found;
}
