import type { AgentEvent } from "@lockstitch/core";
import { damaged } from "./corrupt.js";
import { type Disk, withFile } from "./disk.js";
import { segmentPath } from "./names.js";
import { decodeLine } from "./record.js";
import { splitLines } from "./scan.js";
import type { SessionPart } from "./session-index.js";

/** Lines that stand together in a file, to be read at once. */
interface Span {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
  /** The `seq` of the first event. */
  readonly first: number;
  readonly count: number;
}

/** Where the events after `after` stand, as the index has it now. It looks from the end: whoever watches has seen the rest. */
export function spansAfter(parts: readonly SessionPart[], after: number): readonly Span[] {
  const found: Span[] = [];
  for (const { segment, first, count, spans } of parts.toReversed()) {
    let next = first + count;
    for (let at = spans.length - 3; at >= 0 && next - 1 > after; at -= 3) {
      const [offset = 0, length = 0, events = 0] = spans.slice(at, at + 3);
      next -= events;
      found.push({ segment, offset, length, first: next, count: events });
    }
    if (next - 1 <= after) break;
  }
  return found.reverse();
}

/** The events at these places. Rejects with `CorruptLogError` where something else stands there. */
export async function* readSpans(
  disk: Disk,
  directory: string,
  session: string,
  spans: readonly Span[],
  after: number,
): AsyncGenerator<AgentEvent> {
  for (const span of spans) {
    const path = segmentPath(directory, span.segment);
    const bytes = await withFile(disk, path, "read", (file) => file.read(span.offset, span.length));
    yield* eventsIn(bytes, path, session, span, after);
  }
}

function eventsIn(
  bytes: Buffer,
  path: string,
  session: string,
  span: Span,
  after: number,
): readonly AgentEvent[] {
  const lines = splitLines(bytes, span.offset, true);
  if (lines.length !== span.count)
    throw damaged(path, span.offset, `${lines.length} lines stand where ${span.count} stood`);
  const seen = Math.max(0, after + 1 - span.first);
  return lines.slice(seen).map(({ offset, bytes: line, isWhole }, place) => {
    const found = isWhole ? decodeLine(line) : undefined;
    if (found?.kind !== "event") throw damaged(path, offset, "its checksum does not match");
    const seq = span.first + seen + place;
    if (found.event.session === session && found.event.seq === seq) return found.event;
    throw damaged(path, offset, `event ${seq} of session ${session} does not stand where it stood`);
  });
}
