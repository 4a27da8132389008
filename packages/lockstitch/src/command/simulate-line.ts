import type { RecordedRequest } from "@lockstitch/testing";

/** A request in one line: what was asked, what came of it, and what was wrong. */
export function lineOf({ method, path, status, body, usage, fault, error }: RecordedRequest): string {
  return (
    [
      `${method} ${path}`,
      status ?? (fault === undefined ? "(the client left)" : "(no answer)"),
      modelOf(body),
      usage === undefined ? undefined : tokensOf(usage),
      fault === undefined ? undefined : `fault: ${fault}`,
      error === undefined ? undefined : `${error.type}: ${error.message}`,
    ]
      .filter((part) => part !== undefined)
      .map((part) => cut(String(part)))
      .join("  ")
      // What a client sent stands in here: it must not move the cursor, or begin a line of its own.
      .replace(/\p{Cc}+/gu, " ")
  );
}

/** As much as a line has room for: a client may send megabytes as the name of a model. */
const longest = 200;

function cut(text: string): string {
  return text.length > longest
    ? `${text.slice(0, longest).toWellFormed()}… (${text.length} characters)`
    : text;
}

function tokensOf(usage: NonNullable<RecordedRequest["usage"]>): string {
  const written = usage.cache_creation_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const cache = [written > 0 ? `${written} to the cache` : "", read > 0 ? `${read} from the cache` : ""];
  return [`${usage.input_tokens} in`, ...cache.filter(Boolean), `${usage.output_tokens} out`].join(", ");
}

function modelOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("model" in body)) return undefined;
  return typeof body.model === "string" ? body.model : undefined;
}
