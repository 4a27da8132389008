import type { AgentEvent } from "@lockstitch/core";
import { crc32c, toHex } from "./crc32c.js";

/** The first line of every segment. */
export interface SegmentHeader {
  readonly format: 1;
  readonly number: number;
  /** The writer that made the segment. Every writer has a higher one than those before it. */
  readonly epoch: number;
  readonly at: number;
  /** Where earlier segments end, by number: what lies beyond was never acknowledged, or stands again in this one. */
  readonly ends: { readonly [segment: string]: number };
}

/** A line of a segment, by what it says. */
export type Line =
  | EventLine
  | { readonly kind: "segment"; readonly segment: SegmentHeader }
  /** Another writer goes on in a segment whose last one had let go of it. */
  | { readonly kind: "writer"; readonly epoch: number }
  /** Written by a later version; whole, and of no concern. */
  | { readonly kind: "other" };

export interface EventLine extends Origin {
  readonly kind: "event";
  readonly event: AgentEvent;
  /** How many lines of the same commit follow: a commit is there as a whole or not at all. */
  readonly following: number;
}

/** What the first line of a commit says beside its event. */
export interface Origin {
  /** The key that a post used up. */
  readonly key?: string | undefined;
  /** The id of a post that came through the inbox, so that it is taken in once. */
  readonly post?: string | undefined;
  /** Everything before this offset of the file was on disk when the line was written. Damage there can't be a torn end. */
  readonly synced?: number | undefined;
}

/** `{"c":"00000000",`: the checksum, of everything that follows up to the end of the line. */
const headLength = 16;

/** Lines, gathered into one piece of memory that is used again and again. */
export class LineBuffer {
  #bytes: Buffer = Buffer.allocUnsafe(startCapacity);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a line: a JSON object without its opening brace, which gets a checksum as its first member. */
  add(members: string): void {
    const start = this.#length + headLength;
    this.#reserve(start + mostBytes(members) + 1);
    const end = start + this.#bytes.write(members, start, "utf8");
    const head = `{"c":"${toHex(crc32c(this.#bytes, start, end))}",`;
    this.#bytes.write(head, this.#length, "latin1");
    this.#bytes[end] = newline;
    this.#length = end + 1;
  }

  /** Adds a commit, a line an event. */
  addCommit(events: readonly AgentEvent[], origin: Origin): void {
    for (const [index, event] of events.entries())
      this.addEvent({ event, following: events.length - 1 - index, ...(index === 0 ? origin : {}) });
  }

  addEvent({ event, following, key, post, synced }: Omit<EventLine, "kind">): void {
    let members = following === 0 ? "" : `"n":${following},`;
    if (synced !== undefined) members += `"s":${synced},`;
    if (key !== undefined) members += `"k":${JSON.stringify(key)},`;
    if (post !== undefined) members += `"p":${JSON.stringify(post)},`;
    this.add(`${members}"e":${JSON.stringify(event)}}`);
  }

  /** Takes back what was added since it had this length. */
  cut(length: number): void {
    this.#length = length;
  }

  /** The bytes so far, valid until something is added. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    // One huge event must not be paid for for ever after.
    if (this.#bytes.length > mostKept) this.#bytes = Buffer.allocUnsafe(startCapacity);
  }

  #reserve(capacity: number): void {
    if (capacity <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(capacity, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

const startCapacity = 65_536;
const mostKept = 4 * 1024 * 1024;
export const newline = 10;

/** Counting is worth it only where three bytes for each character would waste much. */
function mostBytes(text: string): number {
  return text.length > 16_384 ? Buffer.byteLength(text) : text.length * 3;
}

/** One line of its own, e.g. the first of a segment. */
export function encodeLine(members: string): Buffer {
  const lines = new LineBuffer();
  lines.add(members);
  return Buffer.from(lines.bytes());
}

export function encodeSegmentHeader(segment: SegmentHeader): Buffer {
  return encodeLine(`"segment":${JSON.stringify(segment)}}`);
}

export function encodeWriter(writer: { readonly epoch: number; readonly at: number }): Buffer {
  return encodeLine(`"writer":${JSON.stringify(writer)}}`);
}

/** What stands in a line, its newline left out; nothing where the checksum is not that of the rest. */
export function decodeLine(bytes: Buffer): Line | undefined {
  const found = decodeMembers(bytes);
  if (found === undefined) return undefined;
  const { e: event, n: following = 0, k: key, p: post, s: synced, segment, writer } = found as Members;
  if (event !== undefined) return { kind: "event", event, following, key, post, synced };
  if (segment !== undefined) return { kind: "segment", segment };
  if (writer !== undefined) return { kind: "writer", epoch: writer.epoch };
  return { kind: "other" };
}

interface Members {
  readonly e?: AgentEvent;
  readonly n?: number;
  readonly k?: string;
  readonly p?: string;
  readonly s?: number;
  readonly segment?: SegmentHeader;
  readonly writer?: { readonly epoch: number };
}

/** A line that this package wrote, as the object that it is; nothing where it is not whole. */
export function decodeMembers(bytes: Buffer): object | undefined {
  if (bytes.length <= headLength) return undefined;
  if (bytes.toString("latin1", 0, headLength) !== `{"c":"${toHex(crc32c(bytes, headLength))}",`)
    return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
