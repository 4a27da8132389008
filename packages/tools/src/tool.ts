import { checkToolName, type Tool, type ToolCall, ToolDefinitionError } from "@lockstitch/core";
import { deriveSchema } from "./input-schema.js";
import { isObject } from "./json-schema.js";
import { emptyParser, parser } from "./parse.js";
import type { AnySchema, JsonInput, NoInput, OutputOf, StandardSchema } from "./standard-schema.js";
import { refuseNone, refuseUnknown } from "./unknown-options.js";

/** What `tool()` makes a tool from, beside its input. */
interface Common<Input> extends Omit<Tool<Input>, "description" | "inputSchema" | "parse" | "run"> {
  /** What it does and when to use it: the model chooses by this text. */
  readonly description: string;
  /** The API guarantees that the input fits the schema, which may then hold no bounds, lengths or recursion. Default false. */
  readonly strict?: boolean;
  /**
   * Does the work. Its input is what the schema gives: defaults and transforms applied.
   * A string, or content blocks (one, or an array of them and of texts), goes to the model as it is; all else as JSON. Promises in an
   * array are awaited.
   * Throw `ToolError` to choose what the model reads about a failure.
   */
  run(input: Input, call: ToolCall): unknown;
}

/** What `tool()` makes a tool from. */
export interface ToolOptions<Schema extends StandardSchema> extends Common<OutputOf<Schema>> {
  /**
   * The schema of its input: an object of zod 4, zod/mini or zod 3.25, of arktype, or of any library that follows Standard JSON Schema.
   * Default: no input.
   */
  readonly input?: Schema;
}

/** The same with a plain JSON Schema. */
export interface JsonToolOptions<Input> extends Common<Input> {
  readonly input: JsonInput<Input>;
}

/**
 * Makes a tool from a schema: a plain, frozen object. `input_schema` is derived here, once.
 *
 * Throws `ToolDefinitionError` for an illegal name, or a schema that the model can't be told of; it names the property
 * and the way out. Warns once on the console about properties with a check (`refine`) that no description tells of;
 * a property that merely has no description is left alone, for a good name often says enough.
 */
export function tool<Input>(options: JsonToolOptions<Input>): Tool<Input>;
export function tool<Schema extends StandardSchema = NoInput>(
  options: ToolOptions<Schema>,
): Tool<OutputOf<Schema>>;
export function tool(options: Common<unknown> & { readonly input?: AnySchema }): Tool {
  refuseNone("tool", options);
  const { input, strict, definition, ...rest } = options;
  const { name } = rest;
  checkToolName(name);
  refuseUnknown("tool", options, known, name);
  if (typeof rest.description !== "string") {
    throw new ToolDefinitionError(
      name,
      `${name} has no description. Say what it does and when to use it: the model chooses by this text.`,
    );
  }
  if (typeof rest.run !== "function") throw new ToolDefinitionError(name, `${name} has no \`run\` function.`);
  if (definition !== undefined && !isObject(definition))
    throw new ToolDefinitionError(
      name,
      `${name} has a definition that is no object. Give the API's fields, e.g. { defer_loading: true }.`,
    );
  refuseApiTool(name, definition?.type);
  checkStrict(name, strict);
  if (definition !== undefined && "strict" in definition) checkStrict(name, definition.strict);
  const isStrict = strict ?? isMarkedStrict(definition);
  const derived = input === undefined ? undefined : deriveSchema(name, input, isStrict);
  warnOfHidden(name, derived?.hidden ?? []);
  const fields = { ...definition, ...(strict === undefined ? {} : { strict }) };
  return Object.freeze({
    ...rest,
    ...(derived === undefined ? {} : { inputSchema: derived.inputSchema }),
    ...(Object.keys(fields).length === 0 ? {} : { definition: Object.freeze(fields) }),
    parse: input === undefined ? emptyParser(name) : parser(name, input),
  });
}

const known = {
  name: true,
  description: true,
  input: true,
  effects: true,
  reads: true,
  acts: true,
  run: true,
  timeoutMs: true,
  alone: true,
  needsApproval: true,
  readsResults: true,
  reconcile: true,
  strict: true,
  definition: true,
} satisfies Record<keyof ToolOptions<StandardSchema>, true>;

/** The text "false" would be sent as it is, and refused or taken for true. */
function checkStrict(name: string, strict: unknown): void {
  if (strict === undefined || typeof strict === "boolean") return;
  throw new ToolDefinitionError(
    name,
    `${name} has strict: ${JSON.stringify(strict)}, which is neither true nor false.`,
  );
}

function isMarkedStrict(definition: Tool["definition"]): boolean {
  return definition !== undefined && "strict" in definition && definition.strict === true;
}

/** A tool that the API defines brings its own schema along; deriving one would be for nothing. */
function refuseApiTool(name: string, type: string | null | undefined): void {
  if (typeof type !== "string" || type === "custom") return;
  throw new ToolDefinitionError(
    name,
    `${name} has the type ${type}, which the API defines, schema and all. Write the tool as a plain object with name, definition, parse and run.`,
  );
}

const warned = new Set<string>();

/** A check that nothing tells the model of costs a failed call each time it guesses wrong. Said once a tool, however often it is made. */
function warnOfHidden(name: string, hidden: readonly string[]): void {
  if (hidden.length === 0 || warned.has(name)) return;
  warned.add(name);
  console.warn(
    `The tool ${name} checks ${hidden.join(", ")} in a way that its JSON Schema can't say. Tell the model with .describe(...).`,
  );
}
