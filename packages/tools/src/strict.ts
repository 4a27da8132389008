import { heldFormats, ToolDefinitionError } from "@lockstitch/core";
import {
  definitionName,
  isObject,
  type JsonSchema,
  mapSubschemas,
  type Place,
  without,
} from "./json-schema.js";
import { anyValue, item, named, property } from "./path.js";

type Problem = readonly [what: string, wayOut: string];

const check = "Check it with .refine(...) and say it in .describe(...)";
const bound: Problem = ["has a bound, which a strict tool can't have", check];
const length: Problem = ["has a length, which a strict tool can't have", check];

/** Keywords that the API refuses in a strict tool. Source: the API's rules for strict tool use. */
const refused: Readonly<Record<string, Problem>> = {
  minimum: bound,
  maximum: bound,
  exclusiveMinimum: bound,
  exclusiveMaximum: bound,
  multipleOf: ["has a divisor, which a strict tool can't have", check],
  minLength: length,
  maxLength: length,
  minItems: length,
  maxItems: length,
  uniqueItems: ["has items that must differ, which a strict tool can't say", check],
  prefixItems: ["is a tuple", "Take an object with a name for each item"],
  patternProperties: ["takes any property name", "Name its properties, or take an array of pairs"],
  not: ["takes nothing", "Leave it out"],
};

/**
 * The schema of a tool whose input the API guarantees: closed objects throughout, nothing that a grammar can't hold.
 * Throws `ToolDefinitionError`, naming the first property that is in the way.
 */
export function toStrict(tool: string, schema: JsonSchema): JsonSchema {
  const definitions = isObject(schema.$defs) ? schema.$defs : {};
  const refuse = (path: string, [what, wayOut]: Problem): never => {
    const problem = `${tool} can't be strict: ${named(path)} ${what}.`;
    throw new ToolDefinitionError(tool, `${problem} ${wayOut}, or leave \`strict\` out.`);
  };

  const close = (node: JsonSchema, path: string, above: readonly string[]): JsonSchema => {
    if (typeof node.$ref === "string") {
      // A reference to the root has no name.
      const name = definitionName(node.$ref);
      const target = name === undefined || above.includes(name) ? undefined : definitions[name];
      if (!isObject(target)) return refuse(path, ["holds itself", "Write out as many levels as you need"]);
      close(target, path, [...above, String(name)]);
      return node;
    }
    const problem = problemOf(node);
    if (problem !== undefined) refuse(path, problem);
    return sayStrictly(
      mapSubschemas(node, (inner, place) =>
        place.keyword === "$defs"
          ? close(inner, String(place.key), [String(place.key)])
          : close(inner, below(path, place), above),
      ),
    );
  };
  return close(schema, "", []);
}

function problemOf(node: JsonSchema): Problem | undefined {
  const isFree = (keyword: string) => keyword === "minItems" && Number(node.minItems) <= 1;
  const keyword = Object.keys(node).find((one) => Object.hasOwn(refused, one) && !isFree(one));
  if (keyword !== undefined) return refused[keyword];
  if (node.type === "object" && (node.additionalProperties ?? false) !== false)
    return refused.patternProperties;
  const isSomething = ["type", "anyOf", "oneOf", "allOf", "enum", "const"].some((one) => one in node);
  return isSomething ? undefined : ["may be anything", "Give it a type"];
}

function sayStrictly(schema: JsonSchema): JsonSchema {
  const { oneOf, format } = schema;
  const object = schema.type === "object" ? { additionalProperties: false } : {};
  // The options of a discriminated union exclude each other anyway.
  const union = oneOf === undefined ? {} : { anyOf: oneOf };
  const unknownFormat = format !== undefined && !heldFormats.has(format);
  return { ...without(schema, "oneOf", ...(unknownFormat ? ["format"] : [])), ...union, ...object };
}

function below(path: string, { keyword, key }: Place): string {
  if (keyword === "properties") return property(path, String(key));
  if (keyword === "items") return item(path);
  if (keyword === "additionalProperties") return anyValue(path);
  return path;
}
