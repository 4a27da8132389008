import { type InputSchema, ToolDefinitionError } from "@lockstitch/core";
import { type JsonInput, type StandardSchema, tool } from "@lockstitch/tools";
import { Ajv2020 } from "ajv/dist/2020.js";

/** The `input_schema` that a tool with this input would have. */
export function inputSchemaOf(input: StandardSchema | JsonInput, strict?: boolean): InputSchema {
  const made = tool({
    name: "probe",
    description: "A probe.",
    // Whichever it is: which types go with it is for the type tests.
    input: input as StandardSchema,
    ...(strict === undefined ? {} : { strict }),
    run: () => "",
  });
  if (made.inputSchema === undefined) throw new Error("The tool has no inputSchema.");
  return made.inputSchema;
}

/** What a schema without definitions says of its property `value`. */
export function valueSchemaOf(input: StandardSchema | JsonInput): unknown {
  const { properties } = inputSchemaOf(input) as { properties?: Record<string, unknown> };
  return properties?.value;
}

/** The message of the refusal; fails where the tool is not refused. */
export function refusalOf(define: () => unknown): string {
  try {
    define();
  } catch (error) {
    if (error instanceof ToolDefinitionError) return error.message;
    throw error;
  }
  throw new Error("The tool was not refused.");
}

const ajv = new Ajv2020({
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  validateFormats: false,
});

/** Compiles a schema in the dialect that the API takes; throws where it is not valid, or a `$ref` leads nowhere. */
export function compile(schema: object): (value: unknown) => boolean {
  const validate = ajv.compile(schema);
  return (value) => validate(value) === true;
}

/** The words in which a tool refuses an input; fails where it takes it. */
export async function wordsOf(input: StandardSchema | JsonInput, value: unknown): Promise<string> {
  const made = tool({
    name: "get_weather",
    description: "A probe.",
    input: input as StandardSchema,
    run: () => "",
  });
  try {
    await made.parse(value);
  } catch (error) {
    return (error as Error).message.replace(
      /^Invalid input for get_weather: (.*)\. Fix th(is|ese) and call the tool again\.$/s,
      "$1",
    );
  }
  throw new Error("The input was taken.");
}
