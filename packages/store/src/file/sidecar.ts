import { type Disk, isMissing, readWhole, writeNew } from "./disk.js";
import { draftPath } from "./names.js";
import { decodeMembers, encodeLine, type SegmentHeader } from "./record.js";
import type { SegmentIndex, SessionPart } from "./session-index.js";

/** What stands in the file beside a segment, so that a store can be opened without reading every segment. */
export interface Sidecar {
  readonly header: SegmentHeader;
  /** The highest epoch that writes in the part that is covered. */
  readonly epoch: number;
  /** Up to where the segment is covered. */
  readonly length: number;
  readonly parts: readonly SessionPart[];
}

interface Stored {
  readonly index: Omit<Sidecar, "parts"> & { readonly sessions: readonly StoredPart[] };
}

type StoredPart = Omit<SessionPart, "segment" | "keys" | "posts"> & {
  readonly keys?: readonly string[];
  readonly posts?: readonly string[];
};

/** Writes what is known of a segment. Nothing depends on it: where it is missing, torn or stale, the segment is read instead. */
export async function writeSidecar(
  disk: Disk,
  path: string,
  covered: Omit<Sidecar, "parts">,
  index: SegmentIndex,
): Promise<void> {
  const sessions = [...index.values()].map(({ segment: _, keys, posts, ...part }) => ({
    ...part,
    ...(keys.size === 0 ? {} : { keys: [...keys] }),
    ...(posts.size === 0 ? {} : { posts: [...posts] }),
  }));
  const { header, epoch, length } = covered;
  const stored: Stored = { index: { header, epoch, length, sessions } };
  const draft = draftPath(path);
  await disk.remove(draft);
  await writeNew(disk, draft, encodeLine(JSON.stringify(stored).slice(1)), { sync: false });
  await disk.rename(draft, path);
}

/** The sidecar at this path; nothing where there is none that is whole and about this segment. */
export async function readSidecar(disk: Disk, path: string, number: number): Promise<Sidecar | undefined> {
  const bytes = await readWhole(disk, path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  const found = bytes && (decodeMembers(bytes.subarray(0, -1)) as Partial<Stored> | undefined);
  if (found?.index?.header?.number !== number) return undefined;
  const { header, epoch, length, sessions } = found.index;
  const parts = sessions.map((part) => ({
    ...part,
    agent: part.agent,
    segment: number,
    keys: new Set(part.keys),
    posts: new Set(part.posts),
  }));
  return { header, epoch, length, parts };
}
