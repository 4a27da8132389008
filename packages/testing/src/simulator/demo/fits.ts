import { spend } from "./effort.js";
import { matches } from "./matches.js";
import { asSchema, follow, isRecord, type Schema } from "./schema.js";

/** Whether a JSON value is valid against a schema: the keywords of draft 2020-12 that tools use. */
export function fits(value: unknown, schema: unknown, root: Schema): boolean {
  if (typeof schema === "boolean") return schema;
  if (!isRecord(schema)) return true;
  if (!spend(root)) return false;
  return checks.every((check) => check(value, schema, root));
}

type Check = (value: unknown, schema: Schema, root: Schema) => boolean;

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

function fitsCombination(value: unknown, schema: Schema, root: Schema): boolean {
  const { $ref, allOf, anyOf, oneOf, not } = schema;
  const holds = (inner: unknown): boolean => fits(value, inner, root);
  if (typeof $ref === "string" && !holds(follow($ref, root))) return false;
  if (Array.isArray(allOf) && !allOf.every(holds)) return false;
  if (Array.isArray(anyOf) && !anyOf.some(holds)) return false;
  if (Array.isArray(oneOf) && oneOf.filter(holds).length !== 1) return false;
  if (not !== undefined && holds(not)) return false;
  if (schema.if === undefined) return true;
  return holds(schema.if) ? holds(schema.then ?? true) : holds(schema.else ?? true);
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

function fitsString(value: unknown, schema: Schema, root: Schema): boolean {
  if (typeof value !== "string") return true;
  const { minLength, maxLength, pattern, format } = schema;
  const length = [...value].length;
  if (typeof minLength === "number" && length < minLength) return false;
  if (typeof maxLength === "number" && length > maxLength) return false;
  if (typeof pattern === "string" && !matches(value, pattern, root)) return false;
  const shape = formats.get(String(format));
  return shape === undefined || shape.test(value);
}

function fitsList(value: unknown, schema: Schema, root: Schema): boolean {
  if (!Array.isArray(value)) return true;
  const { items, prefixItems, minItems, maxItems, uniqueItems, contains } = schema;
  if (typeof minItems === "number" && value.length < minItems) return false;
  if (typeof maxItems === "number" && value.length > maxItems) return false;
  if (uniqueItems === true && new Set(value.map(canonical)).size !== value.length) return false;
  if (contains !== undefined && !value.some((item) => fits(item, contains, root))) return false;
  const prefix = Array.isArray(prefixItems) ? prefixItems : [];
  return value.every((item, index) => fits(item, index < prefix.length ? prefix[index] : items, root));
}

function fitsObject(value: unknown, schema: Schema, root: Schema): boolean {
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
  if (!names.every((name) => fits(name, schema.propertyNames, root))) return false;
  if (Array.isArray(required) && !required.every((name) => Object.hasOwn(value, String(name)))) return false;
  if (typeof minProperties === "number" && names.length < minProperties) return false;
  if (typeof maxProperties === "number" && names.length > maxProperties) return false;
  const dependent = Object.entries(asSchema(dependentRequired));
  if (
    dependent.some(([name, needs]) => name in value && !(needs as string[]).every((need) => need in value))
  ) {
    return false;
  }
  const properties = asSchema(schema.properties);
  const patterns = Object.entries(asSchema(patternProperties));
  return names.every((name) => {
    const described = Object.hasOwn(properties, name);
    const matching = patterns.filter(([pattern]) => matches(name, pattern, root));
    if (described && !fits(value[name], properties[name], root)) return false;
    if (!matching.every(([, inner]) => fits(value[name], inner, root))) return false;
    return described || matching.length > 0 || fits(value[name], additionalProperties, root);
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
