import { ZodFirstPartyTypeKind as Kind, type ZodStringCheck, type ZodTypeAny } from "zod/v3";
import {
  ignoreOverride,
  type JsonSchema7Type,
  type OverrideCallback,
  type PostProcessCallback,
  parseStringDef,
  zodToJsonSchema,
} from "zod-to-json-schema";
import { isMadeAnew } from "./default-value.js";
import { type JsonSchema, without } from "./json-schema.js";
import { needsFlags } from "./regular-expression.js";
import type { Zod3Def } from "./zod-3.js";

/**
 * The JSON Schema of what a zod 3 schema takes. The schema must have been surveyed: a type with no JSON form
 * would be left out here without a word. `recursive` are the schemas that the survey found to hold themselves.
 */
export function zod3ToJsonSchema(schema: ZodTypeAny, recursive: ReadonlySet<object>): JsonSchema {
  const references = new Map<unknown, string>();
  const others = ([...recursive] as ZodTypeAny[]).filter((one) => one !== schema);
  others.forEach((one, index) => {
    references.set(one._def, `#/$defs/recursive${index}`);
  });
  if (recursive.has(schema)) references.set(schema._def, "#");
  const definitions = others.map((one, index) => [`recursive${index}`, convert(one, references)] as const);
  const root = convert(schema, references);
  return definitions.length === 0 ? root : { ...root, $defs: Object.fromEntries(definitions) };
}

function convert(schema: ZodTypeAny, references: ReadonlyMap<unknown, string>): JsonSchema {
  const refer: OverrideCallback = (def, refs) => {
    const reference = refs.currentPath.length === 1 ? undefined : references.get(def);
    return reference === undefined ? replace(def as Zod3Def) : { $ref: reference };
  };
  const json = zodToJsonSchema(schema, {
    $refStrategy: "none",
    pipeStrategy: "input",
    // Unknown properties are dropped or kept, never refused, unless the object is strict: as zod 4's input view has it.
    removeAdditionalStrategy: "strict",
    allowedAdditionalProperties: undefined,
    override: refer,
    postProcess: correct,
  });
  // Through text and back: a default may be a Date.
  return without(JSON.parse(JSON.stringify(json)) as JsonSchema, "$schema");
}

type Replacement = ReturnType<OverrideCallback>;

/** Types that the converter gets wrong from the start. */
function replace(def: Zod3Def): Replacement {
  const description = def.description === undefined ? {} : { description: def.description };
  // It takes typeof null at its word, and says "object".
  if (def.typeName === Kind.ZodLiteral && def.value === null) return { type: "null", ...description };
  if (def.typeName === Kind.ZodString) {
    const checks = def.checks.flatMap(honest);
    return { ...parseStringDef({ ...def, checks }, plainOptions), ...description };
  }
  return ignoreOverride;
}

/** The part of the converter's options that strings are made with. */
const plainOptions = {
  target: "jsonSchema7",
  patternStrategy: "preserve",
  emailStrategy: "format:email",
  base64Strategy: "contentEncoding:base64",
} as Parameters<typeof parseStringDef>[1];

/**
 * A check as the converter says it truly. It escapes letters of a text to look for (`w` becomes `\w`, any letter) and
 * characters that may not be escaped; its `time` asks for an offset, which no time of zod may have; and its
 * `date-time` allows any offset, where zod takes UTC alone unless told otherwise. What needs its flags is left out.
 */
function honest(check: ZodStringCheck): readonly ZodStringCheck[] {
  switch (check.kind) {
    case "startsWith":
      return [{ kind: "regex", regex: new RegExp(`^${escaped(check.value)}`) }];
    case "endsWith":
      return [{ kind: "regex", regex: new RegExp(`${escaped(check.value)}$`) }];
    case "includes":
      return [{ kind: "regex", regex: new RegExp(escaped(check.value)) }];
    case "time":
      return [{ kind: "regex", regex: /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$/ }];
    case "regex":
      return needsFlags(check.regex) ? [] : [check];
    case "datetime":
      return check.offset || check.local ? [check] : [check, { kind: "regex", regex: /Z$/ }];
    default:
      return [check];
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Corrects what the converter made of one type. */
const correct: PostProcessCallback = (json, zodDef) => {
  if (json === undefined) return json;
  return corrected(json as JsonSchema, zodDef as Zod3Def) as JsonSchema7Type;
};

function corrected(json: JsonSchema, def: Zod3Def): JsonSchema {
  switch (def.typeName) {
    case Kind.ZodOptional: {
      // Where a value can't be left out (an element, an option), "optional" says nothing in JSON.
      const [not, inner] = Array.isArray(json.anyOf) ? (json.anyOf as JsonSchema[]) : [];
      return not?.not === undefined || inner === undefined ? json : { ...inner, ...without(json, "anyOf") };
    }
    case Kind.ZodTuple:
      return tuple(json);
    case Kind.ZodObject:
      return object(json, def.shape(), def.unknownKeys === "passthrough");
    case Kind.ZodDefault:
      return isMadeAnew(def.defaultValue) ? without(json, "default") : json;
    default:
      return json;
  }
}

/** In the dialect that the API takes, a list under `items` is not a tuple but an error. */
function tuple(json: JsonSchema): JsonSchema {
  return {
    ...without(json, "items", "additionalItems"),
    prefixItems: json.items,
    items: json.additionalItems ?? false,
  };
}

function object(json: JsonSchema, shape: Record<string, ZodTypeAny>, isOpen: boolean): JsonSchema {
  const asked = new Set(json.required as string[] | undefined);
  const required = Object.keys(shape).filter((name) => asked.has(name) || coerces(shape[name]!._def));
  return {
    ...json,
    ...(required.length === 0 ? {} : { required }),
    ...(isOpen ? { additionalProperties: json.additionalProperties ?? {} } : {}),
  };
}

/** Whether a missing value would be made into one: `z.coerce.string()` makes it the text "undefined". */
function coerces(def: Zod3Def): boolean {
  if (def.typeName === Kind.ZodEffects) return def.effect.type !== "preprocess" && coerces(def.schema._def);
  if (def.typeName === Kind.ZodPipeline) return coerces(def.in._def);
  if (def.typeName === Kind.ZodBranded) return coerces(def.type._def);
  if (def.typeName === Kind.ZodReadonly) return coerces(def.innerType._def);
  return "coerce" in def && def.coerce === true;
}
