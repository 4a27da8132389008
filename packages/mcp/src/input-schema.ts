import type { InputSchema } from "@lockstitch/core";
import { canonical, type McpDefinition } from "./definition.js";
import { isNote, toCurrentDraft } from "./dialect.js";
import { isSchema, type Schema, someSchema, without } from "./json-schema.js";
import { oddPlace } from "./meta-schema.js";
import { follow, followable, hasEndlessReference, isPattern } from "./references.js";

/** A schema as the API takes it, or why it can't; and what had to be left out of it. */
export type TakenSchema =
  | { readonly inputSchema: InputSchema; readonly leftOut: readonly string[] }
  | { readonly problem: string };

/** What the API refuses at a schema's root. `unevaluatedProperties` goes with it: it would rule out all that these have allowed. */
const refusedAtRoot = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else"];

/** The API refuses a whole request for one other key; source: its own answer to such a request. */
const legalKey = /^[a-zA-Z0-9_.-]{1,64}$/;

/**
 * A server's schema as the API takes it: in draft 2020-12, an object at its root. One that the API refuses fails every request of the agent.
 * What is left out makes a schema say less, and never something else: the server checks the input all the same. Where that can't be, the
 * schema has a problem, and its tool is not for this agent.
 */
export function inputSchemaOf({ inputSchema }: McpDefinition): TakenSchema {
  const whole = withRootInlined(toCurrentDraft(inputSchema));
  // What the protocol sends to a tool is an object, so that a schema that doesn't say so, or says more, means one.
  const { type = "object" } = whole;
  if (![type].flat().includes("object")) return { problem: "its input is no object" };
  const refused = refusedAtRoot.some((word) => word in whole);
  const atRoot = refused ? [...refusedAtRoot, "unevaluatedProperties"].filter((word) => word in whole) : [];
  const { schema, leftOut } = followable({ ...without(whole, ...atRoot), type: "object" });
  const problem = problemOf(schema, leftOut);
  if (problem !== undefined) return { problem };
  return {
    inputSchema: schema as InputSchema,
    leftOut: [...atRoot.map((word) => `${word} at its root`), ...leftOut],
  };
}

function problemOf(schema: Schema, leftOut: readonly string[]): string | undefined {
  const odd = oddPlace(schema);
  if (odd !== undefined) return `its schema is none of draft 2020-12: ${odd}`;
  if (hasEndlessReference(schema)) return "its schema refers to itself without end";
  if (schema.$ref !== undefined) return "its schema is a reference at its root, and says otherwise beside it";
  if (leftOut.length > 0 && someSchema(schema, turnsOnItsParts))
    return `${leftOut[0]} can't be followed, and without it its schema would say something else`;
  const illegalPattern = (part: Schema) =>
    namesIn(part.patternProperties).some((pattern) => !isPattern(pattern));
  if (someSchema(schema, illegalPattern)) return "its schema has a pattern that is no regular expression";
  const illegal = namesIn(schema.properties).find((key) => !legalKey.test(key));
  return illegal === undefined
    ? undefined
    : `the API takes no property called ${JSON.stringify(illegal.slice(0, 80))}`;
}

/** Where a part that says less makes the whole say more: what is left out below may rule out what was right. */
const turning = ["not", "oneOf", "if", "unevaluatedProperties", "unevaluatedItems", "maxContains"];

function turnsOnItsParts(schema: Schema): boolean {
  return turning.some((keyword) => schema[keyword] !== undefined);
}

function namesIn(named: unknown): readonly string[] {
  return isSchema(named) ? Object.keys(named) : [];
}

/** Puts what the root refers to in its place: a reference there tells the API nothing of an object. */
function withRootInlined(schema: Schema, steps = 0): Schema {
  const { $ref, ...beside } = schema;
  const target = typeof $ref === "string" ? follow($ref, schema) : undefined;
  if (!isSchema(target) || target === schema || steps > 10) return schema;
  const isAtOdds = Object.keys(target).some(
    (keyword) =>
      keyword in beside && !isNote(keyword) && canonical(target[keyword]) !== canonical(beside[keyword]),
  );
  return isAtOdds ? schema : withRootInlined({ ...target, ...beside }, steps + 1);
}
