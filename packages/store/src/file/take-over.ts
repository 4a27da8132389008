import { StoreError } from "@lockstitch/core";
import { codeOf, withFile } from "./disk.js";
import { type Claim, raiseClaim } from "./lock.js";
import { identifyLog, settleLog } from "./log-identity.js";
import { lookForNews, type News, type Tail } from "./look.js";
import type { Machine } from "./machine.js";
import { decodeLine, encodeWriter, LineBuffer } from "./record.js";
import { applyNews } from "./refresh.js";
import { linesOf } from "./scan.js";
import { beginSegment } from "./segment-file.js";
import type { Start } from "./segment-writer.js";
import type { Settings } from "./settings.js";
import { readNote } from "./sync-note.js";
import { lastSegment, type Segment, type View } from "./view.js";

/**
 * Makes the log ready for a new owner, and names it there. A segment that its owner let go of in good order is gone on with.
 * Any other is left as it is, for its owner may only be asleep: a new one begins, says where the old one ends, and holds once
 * more what there was not known to be on disk. It is written anew because a sync that failed for the old owner would not fail
 * again for this one, and would still have lost it.
 */
export async function takeOver(
  machine: Machine,
  directory: string,
  view: View,
  claim: Claim,
  settings: Settings,
): Promise<Start> {
  for (;;) {
    await settleLog(machine.disk, directory, view);
    const note = await readNote(machine.disk, claim.path);
    const news = await lookForNews(machine.disk, directory, view, note);
    applyNews(view, news);
    if (view.epoch >= claim.epoch)
      await raiseClaim(machine, directory, claim, settings.leaseMs, view.epoch + 1);
    const { tail } = news;
    if (tail !== undefined && isInGoodOrder(claim, news, tail, settings))
      return goOn(machine, view, claim, tail);
    try {
      return await beginAnew(machine, directory, view, claim, news, settings);
    } catch (error) {
      // The owner before was not as dead as it looked, and has just begun this segment: look again, and end that one too.
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

function isInGoodOrder(
  { before }: Claim,
  { highest }: News,
  tail: Tail,
  { segmentBytes }: Settings,
): boolean {
  const isWhole = tail.scanned.damage === undefined && tail.number === highest;
  return before.holder.type === "released" && isWhole && tail.size < segmentBytes;
}

async function goOn({ disk, now }: Machine, view: View, claim: Claim, tail: Tail): Promise<Start> {
  const segment = lastSegment(view) as Segment;
  const line = encodeWriter({ epoch: claim.epoch, at: now() });
  const file = await disk.open(tail.path, "write");
  try {
    await file.write(line, tail.size);
    await file.sync();
  } catch (error) {
    await file.close();
    throw error;
  }
  const position = tail.size + line.length;
  segment.read = position;
  segment.synced = position;
  view.epoch = claim.epoch;
  return { segment, file, position };
}

async function beginAnew(
  machine: Machine,
  directory: string,
  view: View,
  claim: Claim,
  { tail, highest }: News,
  settings: Settings,
): Promise<Start> {
  const { disk } = machine;
  const carried = new LineBuffer();
  // A first line that is not known to be on disk may be gone after a power cut: what it says of the segments before is said again
  // here. Once it is, nothing need be repeated: whoever looks at the log reads every first line.
  const isSaid = tail !== undefined && tail.synced > 0;
  const ends: { [segment: string]: number } = isSaid ? {} : { ...lastSegment(view)?.header?.ends };
  if (tail !== undefined) {
    ends[tail.number] = tail.synced;
    await carry(machine, tail, carried);
  }
  for (let number = (tail?.number ?? 0) + 1; number <= highest; number++) ends[number] = 0;
  const header = { format: 1, number: highest + 1, epoch: claim.epoch, at: machine.now(), ends } as const;
  const { file, length } = await beginSegment(disk, directory, header, carried.bytes());
  try {
    reportRepair(tail, settings);
    applyNews(view, await lookForNews(disk, directory, view, undefined));
    view.log ??= await identifyLog(disk, directory);
    const segment = view.segments[header.number - 1];
    if (segment === undefined || segment.end !== undefined || segment.read !== length)
      throw new StoreError(`${directory} was taken over by another process while it was opened. Try again.`);
    segment.synced = length;
    return { segment, file, position: length };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The commits at the end of a segment that may not be on disk, as lines for the next one. */
async function carry({ disk }: Machine, { path, synced, scanned }: Tail, carried: LineBuffer): Promise<void> {
  await withFile(disk, path, "read", async (file) => {
    for await (const lines of linesOf(file, synced, scanned.end)) {
      for (const { bytes } of lines) {
        const line = decodeLine(bytes);
        // Offsets of the old file mean nothing in the new one.
        if (line?.kind === "event") carried.addEvent({ ...line, synced: undefined });
      }
    }
  });
}

function reportRepair(tail: Tail | undefined, { onRepair }: Settings): void {
  const bytes = tail === undefined ? 0 : tail.size - tail.scanned.end;
  if (tail === undefined || bytes === 0) return;
  onRepair({ file: tail.path, offset: tail.scanned.end, bytes, reason: tail.scanned.damage?.reason ?? "" });
}
