import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nodeDisk } from "../src/file/node-disk.js";
import { beginSegment } from "../src/file/segment-file.js";
import { Writer } from "../src/file/writer.js";
import { begun } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

describe("a writer that something of ours fails in", () => {
  it("leaves nobody waiting, though the bytes are written already", async () => {
    const directory = temporaryDirectory();
    mkdirSync(directory);
    const header = { format: 1, number: 1, epoch: 1, at: 7, ends: {} } as const;
    const { file, path, length } = await beginSegment(nodeDisk, directory, header, Buffer.alloc(0));
    const segment = {
      number: 1,
      path,
      header,
      index: new Map(),
      read: length,
      synced: length,
      end: undefined,
    };
    let ended = 0;
    const parts = {
      disk: nodeDisk,
      directory,
      view: { segments: [segment], sessions: new Map(), epoch: 1, log: undefined },
      lease: { epoch: 1, isHeld: () => true, isRemoved: () => false, note() {}, async end() {} },
      segmentBytes: 1_000_000,
      soon: setImmediate,
      now: () => 7,
      onChange: () => {
        throw new Error("a listener failed");
      },
      onEnd: () => {
        ended += 1;
      },
    };
    const writer = new Writer(parts, { segment, file, position: length });
    const commits = ["s", "t"].map((session) => writer.commit({ session, bodies: [begun], barrier: true }));
    for (const settled of await Promise.allSettled(commits))
      expect(settled).toMatchObject({
        reason: { name: "StoreError", message: expect.stringContaining("a listener failed") },
      });
    await writer.closed;
    expect(ended).toBe(1);
  });
});
