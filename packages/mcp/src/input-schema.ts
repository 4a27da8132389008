import { type InputSchema, inputSchemaProblem } from "@lockstitch/core";
import { canonical, type McpDefinition } from "./definition.js";
import { isNote, toCurrentDraft } from "./dialect.js";
import { type Schema, schemasIn, without } from "./json-schema.js";
import { oddWord } from "./meta-schema.js";
import { quotedName } from "./names.js";
import { isObject } from "./object.js";
import { follow, followable, hasEndlessReference, isPattern } from "./references.js";

/** A schema as the API takes it, or in a sentence why it can't; and what had to be left out of it. */
export type TakenSchema =
  | { readonly inputSchema: InputSchema; readonly leftOut: readonly string[] }
  | { readonly problem: string };

/**
 * What chooses at a schema's root. The API refuses the first three there in so many words, and of the others it does not say that it takes
 * them. `unevaluatedProperties` goes with them: it would rule out all that they have allowed.
 */
const choices = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else"];

/**
 * A server's schema as the API takes it: in draft 2020-12, an object at its root. One that the API refuses fails every request of the agent.
 * What is left out makes a schema say less, and never something else: the server checks the input all the same. Where that can't be, the
 * schema has a problem, and its tool is not for this agent.
 */
export function inputSchemaOf({ name, inputSchema }: McpDefinition): TakenSchema {
  const whole = withRootInlined(toCurrentDraft(inputSchema));
  // What the protocol sends to a tool is an object, so that a schema that doesn't say so, or says more, means one.
  const { type = "object" } = whole;
  if (![type].flat().includes("object")) return { problem: "Its input is no object." };
  const hasChoice = choices.some((word) => word in whole);
  const atRoot = hasChoice ? [...choices, "unevaluatedProperties"].filter((word) => word in whole) : [];
  const { schema, leftOut } = followable({ ...without(whole, ...atRoot), type: "object" });
  const problem = problemOf(name, schema, leftOut);
  if (problem !== undefined) return { problem };
  return {
    inputSchema: schema as InputSchema,
    leftOut: [...atRoot.map((word) => `${word} at its root`), ...leftOut],
  };
}

function problemOf(name: string, schema: Schema, leftOut: readonly string[]): string | undefined {
  const refused = inputSchemaProblem(quotedName(name), schema);
  if (refused !== undefined) return refused;
  const odd = oddWord(schema);
  if (odd !== undefined) return `Its schema is none of draft 2020-12: it has ${odd}.`;
  if (hasEndlessNumber(schema)) return "Its schema has a number that is too large to be sent on.";
  if (hasEndlessReference(schema)) return "Its schema refers to itself without end.";
  if (schema.$ref !== undefined)
    return "Its schema is a reference at its root, and says otherwise beside it.";
  const schemas = schemasIn(schema);
  if (leftOut.length > 0 && schemas.some(turnsOnItsParts))
    return `${leftOut[0]} can't be followed, and without it its schema would say something else.`;
  return schemas.some(hasIllegalNamePattern)
    ? "Its schema has a pattern of names that is no regular expression."
    : undefined;
}

/** JSON has numbers that are larger than any here: they would be sent on as `null`. */
function hasEndlessNumber(schema: Schema): boolean {
  let found = false;
  JSON.stringify(schema, (_key, value: unknown) => {
    found ||= typeof value === "number" && !Number.isFinite(value);
    return value;
  });
  return found;
}

function hasIllegalNamePattern({ patternProperties }: Schema): boolean {
  return isObject(patternProperties) && !Object.keys(patternProperties).every(isPattern);
}

/** Where a part that says less makes the whole say more: what is left out below may rule out what was right. */
const turning = ["not", "oneOf", "if", "unevaluatedProperties", "unevaluatedItems", "maxContains"];

function turnsOnItsParts(schema: Schema): boolean {
  return turning.some((keyword) => schema[keyword] !== undefined);
}

/** Puts what the root refers to in its place: a reference there tells the API nothing of an object. */
function withRootInlined(schema: Schema, steps = 0): Schema {
  const { $ref, ...beside } = schema;
  const target = typeof $ref === "string" ? follow($ref, schema) : undefined;
  if (!isObject(target) || target === schema || steps > 10) return schema;
  const isAtOdds = Object.keys(target).some(
    (keyword) =>
      Object.hasOwn(beside, keyword) &&
      !isNote(keyword) &&
      canonical(target[keyword]) !== canonical(beside[keyword]),
  );
  return isAtOdds ? schema : withRootInlined({ ...target, ...beside }, steps + 1);
}
