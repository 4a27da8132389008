import { type Disk, isMissing, withFile } from "./disk.js";
import { segmentPath } from "./names.js";
import { decodeLine, newline } from "./record.js";
import { forgetFrom, type LogIdentity, type View } from "./view.js";

/**
 * Forgets everything where the directory was deleted, or holds another log than the view is of. A view that is applied to other
 * files would call them damaged.
 */
export async function settleLog(disk: Disk, directory: string, view: View): Promise<void> {
  if (view.log !== undefined && !(await isReplaced(disk, directory, view.log))) return;
  forgetFrom(view, 1);
  view.epoch = 0;
  view.log = await identifyLog(disk, directory);
}

/** Whether another log, or none, is where this one was. */
export async function isReplaced(
  disk: Disk,
  directory: string,
  log: LogIdentity | undefined,
): Promise<boolean> {
  return log !== undefined && (await identityOf(disk, segmentPath(directory, log.number))) !== log.id;
}

/** Nothing where no log has begun. */
export async function identifyLog(disk: Disk, directory: string): Promise<LogIdentity | undefined> {
  for (let number = 1; ; number++) {
    const path = segmentPath(directory, number);
    if (!disk.exists(path)) return undefined;
    const id = await identityOf(disk, path);
    if (id !== undefined) return { number, id };
  }
}

/** Longer than the first line of any file that is the first to begin. */
const mostOfLine = 1024;

/** The file's number may be given again at once, and a copy has the same first line: the two together tell. */
async function identityOf(disk: Disk, path: string): Promise<string | undefined> {
  const file = disk.identity(path);
  if (file === undefined) return undefined;
  try {
    const bytes = await withFile(disk, path, "read", (opened) => opened.read(0, mostOfLine));
    const line = bytes.subarray(0, Math.max(bytes.indexOf(newline), 0));
    return decodeLine(line)?.kind === "segment" ? `${file.id} ${line.toString("latin1")}` : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
