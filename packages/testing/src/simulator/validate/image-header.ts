import { frameAt } from "./jpeg-segments.js";

/** What the first bytes of a picture tell of it. Sizes in pixels; none where the header is cut off or odd. */
export interface ImageHeader {
  readonly mediaType: string;
  readonly size?: { readonly width: number; readonly height: number };
}

type Size = ImageHeader["size"];

interface Format {
  readonly mediaType: string;
  readonly matches: (bytes: Buffer) => boolean;
  /** Throws a `RangeError` where it would have to read past the end. */
  readonly size: (bytes: Buffer) => Size;
}

/** The formats that the API reads. */
const formats: readonly Format[] = [
  {
    mediaType: "image/png",
    matches: (bytes) => latin(bytes, 0, 8) === "\x89PNG\r\n\x1a\n",
    size: (bytes) =>
      latin(bytes, 12, 16) === "IHDR"
        ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
        : undefined,
  },
  {
    mediaType: "image/jpeg",
    matches: (bytes) => bytes.subarray(0, 3).toString("hex") === "ffd8ff",
    size: sizeOfJpeg,
  },
  {
    mediaType: "image/gif",
    matches: (bytes) => /^GIF8[79]a/.test(latin(bytes, 0, 6)),
    size: (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  },
  {
    mediaType: "image/webp",
    matches: (bytes) => /^RIFF.{4}WEBP/s.test(latin(bytes, 0, 12)),
    size: sizeOfWebp,
  },
];

/** Nothing if it is no picture that the API knows. */
export function readImageHeader(bytes: Buffer): ImageHeader | undefined {
  const format = formats.find(({ matches }) => matches(bytes));
  if (format === undefined) return undefined;
  const size = unlessCut(() => format.size(bytes));
  return { mediaType: format.mediaType, ...(size && { size }) };
}

function unlessCut(read: () => Size): Size {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function sizeOfJpeg(bytes: Buffer): Size {
  const at = frameAt(bytes);
  return at === undefined
    ? undefined
    : { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
}

/** WebP has three kinds of first chunk, each with a header of its own. */
function sizeOfWebp(bytes: Buffer): Size {
  switch (latin(bytes, 12, 16)) {
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

function latin(bytes: Buffer, start: number, end: number): string {
  return bytes.toString("latin1", start, end);
}
