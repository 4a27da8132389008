import { isObject, type JsonSchema, mapSubschemas, mapValues, without } from "./json-schema.js";
import { needsFlags } from "./regular-expression.js";

/** A type of arktype: what is used of it. */
interface Arktype {
  readonly toJsonSchema: (options: { readonly fallback: { readonly default: Fallback } }) => JsonSchema;
  readonly select: (kind: "pattern") => readonly { readonly rule: string; readonly flags?: string }[];
}

type Fallback = (found: { readonly code: string; readonly base: JsonSchema }) => JsonSchema;

export function isArktype(schema: object): schema is Arktype {
  const standard = "~standard" in schema ? schema["~standard"] : undefined;
  return (
    isObject(standard) &&
    standard.vendor === "arktype" &&
    "toJsonSchema" in schema &&
    typeof schema.toJsonSchema === "function"
  );
}

/**
 * The JSON Schema of what an arktype type takes. Its standard one leaves defaults out, and says of a date that it may be anything.
 * Throws where a type has no JSON form.
 */
export function arktypeToJsonSchema(schema: Arktype): JsonSchema {
  const json = schema.toJsonSchema({ fallback: { default: toBase } });
  const flagged = new Set<unknown>(
    schema
      .select("pattern")
      .filter(needsFlags)
      .map(({ rule }) => rule),
  );
  return withoutPatterns(withPlainNames(JSON.parse(JSON.stringify(json)) as JsonSchema), flagged);
}

/** By their sources alone: arktype doesn't tell from which of its types a part of the JSON comes. Rather one too many than a wrong one. */
function withoutPatterns(schema: JsonSchema, sources: ReadonlySet<unknown>): JsonSchema {
  const inner = mapSubschemas(schema, (one) => withoutPatterns(one, sources));
  return sources.has(inner.pattern) ? without(inner, "pattern") : inner;
}

/** What adds to a type that JSON has: a transform of it, a check of it, a default that is made anew. */
const additions: ReadonlySet<string> = new Set(["morph", "predicate", "patternIntersection", "defaultValue"]);

function toBase({ code, base, ...more }: Parameters<Fallback>[0]): JsonSchema {
  if (additions.has(code)) return base;
  const what = "domain" in more ? String(more.domain) : code;
  throw new Error(
    `arktype knows no JSON for ${JSON.stringify(what)}. Take what JSON has, e.g. "string", and .pipe(...) it into what run wants.`,
  );
}

/**
 * Arktype numbers its types as they are made, so a type that holds itself would be called otherwise in another process, which would
 * void the prompt cache and the session's frozen tools: its definitions are numbered from nought.
 */
function withPlainNames(schema: JsonSchema): JsonSchema {
  if (!isObject(schema.$defs)) return schema;
  const names = new Map(Object.keys(schema.$defs).map((name, index) => [name, `type${index}`]));
  const renamed = (value: unknown, key: string): unknown => {
    if (key === "$ref" && typeof value === "string")
      return value.replace(/^#\/\$defs\/(.+)$/, (_, name: string) => `#/$defs/${names.get(name) ?? name}`);
    if (Array.isArray(value)) return value.map((item) => renamed(item, ""));
    return isObject(value) ? mapValues(value, renamed) : value;
  };
  const definitions = Object.entries(schema.$defs).map(([name, one]) => [names.get(name), renamed(one, "")]);
  return { ...mapValues(schema, renamed), $defs: Object.fromEntries(definitions) };
}
