import { regexes } from "zod/v4/core";
import { type JsonSchema, mapSubschemas, without } from "./json-schema.js";
import { inlineRoot } from "./root-reference.js";

/** The same schema, of whatever library, without what names it as a document, and without a `$ref` at the root, which the API refuses. */
export function normalise(schema: JsonSchema): JsonSchema {
  return without(inlineRoot(schema), "$schema", "$id");
}

/**
 * What zod says, with less noise: without bounds that every integer has, without a regular expression where a format says the same, and
 * without what is no format. Every request carries it, so each of these is paid for again and again. `id` is no keyword of JSON Schema but
 * zod's name for a definition, which zod before 4.2 leaves standing. From anybody else, each of these may be meant.
 */
export function withoutZodNoise(schema: JsonSchema): JsonSchema {
  return withoutRepeatedPattern(withoutNaturalBounds(without(mapSubschemas(schema, withoutZodNoise), "id")));
}

const safe = Number.MAX_SAFE_INTEGER;
const finite = Number.MAX_VALUE;

/** Drops what `z.int()` and `z.float64()` say of every such number. */
function withoutNaturalBounds(schema: JsonSchema): JsonSchema {
  const limit = schema.type === "integer" ? safe : schema.type === "number" ? finite : undefined;
  if (limit === undefined) return schema;
  const natural = [
    ...(schema.minimum === -limit ? ["minimum"] : []),
    ...(schema.maximum === limit ? ["maximum"] : []),
  ];
  return natural.length === 0 ? schema : without(schema, ...natural);
}

/** The regular expressions with which zod checks a format, and what of each the format does not say yet. */
const patterns: Readonly<Record<string, readonly (readonly [source: string, rest?: string])[]>> = {
  email: [[regexes.email.source]],
  uuid: [[regexes.guid.source], [regexes.uuid().source]],
  ipv4: [[regexes.ipv4.source]],
  ipv6: [[regexes.ipv6.source]],
  date: [[regexes.date.source]],
  duration: [[regexes.duration.source]],
  // The format allows any offset; zod's own default takes UTC alone.
  "date-time": [[regexes.datetime({ offset: true }).source], [regexes.datetime({}).source, "Z$"]],
};

/**
 * Formats beside which the pattern alone is true or says it all: JSON Schema's time carries an offset, which no time
 * of zod may have, and the others are not formats but zod's names for a pattern.
 */
const misleadingFormats: ReadonlySet<string> = new Set([
  "time",
  "starts_with",
  "ends_with",
  "includes",
  "lowercase",
  "uppercase",
]);

function withoutRepeatedPattern(schema: JsonSchema): JsonSchema {
  const { format, pattern } = schema;
  if (typeof format !== "string" || typeof pattern !== "string") return schema;
  if (misleadingFormats.has(format)) return without(schema, "format");
  const known = Object.hasOwn(patterns, format)
    ? patterns[format]?.find(([source]) => source === pattern)
    : undefined;
  if (known === undefined) return schema;
  const [, rest] = known;
  return rest === undefined ? without(schema, "pattern") : { ...schema, pattern: rest };
}
