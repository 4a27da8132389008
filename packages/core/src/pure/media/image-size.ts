import { type FileData, fromBase64 } from "./file-data.js";
import { isFrame, segmentAt } from "./jpeg.js";

/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Enough of a file to have its size in it, but for a photograph with a large preview before it. In characters of base64. */
const headLength = 65_536;

/** The size of an image that is given in base64, from its first bytes; `undefined` for one that lies elsewhere or can't be read. */
export function imageSizeOf(source: unknown): ImageSize | undefined {
  const { type, data } = (source ?? {}) as { readonly type?: unknown; readonly data?: unknown };
  return type === "base64" && typeof data === "string" ? sizeOfImage(data) : undefined;
}

/** The size of an image, given as its bytes or in base64; `undefined` where it can't be read. */
export function sizeOfImage(image: FileData): ImageSize | undefined {
  if (typeof image !== "string") return readSize(image);
  return readSize(headOf(image)) ?? (image.length > headLength ? readSize(decoded(image)) : undefined);
}

/** The first bytes of what is given in base64; none where that is no base64. */
export function headOf(data: string): Uint8Array {
  return decoded(data.slice(0, headLength));
}

function decoded(data: string): Uint8Array {
  const text = fromBase64(data);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** A header that is cut off tells nothing. */
function readSize(bytes: Uint8Array): ImageSize | undefined {
  try {
    return sizeIn(bytes);
  } catch {
    return undefined;
  }
}

function sizeIn(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = (at: number, text: string) =>
    [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
  if (starts(1, "PNG"))
    return starts(12, "IHDR") ? { width: view.getUint32(16), height: view.getUint32(20) } : undefined;
  if (starts(0, "GIF")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (starts(0, "RIFF") && starts(8, "WEBP")) return sizeInWebp(view, starts);
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? sizeInJpeg(view) : undefined;
}

/** Three ways to write one, each with its size in another place. */
function sizeInWebp(view: DataView, starts: (at: number, text: string) => boolean): ImageSize | undefined {
  const threeBytes = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
  if (starts(12, "VP8X")) return { width: 1 + threeBytes(24), height: 1 + threeBytes(27) };
  if (starts(12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  return starts(12, "VP8 ")
    ? { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    : undefined;
}

/** One that is cut off in the middle of its frame throws. */
function sizeInJpeg(view: DataView): ImageSize | undefined {
  const at = segmentAt((place) => view.getUint8(place), view.byteLength, isFrame);
  return at === undefined ? undefined : { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
}
