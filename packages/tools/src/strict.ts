import { ToolDefinitionError } from "@lockstitch/core";
import { isObject, type JsonSchema, mapSubschemas, type Place, without } from "./json-schema.js";
import { anyValue, item, named, property } from "./path.js";

/** Keywords that the API refuses in a strict tool. Source: the API's rules for strict tool use. */
const unsupported: Readonly<Record<string, string>> = {
  minimum: "a bound",
  maximum: "a bound",
  exclusiveMinimum: "a bound",
  exclusiveMaximum: "a bound",
  multipleOf: "a multiple",
  minLength: "a length",
  maxLength: "a length",
  minItems: "a number of items",
  maxItems: "a number of items",
  uniqueItems: "unique items",
  prefixItems: "a tuple",
  patternProperties: "free property names",
  not: "a type that nothing has",
};

/** Formats that a strict tool may ask for. Source: the SDK's own preparation of strict schemas. */
const formats: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);

/**
 * The schema of a tool whose input the API guarantees: closed objects throughout, nothing that a grammar can't hold.
 * Throws `ToolDefinitionError`, naming the first property that is in the way.
 */
export function toStrict(tool: string, schema: JsonSchema): JsonSchema {
  const definitions = isObject(schema.$defs) ? schema.$defs : {};
  const refuse = (path: string, what: string, wayOut: string): never => {
    throw new ToolDefinitionError(
      tool,
      `${tool} can't be strict: ${named(path)} ${what}. ${wayOut}, or leave \`strict\` out.`,
    );
  };

  const close = (node: JsonSchema, path: string, above: readonly string[]): JsonSchema => {
    const reference = node.$ref;
    if (typeof reference === "string") {
      const name = reference.replace("#/$defs/", "");
      const target = definitions[name];
      if (above.includes(reference) || !isObject(target)) {
        return refuse(path, "holds itself", "Write out as many levels as you need");
      }
      close(target, path, [...above, reference]);
      return node;
    }
    const keyword = Object.keys(node).find(
      (key) => key in unsupported && !(key === "minItems" && Number(node[key]) <= 1),
    );
    if (keyword !== undefined) {
      const inWords = `has ${unsupported[keyword]} (${keyword}), which a strict tool can't have`;
      refuse(path, inWords, "Check it with .refine(...) and say it in .describe(...)");
    }
    if (node.type === "object" && (node.additionalProperties ?? false) !== false) {
      refuse(path, "takes any property name", "Name its properties, or take an array of pairs");
    }
    const says = ["type", "anyOf", "oneOf", "allOf", "enum", "const"].some((key) => key in node);
    if (!says) refuse(path, "may be anything", "Give it a type");
    const closed = mapSubschemas(node, (inner, place) =>
      place.keyword === "$defs"
        ? close(inner, String(place.key), [`#/$defs/${place.key}`])
        : close(inner, below(path, place), above),
    );
    return sayStrictly(closed);
  };
  return close(schema, "", ["#"]);
}

function sayStrictly(schema: JsonSchema): JsonSchema {
  const { oneOf, format } = schema;
  const object = schema.type === "object" ? { additionalProperties: false } : {};
  // The options of a discriminated union exclude each other anyway.
  const union = oneOf === undefined ? {} : { anyOf: oneOf };
  const unknownFormat = format !== undefined && !formats.has(format);
  return { ...without(schema, "oneOf", ...(unknownFormat ? ["format"] : [])), ...union, ...object };
}

function below(path: string, { keyword, key }: Place): string {
  if (keyword === "properties") return property(path, String(key));
  if (keyword === "items") return item(path);
  if (keyword === "additionalProperties") return anyValue(path);
  return path;
}
