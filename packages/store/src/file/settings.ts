/** Bytes that a crash left behind the last whole commit, and that count for nothing. */
export interface Repair {
  readonly file: string;
  /** Where they begin. */
  readonly offset: number;
  readonly bytes: number;
  /** What is wrong with them, e.g. "its last line breaks off". */
  readonly reason: string;
}

export interface Settings {
  /** A file of the log that has grown beyond this is followed by another. */
  readonly segmentBytes: number;
  /** An owner that gave no sign of life for so long may be taken over from, even if its process exists. */
  readonly leaseMs: number;
  /** How long the directory is held on to after its last session was closed. */
  readonly lingerMs: number;
  readonly onRepair: (repair: Repair) => void;
  /** Stamps events. Milliseconds since 1970. */
  readonly now: () => number;
}

export const defaultSettings: Settings = {
  segmentBytes: 16 * 1024 * 1024,
  leaseMs: 10_000,
  lingerMs: 100,
  onRepair({ file, offset, bytes, reason }) {
    console.warn(
      `Lockstitch: ${file} ends with ${bytes} bytes, from byte ${offset} on, that are no whole commit (${reason}). They are left out: ` +
        `nothing that was acknowledged behind a barrier is among them.`,
    );
  },
  now: () => Date.now(),
};
