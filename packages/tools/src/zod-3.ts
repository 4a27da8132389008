import { ZodFirstPartyTypeKind as Kind, type ZodFirstPartySchemaTypes, type ZodTypeAny } from "zod/v3";
import { hasJsonForm } from "./default-value.js";
import { anyValue, item, property } from "./path.js";
import { needsFlags } from "./regular-expression.js";
import type { SchemaChild, SchemaNode } from "./survey.js";
import type { Unrepresentable } from "./unrepresentable.js";

export type Zod3Def = ZodFirstPartySchemaTypes["_def"];

/** Schemas of zod 3 have a type's name and none of zod 4's internals. */
export function isZod3(schema: object): schema is ZodTypeAny {
  const def = "_def" in schema && !("_zod" in schema) ? schema._def : undefined;
  return typeof def === "object" && def !== null && "typeName" in def;
}

/** What one zod 3 schema says of itself, seen from the side of its input. */
export function readZod3(schema: object, path: string): SchemaNode {
  const def = (schema as ZodFirstPartySchemaTypes)._def;
  return {
    unrepresentable: unrepresentableKind(def),
    described: def.description !== undefined,
    refined: isRefined(def),
    children: children(def, path),
  };
}

function isRefined(def: Zod3Def): boolean {
  if (def.typeName === Kind.ZodString)
    return def.checks.some((check) => check.kind === "regex" && needsFlags(check.regex));
  return def.typeName === Kind.ZodEffects && def.effect.type === "refinement";
}

const kinds: { readonly [Name in Kind]?: Unrepresentable } = {
  [Kind.ZodDate]: "date",
  [Kind.ZodBigInt]: "bigint",
  [Kind.ZodSet]: "set",
  [Kind.ZodMap]: "map",
  [Kind.ZodUndefined]: "undefined",
  [Kind.ZodVoid]: "void",
  [Kind.ZodSymbol]: "symbol",
  [Kind.ZodNaN]: "nan",
  [Kind.ZodFunction]: "function",
};

function unrepresentableKind(def: Zod3Def): Unrepresentable | undefined {
  switch (def.typeName) {
    case Kind.ZodLiteral:
      return literalKind(def.value);
    case Kind.ZodDefault:
      return hasJsonForm(def.defaultValue()) ? undefined : "default";
    case Kind.ZodEffects:
      // This is all that z.custom() and z.instanceof() leave behind.
      return def.effect.type === "refinement" && def.schema._def.typeName === Kind.ZodAny
        ? "custom"
        : undefined;
    default:
      return kinds[def.typeName];
  }
}

function literalKind(value: unknown): Unrepresentable | undefined {
  const type = typeof value;
  return type === "bigint" || type === "undefined" || type === "symbol" ? type : undefined;
}

function children(def: Zod3Def, path: string): SchemaChild[] {
  switch (def.typeName) {
    case Kind.ZodObject: {
      const shape: Record<string, ZodTypeAny> = def.shape();
      const properties = Object.entries(shape).map(([name, schema]) => ({
        schema,
        path: property(path, name),
        isProperty: true,
      }));
      return [...properties, { schema: def.catchall, path: anyValue(path) }];
    }
    case Kind.ZodArray:
      return [{ schema: def.type, path: item(path) }];
    case Kind.ZodTuple: {
      const items: ZodTypeAny[] = def.items;
      const fixed = items.map((schema, index) => ({ schema, path: item(path, index) }));
      return def.rest === null ? fixed : [...fixed, { schema: def.rest, path: item(path) }];
    }
    case Kind.ZodRecord:
      return [
        { schema: def.keyType, path: anyValue(path) },
        { schema: def.valueType, path: anyValue(path) },
      ];
    default:
      return samePlace(def).map((schema) => ({ schema, path }));
  }
}

/** The types that a wrapper, a union or an intersection puts at its own place. */
function samePlace(def: Zod3Def): readonly ZodTypeAny[] {
  switch (def.typeName) {
    case Kind.ZodUnion:
    case Kind.ZodDiscriminatedUnion:
      return [...def.options.values()];
    case Kind.ZodIntersection:
      return [def.left, def.right];
    case Kind.ZodLazy:
      return [def.getter()];
    case Kind.ZodPipeline:
      return [def.in];
    case Kind.ZodEffects:
      return [def.schema];
    case Kind.ZodOptional:
    case Kind.ZodNullable:
    case Kind.ZodDefault:
    case Kind.ZodCatch:
    case Kind.ZodReadonly:
      return [def.innerType];
    case Kind.ZodBranded:
    case Kind.ZodPromise:
      return [def.type];
    default:
      return [];
  }
}
