import type { Disk, DiskFile } from "./disk.js";
import type { Lease } from "./lease.js";
import { sidecarPath } from "./names.js";
import { beginSegment } from "./segment-file.js";
import { writeSidecar } from "./sidecar.js";
import type { Segment, View } from "./view.js";

export interface SegmentWriterParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly view: View;
  readonly lease: Lease;
  readonly segmentBytes: number;
  readonly now: () => number;
  /** Throws where somebody else has taken over. */
  readonly checkHeld: () => void;
}

/** A log that is ready to be written to: the next line goes to `position`, and all before it is on disk. */
export interface Start {
  readonly segment: Segment;
  readonly file: DiskFile;
  readonly position: number;
}

/** The file that is written to: how far it is written, how far it is on disk, and what follows when it is full. */
export class SegmentWriter {
  readonly #parts: SegmentWriterParts;
  #segment: Segment;
  #file: DiskFile;
  #position: number;
  #synced: number;
  /** How much of `#synced` the file itself says. */
  #marked: number;

  constructor(parts: SegmentWriterParts, { segment, file, position }: Start) {
    this.#parts = parts;
    this.#segment = segment;
    this.#file = file;
    this.#position = position;
    this.#synced = position;
    this.#marked = position;
  }

  get segment(): Segment {
    return this.#segment;
  }

  /** Where the next line goes. */
  get position(): number {
    return this.#position;
  }

  /** Everything before it survives a power cut. */
  get synced(): number {
    return this.#synced;
  }

  /** What the next line should say to be on disk; nothing where a line before it has said so. */
  get mark(): number | undefined {
    return this.#synced > this.#marked ? this.#synced : undefined;
  }

  get isFull(): boolean {
    return this.#position >= this.#parts.segmentBytes;
  }

  /** Writes lines at the end. They count only once they are accepted. */
  async write(bytes: Buffer, mark: number | undefined): Promise<void> {
    await this.#file.write(bytes, this.#position);
    this.#marked = mark ?? this.#marked;
  }

  accept(length: number): void {
    this.#position += length;
    this.#segment.read = this.#position;
  }

  /** Everything that was accepted before the call is on disk, and this process was still the owner. */
  async sync(): Promise<void> {
    const target = this.#position;
    await this.#file.sync();
    this.#parts.checkHeld();
    this.#synced = target;
    this.#segment.synced = target;
    this.#parts.lease.note({ segment: this.#segment.number, offset: target });
  }

  /** Ends the file, and begins the next. Nothing else may be under way. */
  async rotate(): Promise<void> {
    const { disk, directory, view, lease, now, checkHeld } = this.#parts;
    // What the next file says of this one's length must be true after a power cut as well.
    if (this.#synced < this.#position) await this.sync();
    const before = this.#segment;
    const number = before.number + 1;
    const ends = { [before.number]: this.#position };
    const header = { format: 1, number, epoch: lease.epoch, at: now(), ends } as const;
    const { file, path, length } = await beginSegment(disk, directory, header, Buffer.alloc(0));
    const old = this.#file;
    this.#file = file;
    await old.close();
    checkHeld();
    before.end = this.#position;
    await this.#writeSidecar();
    this.#segment = { number, path, header, index: new Map(), read: length, synced: length, end: undefined };
    view.segments.push(this.#segment);
    this.#position = this.#synced = this.#marked = length;
    lease.note({ segment: number, offset: length });
  }

  /** Leaves everything on disk and in order, for the next owner to go on with. */
  async finish(): Promise<void> {
    if (this.#synced < this.#position) await this.sync();
    await this.#writeSidecar();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Only a help: without it the file is read when the store is opened. */
  async #writeSidecar(): Promise<void> {
    const { disk, directory, lease } = this.#parts;
    const { number, header, index } = this.#segment;
    if (header === undefined) return;
    const covered = { header, epoch: lease.epoch, length: this.#position };
    await writeSidecar(disk, sidecarPath(directory, number), covered, index).catch(() => {});
  }
}
