import type { InputSchema } from "@lockstitch/core";
import type { McpDefinition } from "./definition.js";

/** A schema as the API takes it, or why it can't; and what had to be left out of it. */
export type TakenSchema =
  | { readonly inputSchema: InputSchema; readonly leftOut: readonly string[] }
  | { readonly problem: string };

/** What the API refuses at a schema's root. The server checks the input all the same. */
const refusedAtRoot = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else"];

/** The API refuses a whole request for one other key; source: its own answer to such a request. */
const legalKey = /^[a-zA-Z0-9_.-]{1,64}$/;

/** A server's schema, taken through but for what would make the API refuse every request of the agent. */
export function inputSchemaOf({ inputSchema }: McpDefinition): TakenSchema {
  const { $schema: _, ...schema } = inputSchema;
  if (schema.type !== "object") return { problem: "its input is no object" };
  const illegal = Object.keys((schema.properties as object | undefined) ?? {}).find(
    (key) => !legalKey.test(key),
  );
  if (illegal !== undefined)
    return { problem: `the API takes no property called ${JSON.stringify(illegal.slice(0, 80))}` };
  const leftOut = refusedAtRoot.filter((word) => word in schema);
  const kept = Object.fromEntries(Object.entries(schema).filter(([word]) => !leftOut.includes(word)));
  return { inputSchema: kept as InputSchema, leftOut };
}
