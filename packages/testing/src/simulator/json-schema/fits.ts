import { exhaust, spend } from "./effort.js";
import { follow } from "./follow.js";
import { matches } from "./matches.js";
import { asSchema, isRecord, type Schema } from "./schema.js";

/**
 * Whether a JSON value is valid against a schema: the keywords of draft 2020-12 that tools use. One that can't be judged
 * (a pattern of another dialect, a schema that asks for too much work) is not, and formats count, so that a value
 * that fits does so for every reader.
 */
export function fits(value: unknown, schema: unknown, root: Schema): boolean {
  return holds(value, schema, { root, isStrict: true, depth: 0 });
}

/** Whether a JSON value breaks a schema for certain: what can't be judged does not, nor does a format, which says nothing of validity. */
export function breaks(value: unknown, schema: Schema): boolean {
  const isBroken = !holds(value, schema, { root: schema, isStrict: false, depth: 0 });
  return isBroken && spend(schema, 0);
}

/** What stays the same while a value is held against a schema, and how deep it has come. */
interface Judgement {
  readonly root: Schema;
  readonly isStrict: boolean;
  readonly depth: number;
}

/** Each level takes some room on the stack; a schema that leads to itself without end would take all of it. */
const maxDepth = 500;

function holds(value: unknown, schema: unknown, judgement: Judgement): boolean {
  if (typeof schema === "boolean") return schema;
  if (!isRecord(schema)) return true;
  if (judgement.depth > maxDepth) exhaust(judgement.root);
  if (!spend(judgement.root)) return false;
  const deeper = { ...judgement, depth: judgement.depth + 1 };
  return checks.every((check) => check(value, schema, deeper));
}

type Check = (value: unknown, schema: Schema, judgement: Judgement) => boolean;

const checks: readonly Check[] = [
  fitsType,
  fitsChoice,
  fitsCombination,
  fitsNumber,
  fitsString,
  fitsList,
  fitsObject,
];

function fitsType(value: unknown, { type }: Schema): boolean {
  if (type === undefined) return true;
  return (Array.isArray(type) ? type : [type]).some((name) => isOfType(value, String(name)));
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function fitsChoice(value: unknown, schema: Schema): boolean {
  if ("const" in schema && !isSame(value, schema.const)) return false;
  const choices = schema.enum;
  return !Array.isArray(choices) || choices.some((choice) => isSame(value, choice));
}

function fitsCombination(value: unknown, schema: Schema, judgement: Judgement): boolean {
  const { $ref, allOf, anyOf, oneOf, not } = schema;
  const also = (inner: unknown): boolean => holds(value, inner, judgement);
  if (typeof $ref === "string" && !also(follow($ref, judgement.root))) return false;
  if (Array.isArray(allOf) && !allOf.every(also)) return false;
  if (Array.isArray(anyOf) && !anyOf.some(also)) return false;
  if (Array.isArray(oneOf) && oneOf.filter(also).length !== 1) return false;
  if (not !== undefined && also(not)) return false;
  if (schema.if === undefined) return true;
  return also(schema.if) ? also(schema.then ?? true) : also(schema.else ?? true);
}

function fitsNumber(value: unknown, schema: Schema): boolean {
  if (typeof value !== "number") return true;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === "number" && value < minimum) return false;
  if (typeof maximum === "number" && value > maximum) return false;
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum) return false;
  if (typeof exclusiveMaximum === "number" && value >= exclusiveMaximum) return false;
  if (typeof multipleOf !== "number") return true;
  const quotient = value / multipleOf;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

const formats: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
    "date-time": /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/,
    time: /^\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?$/,
    email: /^[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}$/,
    uri: /^[a-z][a-z0-9+.-]*:\S+$/i,
    url: /^[a-z][a-z0-9+.-]*:\S+$/i,
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i,
    ipv4: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/,
  }),
);

function fitsString(value: unknown, schema: Schema, judgement: Judgement): boolean {
  if (typeof value !== "string") return true;
  const { minLength, maxLength, pattern, format } = schema;
  const length = [...value].length;
  if (typeof minLength === "number" && length < minLength) return false;
  if (typeof maxLength === "number" && length > maxLength) return false;
  if (typeof pattern === "string" && !keeps(value, pattern, judgement)) return false;
  if (!judgement.isStrict) return true;
  const shape = formats.get(String(format));
  return shape === undefined || shape.test(value);
}

/** Where it can't be known whether a text keeps to a pattern, nothing more can be known for certain of the schema. */
function keeps(value: string, pattern: string, { root, isStrict }: Judgement): boolean {
  const found = matches(value, pattern, root);
  if (found === undefined && !isStrict) exhaust(root);
  return found === true;
}

function fitsList(value: unknown, schema: Schema, judgement: Judgement): boolean {
  if (!Array.isArray(value)) return true;
  const { items, prefixItems, minItems, maxItems, uniqueItems, contains, minContains } = schema;
  if (typeof minItems === "number" && value.length < minItems) return false;
  if (typeof maxItems === "number" && value.length > maxItems) return false;
  if (uniqueItems === true && new Set(value.map(canonical)).size !== value.length) return false;
  const isThere = (item: unknown): boolean => holds(item, contains, judgement);
  if (contains !== undefined && minContains !== 0 && !value.some(isThere)) return false;
  const prefix = Array.isArray(prefixItems) ? prefixItems : [];
  return value.every((item, index) => holds(item, index < prefix.length ? prefix[index] : items, judgement));
}

function fitsObject(value: unknown, schema: Schema, judgement: Judgement): boolean {
  if (!isRecord(value)) return true;
  const {
    required,
    minProperties,
    maxProperties,
    additionalProperties,
    patternProperties,
    dependentRequired,
  } = schema;
  const names = Object.keys(value);
  if (!names.every((name) => holds(name, schema.propertyNames, judgement))) return false;
  if (Array.isArray(required) && !required.every((name) => Object.hasOwn(value, String(name)))) return false;
  if (typeof minProperties === "number" && names.length < minProperties) return false;
  if (typeof maxProperties === "number" && names.length > maxProperties) return false;
  const has = (name: string): boolean => Object.hasOwn(value, name);
  const dependent = Object.entries(asSchema(dependentRequired));
  if (dependent.some(([name, needs]) => has(name) && !(needs as string[]).every(has))) return false;
  const properties = asSchema(schema.properties);
  const patterns = Object.entries(asSchema(patternProperties));
  return names.every((name) => {
    const described = Object.hasOwn(properties, name);
    const matching = patterns.filter(([pattern]) => keeps(name, pattern, judgement));
    if (described && !holds(value[name], properties[name], judgement)) return false;
    if (!matching.every(([, inner]) => holds(value[name], inner, judgement))) return false;
    return described || matching.length > 0 || holds(value[name], additionalProperties, judgement);
  });
}

function isSame(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

/** JSON with sorted keys: equal values give equal text. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      isRecord(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "undefined"
  );
}
