import { beginningOf, byteLengthOf, endOf, type FileData, textOf } from "./file-data.js";
import { isScan, segmentAt } from "./jpeg.js";

/** Whether an image ends before what a model sees of it does: half a download, or no more than a beginning. */
export function isCutOff(image: FileData, type: string): boolean {
  switch (type) {
    case "image/png":
      // Behind its last chunk anything may stand, so where it isn't at the end it is looked for everywhere.
      return !endOf(image, 3_072).includes("IEND") && !textOf(image).includes("IEND");
    case "image/jpeg":
      return !hasJpegEnd(textOf(image));
    case "image/gif":
      return !hasGifPicture(textOf(image));
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

/**
 * Whether its first picture is there to its end: a model sees no other of an animation. Readers do without the mark behind the last one, and
 * so do files.
 */
function hasGifPicture(text: string): boolean {
  let at = 13 + lengthOfColours(text, 10);
  while (text[at] === "\0" || text[at] === "!") at = text[at] === "!" ? afterPieces(text, at + 2) : at + 1;
  return text[at] === "," && afterPieces(text, at + 11 + lengthOfColours(text, at + 9)) <= text.length;
}

/** Of the table of colours that stands behind a header, as the flags in it say. In bytes. */
function lengthOfColours(text: string, at: number): number {
  const flags = text.charCodeAt(at);
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Data stands in pieces that say how long they are, up to one of no length; beyond the end of a file where that is missing. */
function afterPieces(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) > 0) at += 1 + text.charCodeAt(at);
  return at + 1;
}

/** A file of this format says how long it is. In bytes. */
function lengthInWebp(beginning: string): number {
  const byte = (at: number) => beginning.charCodeAt(at);
  return 8 + byte(4) + byte(5) * 0x100 + byte(6) * 0x10000 + byte(7) * 0x1000000;
}
