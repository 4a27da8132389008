import { type $ZodCheck, type $ZodType, type $ZodTypes, globalRegistry, toJSONSchema } from "zod/v4/core";
import { hasJsonForm, isMadeAnew } from "./default-value.js";
import type { JsonSchema } from "./json-schema.js";
import { anyValue, item, property } from "./path.js";
import { needsFlags } from "./regular-expression.js";
import type { SchemaChild, SchemaNode } from "./survey.js";
import type { Unrepresentable } from "./unrepresentable.js";

export function isZod4(schema: object): schema is $ZodType {
  return "_zod" in schema;
}

/**
 * The JSON Schema of what a zod 4 (or zod/mini) schema takes: the input view, in which a default is optional and
 * a transform is what it starts from. The schema must have been surveyed: what has no JSON form is not looked for here.
 */
export function zod4ToJsonSchema(schema: $ZodType): JsonSchema {
  return toJSONSchema(schema, {
    io: "input",
    metadata: { get: metadataOf } as unknown as typeof globalRegistry,
    // Of what is left, only the value that .catch(...) computes from an error has no JSON form, and it isn't wanted.
    unrepresentable: ({ zodSchema }) => (zodSchema._zod.def.type === "catch" ? "any" : "throw"),
    override: ({ zodSchema, jsonSchema }) => leaveOut(zodSchema, jsonSchema),
  }) as JsonSchema;
}

/** A schema of another copy of zod keeps its descriptions in a registry of its own, which only it can reach. */
function metadataOf(schema: $ZodType): Record<string, unknown> | undefined {
  const meta =
    "meta" in schema && typeof schema.meta === "function" ? (schema.meta as () => unknown) : undefined;
  return globalRegistry.get(schema) ?? (meta?.call(schema) as Record<string, unknown> | undefined);
}

/** Takes back what would mislead the model, or change from one process to the next. */
function leaveOut(schema: $ZodTypes, json: Record<string, unknown>): void {
  const def = schema._zod.def;
  // JSON Schema's readOnly means "not yours to set"; zod's only freezes the result.
  if (def.type === "readonly") delete json.readOnly;
  if (def.type === "catch") delete json.default;
  const isDefault = def.type === "default" || def.type === "prefault";
  if (isDefault && isMadeAnew(() => def.defaultValue)) delete json.default;
  leaveOutPatterns(json, patternsOf(schema));
}

/** Those that need flags. A source that stands there without flags as well is kept. */
function leaveOutPatterns(json: Record<string, unknown>, patterns: readonly RegExp[]): void {
  const flagged = patterns.filter(needsFlags);
  if (flagged.length === 0) return;
  const sources = new Set<unknown>(flagged.map(({ source }) => source));
  for (const pattern of patterns) if (!needsFlags(pattern)) sources.delete(pattern.source);
  if (sources.has(json.pattern)) delete json.pattern;
  if (!Array.isArray(json.allOf)) return;
  setParts(json, distinct(json.allOf.filter(({ pattern }: { pattern?: unknown }) => !sources.has(pattern))));
}

/** Several patterns of one text stand side by side under `allOf`. One needs none, which a strict tool could not have. */
function setParts(json: Record<string, unknown>, parts: readonly Record<string, unknown>[]): void {
  const [first] = parts;
  const isAlone = parts.length === 1 && Object.keys({ ...first }).join() === "pattern";
  const isLifted = isAlone && json.pattern === undefined;
  if (isLifted) json.pattern = first?.pattern;
  if (isLifted || first === undefined) delete json.allOf;
  else json.allOf = parts;
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** A text's format and its checks carry patterns, and whoever adds a check of his own may put one into the bag. */
function patternsOf({ _zod: { def, bag } }: $ZodTypes): RegExp[] {
  const checks = [def, ...(def.checks ?? []).map((check) => check._zod.def)];
  const patterns = checks.map((check) => ("pattern" in check ? check.pattern : undefined));
  return [...patterns, ...((bag.patterns as Iterable<unknown> | undefined) ?? [])].filter(
    (pattern): pattern is RegExp => pattern instanceof RegExp,
  );
}

/** What one zod 4 schema says of itself, seen from the side of its input. */
export function readZod4(schema: object, path: string): SchemaNode {
  const node = schema as $ZodTypes;
  return {
    unrepresentable: unrepresentableKind(node),
    described: metadataOf(node)?.description !== undefined,
    refined: (node._zod.def.checks ?? []).some(isHiddenCheck) || patternsOf(node).some(needsFlags),
    children: children(node, path),
  };
}

function isHiddenCheck(check: $ZodCheck<never>): boolean {
  const kind = check._zod.def.check;
  return kind === "custom" || kind === "property";
}

function unrepresentableKind({ _zod: { def } }: $ZodTypes): Unrepresentable | undefined {
  switch (def.type) {
    case "bigint":
    case "symbol":
    case "undefined":
    case "void":
    case "date":
    case "nan":
    case "function":
    case "map":
    case "set":
    case "file":
    case "custom":
    case "transform":
    case "success":
      return def.type;
    case "literal":
      if (def.values.includes(undefined)) return "undefined";
      return def.values.some((value) => typeof value === "bigint") ? "bigint" : undefined;
    case "default":
    case "prefault":
      return hasJsonForm(def.defaultValue) ? undefined : "default";
    default:
      return undefined;
  }
}

function children({ _zod: { def } }: $ZodTypes, path: string): SchemaChild[] {
  switch (def.type) {
    case "object":
      return [
        ...Object.entries(def.shape).map(([name, schema]) => ({
          schema,
          path: property(path, name),
          isProperty: true,
        })),
        ...(def.catchall === undefined ? [] : [{ schema: def.catchall, path: anyValue(path) }]),
      ];
    case "array":
      return [{ schema: def.element, path: item(path) }];
    case "tuple":
      return [
        ...def.items.map((schema, index) => ({ schema, path: item(path, index) })),
        ...(def.rest === null ? [] : [{ schema: def.rest, path: item(path) }]),
      ];
    case "record":
      return [
        { schema: def.keyType, path: anyValue(path) },
        { schema: def.valueType, path: anyValue(path) },
      ];
    case "union":
      return def.options.map((schema) => ({ schema, path }));
    case "intersection":
      return [def.left, def.right].map((schema) => ({ schema, path }));
    case "lazy":
      return [{ schema: def.getter(), path }];
    case "pipe":
      // What stands before a preprocessing function is unknown; its result has to fit what comes after.
      return [{ schema: def.in._zod.def.type === "transform" ? def.out : def.in, path }];
    case "optional":
    case "nullable":
    case "nonoptional":
    case "default":
    case "prefault":
    case "catch":
    case "readonly":
    case "promise":
      return [{ schema: def.innerType, path }];
    default:
      return [];
  }
}
