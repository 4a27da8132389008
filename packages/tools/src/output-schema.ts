import { AgentError, type JsonOutputSchema } from "@lockstitch/core";
import { listIssues } from "./invalid-input-error.js";
import { toIssues } from "./issues.js";
import { deepFreeze } from "./json-schema.js";
import { validate } from "./parse.js";
import type { OutputOf, StandardSchema } from "./standard-schema.js";
import { toJsonSchema } from "./to-json-schema.js";

/**
 * An agent's `output` from any schema that `tool()` takes: `run({ output: outputSchema(schema) }, …)`. A schema that says its JSON Schema
 * by itself, as those of zod 4 and arktype do, can be given as it is; one of zod/mini or zod 3 needs this. With it, the model
 * is told of a wrong answer in the words in which it is told of a wrong input.
 *
 * Throws `AgentError`, naming the property and the way out, for a type that no JSON value can be.
 */
export function outputSchema<Schema extends StandardSchema>(
  schema: Schema,
): JsonOutputSchema<OutputOf<Schema>> {
  const about = {
    name: "agent.output",
    whole: "the answer",
    error: (message: string, options?: ErrorOptions) => new AgentError(message, options),
  };
  const { json: jsonSchema } = toJsonSchema(about, schema);
  return Object.freeze({
    jsonSchema: deepFreeze(jsonSchema),
    async parse(answer: unknown) {
      const validated = await validate(schema, answer);
      if (validated.issues !== undefined)
        throw new TypeError(listIssues(toIssues(validated.issues, answer), about.whole));
      return validated.value as OutputOf<Schema>;
    },
  });
}
