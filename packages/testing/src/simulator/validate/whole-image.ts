import { readImageHeader } from "./image-header.js";
import { scanAt } from "./jpeg-segments.js";

/** Whether there is something to see: a size of its own, and pixels behind the header. Damage among the pixels is not looked for. */
export function isWholeImage(bytes: Buffer): boolean {
  const { mediaType, size } = readImageHeader(bytes) ?? {};
  return size !== undefined && size.width > 0 && size.height > 0 && hasPixels(bytes, mediaType);
}

function hasPixels(bytes: Buffer, mediaType: string | undefined): boolean {
  switch (mediaType) {
    case "image/png":
      return bytes.includes("IDAT") && bytes.includes("IEND");
    case "image/jpeg": {
      const scan = scanAt(bytes);
      return scan !== undefined && bytes.includes("\xff\xd9", scan, "latin1");
    }
    case "image/gif":
      return hasGifPicture(bytes);
    case "image/webp":
      // It says how long it is, less what it says that in.
      return bytes.length >= 8 + bytes.readUInt32LE(4);
    default:
      return false;
  }
}

/** Behind the header, and its table of colours where it has one, stand pictures and words about them, with room between. */
function hasGifPicture(bytes: Buffer): boolean {
  const flags = bytes[10] ?? 0;
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (bytes[at] === mark.extension || bytes[at] === 0) {
    at = bytes[at] === 0 ? at + 1 : afterExtension(bytes, at);
  }
  return bytes[at] === mark.picture;
}

const mark = { extension: 0x21, picture: 0x2c };

/** A mark, a label, and pieces that say how long they are, up to one of no length. */
function afterExtension(bytes: Buffer, start: number): number {
  let at = start + 2;
  for (let length = bytes[at]; length; length = bytes[at]) at += length + 1;
  return at + 1;
}
