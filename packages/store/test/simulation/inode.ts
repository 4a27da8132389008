import type { Random } from "./random.js";

const sector = 64;

interface Written {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A file as the kernel has it and as the platter has it. */
export class Inode {
  /** What every process reads. */
  cached: Buffer = Buffer.alloc(0);
  writtenAt = 0;
  #durable: Buffer = Buffer.alloc(0);
  /** Written since the last sync, in order. */
  #dirty: Written[] = [];
  /** Written before a sync that failed: taken for clean ever after, and perhaps never on the platter. */
  #forgotten: Written[] = [];

  write(bytes: Uint8Array, offset: number, now: number): void {
    const copy = Buffer.from(bytes);
    this.cached = overlaid(this.cached, { offset, bytes: copy });
    this.#dirty.push({ offset, bytes: copy });
    this.writtenAt = now;
  }

  sync(): void {
    for (const written of this.#dirty) this.#durable = overlaid(this.#durable, written);
    this.#dirty = [];
  }

  failSync(): void {
    this.#forgotten.push(...this.#dirty);
    this.#dirty = [];
  }

  /** Of what was not synced, any sectors may be there, in any order, and what is between them may be anything. */
  cutPower(random: Random): void {
    const unsynced = [...this.#forgotten, ...this.#dirty];
    const size = Math.max(
      this.#durable.length,
      ...unsynced.map(({ offset, bytes }) => offset + bytes.length),
    );
    const after = random.chance(0.5)
      ? Buffer.alloc(size)
      : Buffer.from(Array.from({ length: size }, () => random.below(256)));
    this.#durable.copy(after);
    const survival = random.pick([0, 0.1, 0.5, 0.9, 1]);
    let end = this.#durable.length;
    for (const written of unsynced) {
      for (let at = 0; at < written.bytes.length; at += sector) {
        if (!random.chance(survival)) continue;
        const piece = written.bytes.subarray(at, at + 1 + random.below(2 * sector));
        piece.copy(after, written.offset + at);
        end = Math.max(end, written.offset + at + piece.length);
      }
    }
    // The size is synced apart from the bytes.
    this.cached = Buffer.from(after.subarray(0, random.chance(0.2) ? size : end));
    this.#durable = Buffer.from(this.cached);
    this.#dirty = [];
    this.#forgotten = [];
  }
}

function overlaid(bytes: Buffer, { offset, bytes: added }: Written): Buffer {
  const size = Math.max(bytes.length, offset + added.length);
  const result = bytes.length >= size ? bytes : Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
  added.copy(result, offset);
  return result;
}
