import type { StreamEvent, Wait } from "@lockstitch/core";
import { withoutCredentials } from "./credential-names.js";
import { isCutOffBy } from "./cut-texts.js";
import { mark } from "./redact-mark.js";
import { redactData, redactValue } from "./redact-value.js";
import type { SecretRemover } from "./secrets.js";

type Emitted = StreamEvent | Wait;

/** A text that came in pieces, and where they stand: `events[index].delta[field]`. */
interface Pieces {
  readonly field: string;
  readonly places: number[];
  /** Its block never came to its end, or was the last of a reply that was cut off: a secret may have been cut with it. */
  isCutOff: boolean;
}

/**
 * Stream events without secrets. The model streams a text in pieces, and a secret that it repeats may be cut in two by them, so
 * the pieces of a text are looked at together.
 */
export function redactEvents(events: readonly Emitted[], redactor: SecretRemover): readonly Emitted[] {
  const redacted = events.map((event) =>
    event.type === "content_block_delta" ? structuredClone(event) : (redactValue(event, redactor) as Emitted),
  );
  for (const { field, places, isCutOff } of piecesOf(events)) {
    const fields = places.map((place) => deltaOf(redacted[place]));
    const pieces = fields.map((delta) => String(delta[field]));
    const text = pieces.join("");
    const clean =
      field === "partial_json" ? redactJson(text, redactor, isCutOff) : redactor(text, { isCutOff });
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

function piecesOf(events: readonly Emitted[]): readonly Pieces[] {
  const found: Pieces[] = [];
  const open = new Map<string, Pieces>();
  let last: readonly Pieces[] = [];
  for (const [place, event] of events.entries()) {
    // A stream that is begun anew does not go on with the texts of the one before.
    if (event.type === "message_start") open.clear();
    if (event.type === "content_block_stop") last = closeBlock(open, event.index);
    if (event.type === "message_delta" && isCutOffBy(event.delta.stop_reason))
      for (const pieces of last) pieces.isCutOff = true;
    if (event.type !== "content_block_delta") continue;
    for (const [field, value] of Object.entries(event.delta)) {
      if (field === "type" || typeof value !== "string") continue;
      const key = `${event.index} ${field}`;
      const pieces = open.get(key) ?? { field, places: [], isCutOff: true };
      if (pieces.places.length === 0) found.push(pieces);
      pieces.places.push(place);
      open.set(key, pieces);
    }
  }
  return found;
}

function closeBlock(open: Map<string, Pieces>, index: number): readonly Pieces[] {
  const closed = [...open].filter(([key]) => key.startsWith(`${index} `));
  return closed.map(([key, pieces]) => {
    pieces.isCutOff = false;
    open.delete(key);
    return pieces;
  });
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
function redactJson(text: string, redactor: SecretRemover, isCutOff: boolean): string {
  try {
    const value: unknown = JSON.parse(text);
    const clean = redactData(value, (said) => redactor(said, { isCutOff }), redactor);
    return JSON.stringify(clean) === JSON.stringify(value) ? text : JSON.stringify(clean);
  } catch {
    return redactor(withoutCredentials(text, mark), { isCutOff });
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
