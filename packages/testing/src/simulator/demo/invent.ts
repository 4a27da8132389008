import { isoDate } from "./dates.js";
import type { Question } from "./question.js";
import type { Schema } from "./schema.js";
import { beginning } from "./words.js";

const mostCharacters = 1_000;

/** Something valid for a text that must be there although nobody said what: an example, a plain sample, or the question. */
export function inventString(
  schema: Schema,
  { subject, now }: Question,
  accepts: (text: string) => boolean,
): string | undefined {
  const samples: Readonly<Record<string, string>> = {
    date: isoDate(now, 0),
    "date-time": new Date(now).toISOString(),
    time: "12:00:00Z",
    email: "someone@example.com",
    uri: "https://example.com/",
    url: "https://example.com/",
    uuid: "00000000-0000-4000-8000-000000000000",
    ipv4: "127.0.0.1",
  };
  const { examples, format, minLength = 0, maxLength = 100 } = schema as Record<string, unknown>;
  const text = subject === "" ? "example" : subject;
  const tries: unknown[] = [
    ...(Array.isArray(examples) ? examples : []),
    samples[String(format)],
    beginning(text, Number(maxLength)),
    text.padEnd(Math.min(Number(minLength), mostCharacters), "."),
    "example",
    "EXAMPLE",
    "a",
    "A",
    "1",
    "",
  ];
  return tries.find((sample): sample is string => typeof sample === "string" && accepts(sample));
}
