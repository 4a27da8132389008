import type { Schema } from "../json-schema/schema.js";
import { sampleOfFormat } from "./formats.js";
import { textsLike } from "./pattern-text.js";
import type { Question } from "./question.js";
import { beginning } from "./words.js";

const mostCharacters = 1_000;

/** Something valid for a text that must be there although nobody said what: an example, a plain sample, or the question. */
export function inventString(
  schema: Schema,
  question: Question,
  accepts: (text: string) => boolean,
): string | undefined {
  for (const sample of samplesFor(schema, question)) {
    if (typeof sample === "string" && accepts(sample)) return sample;
  }
  return undefined;
}

function* samplesFor(schema: Schema, { subject, now }: Question): Generator<unknown> {
  const { examples, format, pattern } = schema;
  const least = Math.min(Number(schema.minLength ?? 0), mostCharacters);
  const most = Number(schema.maxLength ?? 100);
  const text = subject === "" ? "example" : subject;
  if (Array.isArray(examples)) yield* examples;
  yield sampleOfFormat(format, now);
  if (typeof pattern === "string") yield* textsLike(pattern, least);
  yield beginning(text, most);
  // In characters, as a schema counts them: half of one is none.
  const characters = [...text, ...".".repeat(least)];
  yield characters.slice(0, Math.min(most, Math.max(least, [...text].length))).join("");
  yield* ["example", "EXAMPLE", "a", "A", "1"];
}
