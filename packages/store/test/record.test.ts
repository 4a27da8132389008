import type { AgentEvent } from "@lockstitch/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c, toHex } from "../src/file/crc32c.js";
import { decodeLine, LineBuffer } from "../src/file/record.js";
import { createScanner, splitLines } from "../src/file/scan.js";

const event = (session: string, seq: number, content: unknown): AgentEvent => ({
  session,
  seq,
  at: 7,
  type: "input",
  messages: [{ role: "user", content: JSON.stringify(content) }],
});

/** Commits of a session, as a file holds them. */
function written(commits: readonly (readonly AgentEvent[])[]): Buffer {
  const lines = new LineBuffer();
  for (const commit of commits) lines.addCommit(commit, {});
  return Buffer.from(lines.bytes());
}

function scan(bytes: Buffer) {
  const scanner = createScanner(0);
  for (const line of splitLines(bytes, 0, true)) scanner.take(line);
  return scanner.finish();
}

const content = fc.oneof(
  fc.json(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme", minLength: 5000, maxLength: 6000 }),
);
const sizes = fc.array(fc.array(content, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
const commitsOf = (contents: readonly (readonly unknown[])[]) => {
  let seq = 0;
  return contents.map((commit) => commit.map((each) => event("s", ++seq, each)));
};

describe("crc32c", () => {
  it("is the Castagnoli checksum, by its known values", () => {
    expect(toHex(crc32c(Buffer.from("123456789")))).toBe("e3069283");
    expect(toHex(crc32c(Buffer.alloc(32)))).toBe("8a9136aa");
    expect(toHex(crc32c(Buffer.alloc(32, 0xff)))).toBe("62a8ab43");
    expect(toHex(crc32c(Buffer.alloc(0)))).toBe("00000000");
  });

  it("is the same for a part of the bytes as for these bytes alone", () => {
    const parts = fc.tuple(fc.uint8Array(), fc.uint8Array(), fc.uint8Array());
    fc.assert(
      fc.property(parts, ([before, bytes, after]) => {
        const all = Buffer.concat([before, bytes, after]);
        expect(crc32c(all, before.length, before.length + bytes.length)).toBe(crc32c(bytes));
      }),
    );
  });
});

describe("a line of the log", () => {
  it("gives back what was written, whatever it was, with its key and its post", () => {
    fc.assert(
      fc.property(content, fc.option(fc.string()), fc.option(fc.string()), (said, key, post) => {
        const lines = new LineBuffer();
        const origin = { key: key ?? undefined, post: post ?? undefined, synced: 42 };
        lines.addCommit([event("s", 1, said)], origin);
        const bytes = lines.bytes();
        expect(decodeLine(bytes.subarray(0, -1))).toEqual({
          kind: "event",
          event: event("s", 1, said),
          following: 0,
          ...origin,
        });
        expect(JSON.parse(bytes.toString())).toMatchObject({ e: event("s", 1, said) });
        expect(bytes.indexOf("\n")).toBe(bytes.length - 1);
      }),
    );
  });

  it("is refused with any single bit of it changed", () => {
    const bytes = written([[event("s", 1, "Hello, ä\u{1F9F5}")]]).subarray(0, -1);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(decodeLine(changed)).toBeUndefined();
    }
    expect(decodeLine(bytes)).toBeDefined();
  });
});

describe("a scan", () => {
  it("finds every commit where it was written", () => {
    fc.assert(
      fc.property(sizes, (contents) => {
        const commits = commitsOf(contents);
        const bytes = written(commits);
        const { notes, end, damage } = scan(bytes);
        expect(damage).toBeUndefined();
        expect(end).toBe(bytes.length);
        expect(notes.map(({ first, count }) => [first, count])).toEqual(
          commits.map((commit) => [commit[0]?.seq, commit.length]),
        );
        for (const [index, { offset, length }] of notes.entries()) {
          const own = written(commits.slice(index, index + 1));
          expect(bytes.subarray(offset, offset + length).equals(own)).toBe(true);
        }
      }),
    );
  });

  it("keeps, of a file that is cut off anywhere, the commits that are whole", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (contents, cut) => {
        const commits = commitsOf(contents);
        const bytes = written(commits);
        const whole = scan(bytes).notes;
        const size = cut % (bytes.length + 1);
        const { notes, end, damage } = scan(bytes.subarray(0, size));
        const kept = whole.filter(({ offset, length }) => offset + length <= size);
        expect(notes).toEqual(kept);
        expect(end).toBe(kept.reduce((sum, { length }) => sum + length, 0));
        expect(damage === undefined).toBe(end === size);
      }),
    );
  });

  it("sees behind the damage how far the log was on disk", () => {
    const lines = new LineBuffer();
    lines.addCommit([event("s", 1, "a")], {});
    const first = lines.length;
    lines.addCommit([event("s", 2, "b")], { synced: first });
    const bytes = Buffer.from(lines.bytes());
    bytes[20] = (bytes[20] as number) ^ 1;
    expect(scan(bytes)).toMatchObject({ notes: [], end: 0, damage: { offset: 0 }, synced: first });
  });
});
