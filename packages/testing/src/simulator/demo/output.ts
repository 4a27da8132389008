import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { asSchema, isRecord, type Schema } from "../json-schema/schema.js";
import type { Turn } from "./conversation.js";
import { objectsIn } from "./facts.js";
import { fillWhole } from "./fill.js";
import type { Question } from "./question.js";
import { readableRoot } from "./root-schema.js";

/** The schema that the answer must follow, if the request asks for structured output, by its present name or by that of the beta. */
export function outputSchema(
  request: Pick<MessageCreateParams, "output_config"> & { readonly output_format?: unknown },
): Schema | undefined {
  const { schema } = asSchema(request.output_config?.format ?? request.output_format);
  return isRecord(schema) ? readableRoot(schema) : undefined;
}

/** An answer as JSON that is valid against the schema, out of the results as far as they go; nothing if it can't be done. */
export function composeOutput(schema: Schema, question: Question, turn: Turn): string | undefined {
  const facts = turn.calls
    .filter(({ result }) => result && !result.isError)
    .flatMap(({ result }) => objectsIn(result?.value));
  return JSON.stringify(fillWhole(schema, "", { question, places: question.places, facts }));
}
