import { schemaKeywords } from "@lockstitch/core";
import { mapParts, mapValues, type Schema, without } from "./json-schema.js";
import { isObject } from "./object.js";

/**
 * The same schema in draft 2020-12, the one that the API takes: what older drafts say another way is said its way, and what a serialiser
 * writes for "nothing" (`null`, PHP's `[]` for an empty object) is left out. No step changes which inputs are right. What no draft lets a
 * schema say is left as it is. Source: the drafts' own notes on migration, https://json-schema.org/specification#migrating-from-older-drafts
 */
export function toCurrentDraft(schema: Schema): Schema {
  const isOld = typeof schema.$schema === "string" && /draft-0?[3-7]\b/.test(schema.$schema);
  const convert = (part: unknown): unknown => {
    // PHP's empty object. A list of schemas, one for each place, is none any more when this comes to it.
    if (Array.isArray(part) && part.length === 0) return {};
    if (!isObject(part)) return part;
    return mapParts(
      steps.reduce((done, step) => step(done, isOld), part),
      convert,
    );
  };
  return convert(schema) as Schema;
}

type Step = (schema: Schema, isOld: boolean) => Schema;

/** In this order: a later one relies on what the earlier ones have tidied. */
const steps: readonly Step[] = [
  withoutNothings,
  withoutOddNotes,
  withoutDeafSiblings,
  withAnchors,
  withPlainReferences,
  withRequiredList,
  withoutRepeats,
  withExclusiveBounds,
  withPrefixItems,
  withDependentKeywords,
];

/** Where `null` is a value like any other. */
const mayBeNull: ReadonlySet<string> = new Set(["const", "default"]);

function withoutNothings(schema: Schema): Schema {
  const said = Object.entries(schema).filter(([keyword, value]) => value !== null || mayBeNull.has(keyword));
  return Object.fromEntries(
    said.map(([keyword, value]) => {
      const isEmptyObject =
        schemaKeywords.get(keyword) === "named" && Array.isArray(value) && value.length === 0;
      return [keyword, isEmptyObject ? {} : value];
    }),
  );
}

const isText = (value: unknown) => typeof value === "string";
const isBoolean = (value: unknown) => typeof value === "boolean";

/** Keywords that tell readers something and rule nothing out, with what they may say. */
const notes: Readonly<Record<string, (value: unknown) => boolean>> = {
  title: isText,
  description: isText,
  $comment: isText,
  format: isText,
  contentEncoding: isText,
  contentMediaType: isText,
  examples: Array.isArray,
  deprecated: isBoolean,
  readOnly: isBoolean,
  writeOnly: isBoolean,
  default: () => true,
};

/** Whether a keyword only tells readers something. */
export function isNote(keyword: string): boolean {
  return Object.hasOwn(notes, keyword);
}

/** `$schema` too: it told which draft this was. And `type: "any"`, as draft 3 said what saying nothing says since. */
function withoutOddNotes(schema: Schema): Schema {
  const odd = Object.keys(schema).filter((keyword) => isNote(keyword) && !notes[keyword]?.(schema[keyword]));
  return without(schema, "$schema", "$vocabulary", ...odd, ...(schema.type === "any" ? ["type"] : []));
}

/** Up to draft 7, a reference was all that counted of its schema; since then what stands beside it counts as well. */
function withoutDeafSiblings(schema: Schema, isOld: boolean): Schema {
  if (!isOld || typeof schema.$ref !== "string") return schema;
  const heard = new Set(["$ref", "$defs", "definitions", ...Object.keys(notes)]);
  return without(schema, ...Object.keys(schema).filter((keyword) => !heard.has(keyword)));
}

/** A name to refer to was an `id` that begins with `#`. One that only repeats its place in the schema, as generators write, says nothing. */
function withAnchors(schema: Schema): Schema {
  const id = schema.$id ?? schema.id;
  if (typeof id !== "string" || !/^#[A-Za-z_/]/.test(id)) return schema;
  const rest = without(schema, "$id", "id");
  return id.startsWith("#/") ? rest : { ...rest, $anchor: id.slice(1) };
}

/** Draft 2019-09 had a reference of its own to what holds the schema, which without further documents is the root. */
function withPlainReferences(schema: Schema): Schema {
  const { $recursiveRef, $recursiveAnchor: _, ...rest } = schema;
  if (typeof $recursiveRef === "string") return { $ref: $recursiveRef, ...rest };
  return typeof schema.$recursiveAnchor === "boolean" ? rest : schema;
}

/** In draft 3, a property said of itself that it was required. */
function withRequiredList(schema: Schema): Schema {
  const { properties, required } = schema;
  const tidy = typeof required === "boolean" ? without(schema, "required") : schema;
  if (!isObject(properties)) return tidy;
  const named = Object.keys(properties).filter((name) => {
    const property = properties[name];
    return isObject(property) && property.required === true;
  });
  const list = Array.isArray(tidy.required) ? tidy.required : [];
  return named.length === 0 ? tidy : { ...tidy, required: [...list, ...named] };
}

function withoutRepeats(schema: Schema): Schema {
  return mapValues(schema, (said, keyword) =>
    (keyword === "required" || keyword === "type") && Array.isArray(said) ? [...new Set(said)] : said,
  );
}

/** In draft 4, `exclusiveMinimum: true` said how `minimum` was meant. Without one it said nothing. */
function withExclusiveBounds(schema: Schema): Schema {
  const bounds = [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const;
  return bounds.reduce((done, [exclusive, inclusive]) => {
    if (typeof done[exclusive] !== "boolean") return done;
    const bound = done[inclusive];
    return done[exclusive] === true && typeof bound === "number"
      ? { ...without(done, inclusive), [exclusive]: bound }
      : without(done, exclusive);
  }, schema);
}

/** A list of schemas, one for each place, was called `items`, and what came after them `additionalItems`. */
function withPrefixItems(schema: Schema): Schema {
  const { items, additionalItems } = schema;
  const rest = without(schema, "additionalItems");
  if (!Array.isArray(items)) return rest;
  const { items: _, ...others } = rest;
  return {
    ...others,
    ...(items.length === 0 ? {} : { prefixItems: items }),
    ...(additionalItems === undefined ? {} : { items: additionalItems }),
  };
}

/** One keyword held what now are two. */
function withDependentKeywords(schema: Schema): Schema {
  const { dependencies, ...rest } = schema;
  const isTaken = "dependentRequired" in schema || "dependentSchemas" in schema;
  if (!isObject(dependencies) || isTaken) return schema;
  const said = Object.entries(mapValues(dependencies, (value) => (isText(value) ? [value] : value)));
  const lists = said.filter(([, value]) => Array.isArray(value));
  const schemas = said.filter(([, value]) => !Array.isArray(value));
  return {
    ...rest,
    ...(lists.length === 0 ? {} : { dependentRequired: Object.fromEntries(lists) }),
    ...(schemas.length === 0 ? {} : { dependentSchemas: Object.fromEntries(schemas) }),
  };
}
