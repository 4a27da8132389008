/** What the first bytes of a picture tell of it. Sizes in pixels; none where the header is cut off or odd. */
export interface ImageHeader {
  readonly mediaType: string;
  readonly size?: { readonly width: number; readonly height: number };
}

type Size = ImageHeader["size"];

interface Format {
  readonly mediaType: string;
  readonly matches: (bytes: Buffer) => boolean;
  readonly size: (bytes: Buffer) => Size;
}

/** The formats that the API reads. */
const formats: readonly Format[] = [
  {
    mediaType: "image/png",
    matches: (bytes) => bytes.subarray(0, 8).toString("latin1") === "\x89PNG\r\n\x1a\n",
    size: (bytes) =>
      bytes.length < 24 ? undefined : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) },
  },
  {
    mediaType: "image/jpeg",
    matches: (bytes) => bytes.subarray(0, 3).toString("hex") === "ffd8ff",
    size: sizeOfJpeg,
  },
  {
    mediaType: "image/gif",
    matches: (bytes) => /^GIF8[79]a/.test(bytes.subarray(0, 6).toString("latin1")),
    size: (bytes) =>
      bytes.length < 10 ? undefined : { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) },
  },
  {
    mediaType: "image/webp",
    matches: (bytes) => /^RIFF.{4}WEBP/s.test(bytes.subarray(0, 12).toString("latin1")),
    size: sizeOfWebp,
  },
];

/** Nothing if it is no picture that the API knows. */
export function readImageHeader(bytes: Buffer): ImageHeader | undefined {
  const format = formats.find(({ matches }) => matches(bytes));
  if (format === undefined) return undefined;
  const size = format.size(bytes);
  return { mediaType: format.mediaType, ...(size && { size }) };
}

/** Goes from segment to segment until the one that begins a frame. */
function sizeOfJpeg(bytes: Buffer): Size {
  let offset = 2;
  while (offset + 9 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0;
    // Any number of these may stand before a marker, to fill up room.
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: bytes.readUInt16BE(offset + 5), width: bytes.readUInt16BE(offset + 7) };
    offset += 2 + bytes.readUInt16BE(offset + 2);
  }
  return undefined;
}

/** WebP has three kinds of first chunk, each with a header of its own. */
function sizeOfWebp(bytes: Buffer): Size {
  if (bytes.length < 30) return undefined;
  switch (bytes.subarray(12, 16).toString("latin1")) {
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
