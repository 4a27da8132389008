import {
  isDefinition,
  isSchema,
  type JsonSchema,
  mapParts,
  partsOf,
  type SchemaProblem,
} from "./json-schema.js";
import { follow, stepsOf } from "./reference.js";

/** Written out, references may grow without end: what each refers to may have two of the next. */
const maxWrittenOut = 1_000;

/** What stands beside a reference and says nothing to the model, nor of what fits. */
const mute: ReadonlySet<string> = new Set([
  ...["$ref", "$defs", "definitions", "$schema", "$id", "id", "$comment"],
  ...["deprecated", "readOnly", "writeOnly"],
]);

/** Of these, the one that stands beside the reference is meant; of all others, both. */
const telling: ReadonlySet<string> = new Set(["title", "description", "default", "examples"]);

/**
 * The same schema with each reference that says something of its own written out, for the API is not known to heed what stands beside
 * one; zod 4 writes there by what a schema with an `id` is described or bounded, and its default. A definition that is referred to no
 * more is left out, for its properties would count twice. A reference that leads back to itself stays, and is found there.
 */
export function writtenOut(
  root: unknown,
): { readonly schema: unknown; readonly problem?: never } | { readonly problem: SchemaProblem } {
  if (!isSchema(root)) return { schema: root };
  const written = new Set<string>();
  let count = 0;

  const walk = (node: unknown, open: readonly string[]): unknown => {
    if (!isSchema(node)) return node;
    const { $ref } = node;
    const target = typeof $ref === "string" && !open.includes($ref) ? follow($ref, root) : undefined;
    if (typeof $ref !== "string" || !isSchema(target) || !isTelling(node) || count > maxWrittenOut)
      return mapParts(node, (part) => walk(part, open));
    count++;
    written.add($ref);
    const whole = walk(joined(target, node), [...open, $ref]) as JsonSchema;
    return { ...whole, ...mapParts(definitionsOf(node), (part) => walk(part, open)) };
  };

  const schema = walk(root, []) as JsonSchema;
  if (count > maxWrittenOut) return { problem: tooMany };
  return { schema: count === 0 ? schema : withoutUnused(schema, written) };
}

const tooMany: SchemaProblem = {
  path: "",
  what: `has more than ${maxWrittenOut} references with words of their own, with those in what they refer to`,
  wayOut: "Say it where they lead",
};

function isTelling(node: JsonSchema): boolean {
  return Object.keys(node).some((keyword) => !mute.has(keyword));
}

function definitionsOf(node: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(node).filter(([keyword]) => isDefinition({ keyword })));
}

/** What a reference leads to, with what stands beside it. Where both have a rule of the same name, both hold. */
function joined(target: JsonSchema, node: JsonSchema): JsonSchema {
  const beside = Object.entries(node).filter(
    ([keyword, said]) => !mute.has(keyword) && JSON.stringify(said) !== JSON.stringify(target[keyword]),
  );
  const words = beside.filter(([keyword]) => telling.has(keyword));
  const rules = beside.filter(([keyword]) => !telling.has(keyword));
  const base = Object.entries(target).filter(([keyword]) => !isDefinition({ keyword }));
  if (!rules.some(([keyword]) => Object.hasOwn(target, keyword)))
    return Object.fromEntries([...base, ...words, ...rules]);
  const parts = Array.isArray(target.allOf) ? target.allOf : [];
  return Object.fromEntries([...base, ...words, ["allOf", [...parts, Object.fromEntries(rules)]]]);
}

/** Without the definitions that were written out wherever they were referred to. */
function withoutUnused(schema: JsonSchema, written: ReadonlySet<string>): JsonSchema {
  const places = new Set([...written].map(placeOf));
  const rest = Object.entries(schema).filter(([keyword]) => !isDefinition({ keyword }));
  const definitions = partsOf(definitionsOf(schema), "").map((part) => ({
    ...part,
    place: JSON.stringify([part.keyword, part.path]),
  }));
  const outside = definitions.filter(({ place }) => !places.has(place));
  // What a definition that was written out refers to, its copies refer to as well.
  const used = new Set([Object.fromEntries(rest), ...outside.map((one) => one.schema)].flatMap(references));
  const left = definitions.filter(({ place }) => used.has(place) || !places.has(place));
  const named = [...new Set(left.map(({ keyword }) => keyword))].map((keyword) => [
    keyword,
    Object.fromEntries(left.filter((one) => one.keyword === keyword).map((one) => [one.path, one.schema])),
  ]);
  return Object.fromEntries([...rest, ...named]);
}

/** The definition at the root that a reference leads to, or into. */
function placeOf(reference: string): string {
  return JSON.stringify(stepsOf(reference)?.slice(0, 2));
}

/** The places of all that a schema refers to. */
function references(schema: unknown): readonly string[] {
  if (!isSchema(schema)) return [];
  const own = typeof schema.$ref === "string" ? [placeOf(schema.$ref)] : [];
  return [...own, ...partsOf(schema, "").flatMap((part) => references(part.schema))];
}
