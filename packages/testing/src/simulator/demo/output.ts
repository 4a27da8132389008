import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { Turn } from "./conversation.js";
import { objectsIn } from "./facts.js";
import { fillInput } from "./fill.js";
import type { Question } from "./question.js";
import { asSchema, isRecord, resolve, type Schema } from "./schema.js";

/** The schema that the answer must follow, if the request asks for structured output. */
export function outputSchema({
  output_config,
}: Pick<MessageCreateParams, "output_config">): Schema | undefined {
  const schema = output_config?.format?.schema;
  if (!isRecord(schema)) return undefined;
  const root = asSchema(schema);
  return { ...root, ...resolve(root, root) };
}

/** An answer as JSON that is valid against the schema, out of the results as far as they go; nothing if it can't be done. */
export function composeOutput(schema: Schema, question: Question, turn: Turn): string | undefined {
  const facts = turn.calls
    .filter(({ result }) => result && !result.isError)
    .flatMap(({ result }) => objectsIn(result?.value));
  const filled = fillInput(schema, "", { question, places: question.places, facts }, "assumed");
  return filled.ok ? JSON.stringify(filled.input) : undefined;
}
