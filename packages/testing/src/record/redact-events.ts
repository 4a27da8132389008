import type { StreamEvent, Wait } from "@lockstitch/core";
import { redactData, redactValue } from "./redact.js";

type Emitted = StreamEvent | Wait;

/** A text that came in pieces, and where they stand: `events[index].delta[field]`. */
interface Pieces {
  readonly field: string;
  readonly places: number[];
}

/**
 * Stream events without secrets. The model streams a text in pieces, and a secret that it repeats may be cut in two by them, so
 * the pieces of a text are looked at together.
 */
export function redactEvents(
  events: readonly Emitted[],
  redactor: (text: string) => string,
): readonly Emitted[] {
  const redacted = events.map((event) =>
    event.type === "content_block_delta" ? structuredClone(event) : (redactValue(event, redactor) as Emitted),
  );
  for (const { field, places } of piecesOf(events)) {
    const fields = places.map((place) => deltaOf(redacted[place]));
    const pieces = fields.map((delta) => String(delta[field]));
    const text = pieces.join("");
    const clean = field === "partial_json" ? redactJson(text, redactor) : redactor(text);
    if (clean === text) continue;
    for (const [index, piece] of cutLike(pieces, clean).entries())
      Object.assign(fields[index] ?? {}, { [field]: piece });
  }
  // What is not text in pieces, e.g. a citation.
  return redacted.map((event) =>
    event.type === "content_block_delta"
      ? ({ ...event, delta: redactParts(event.delta, redactor) } as Emitted)
      : event,
  );
}

function piecesOf(events: readonly Emitted[]): Iterable<Pieces> {
  const found = new Map<string, Pieces>();
  for (const [place, event] of events.entries()) {
    if (event.type !== "content_block_delta") continue;
    for (const [field, value] of Object.entries(event.delta)) {
      if (field === "type" || typeof value !== "string") continue;
      const key = `${event.index} ${field}`;
      const pieces = found.get(key) ?? { field, places: [] };
      pieces.places.push(place);
      found.set(key, pieces);
    }
  }
  return found.values();
}

function deltaOf(event: Emitted | undefined): Record<string, unknown> {
  return event?.type === "content_block_delta" ? (event.delta as unknown as Record<string, unknown>) : {};
}

function redactParts(delta: object, redactor: (text: string) => string): object {
  return Object.fromEntries(
    Object.entries(delta).map(([field, value]) => [
      field,
      typeof value === "string" ? value : redactValue(value, redactor),
    ]),
  );
}

/** By its values, as the assembled input is redacted: the two must stay the same. */
function redactJson(text: string, redactor: (text: string) => string): string {
  try {
    const value: unknown = JSON.parse(text);
    const clean = redactData(value, redactor);
    return JSON.stringify(clean) === JSON.stringify(value) ? text : JSON.stringify(clean);
  } catch {
    return redactor(text);
  }
}

/** As many pieces as there were, each as long as it was, and the last one takes the rest. */
function cutLike(pieces: readonly string[], text: string): readonly string[] {
  let start = 0;
  return pieces.map((piece, index) => {
    const end = index === pieces.length - 1 ? text.length : start + piece.length;
    const cut = text.slice(start, end);
    start = end;
    return cut;
  });
}
