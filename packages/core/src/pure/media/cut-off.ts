import { beginningOf, byteLengthOf, endOf, type FileData, textOf } from "./file-data.js";
import { isScan, segmentAt } from "./jpeg.js";

/** Whether an image ends before its own format says that it does: half a download, or no more than a beginning. */
export function isCutOff(image: FileData, type: string): boolean {
  switch (type) {
    case "image/png":
      // Behind its last chunk anything may stand, so where it isn't at the end it is looked for everywhere.
      return !endOf(image, 3_072).includes("IEND") && !textOf(image).includes("IEND");
    case "image/jpeg":
      return !hasJpegEnd(textOf(image));
    case "image/gif":
      return !hasGifPicture(beginningOf(image, 1_200));
    case "image/webp":
      return byteLengthOf(image) < lengthInWebp(beginningOf(image, 12));
    default:
      return false;
  }
}

/** A preview among its first segments has an end of its own, and behind the end a film may follow; within a scan no marker can stand. */
function hasJpegEnd(text: string): boolean {
  const scan = segmentAt((at) => text.charCodeAt(at), text.length, isScan);
  return scan !== undefined && text.includes("\xff\xd9", scan);
}

/** Behind the header, and the table of colours where it has one, comes an extension or a picture. */
function hasGifPicture(beginning: string): boolean {
  const colours = beginning.charCodeAt(10);
  let at = 13 + (colours & 0x80 ? 3 * 2 ** ((colours & 7) + 1) : 0);
  while (beginning[at] === "\0") at += 1;
  return beginning[at] === "!" || beginning[at] === ",";
}

/** A file of this format says how long it is. In bytes. */
function lengthInWebp(beginning: string): number {
  const byte = (at: number) => beginning.charCodeAt(at);
  return 8 + byte(4) + byte(5) * 0x100 + byte(6) * 0x10000 + byte(7) * 0x1000000;
}
