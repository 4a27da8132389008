import { crc32, deflateSync } from "node:zlib";

/** A picture of this size, in pixels: from its header to its end, though of most kinds with nothing to see in it. */
export function pictureBytes(mediaType: string, width: number, height: number): Buffer {
  switch (mediaType) {
    case "image/png":
      return pngBytes(width, height);
    case "image/jpeg":
      return jpegBytes(width, height);
    case "image/gif":
      return gifBytes(width, height);
    case "image/webp":
      return webpBytes("VP8X", width, height);
    default:
      throw new Error(`no picture of type ${mediaType}`);
  }
}

/** Black, a bit for each pixel. */
function pngBytes(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([latin(type), data]);
    return Buffer.concat([number(data.length, 4), body, number(crc32(body), 4)]);
  };
  return Buffer.concat([
    latin("\x89PNG\r\n\x1a\n"),
    chunk("IHDR", Buffer.concat([number(width, 4), number(height, 4), latin("\x01\0\0\0\0")])),
    chunk("IDAT", deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function jpegBytes(width: number, height: number): Buffer {
  const start = Buffer.from(`ffd8ffe00010${"00".repeat(14)}`, "hex");
  const frame = [
    Buffer.from("ffc0000b08", "hex"),
    number(height, 2),
    number(width, 2),
    latin("\x01\x01\x11\0"),
  ];
  const scan = Buffer.from("ffda0008010100003f003fffd9", "hex");
  return Buffer.concat([start, ...frame, scan]);
}

function gifBytes(width: number, height: number): Buffer {
  const size = Buffer.concat([little(width, 2), little(height, 2)]);
  return Buffer.concat([latin("GIF89a"), size, latin("\0\0\0,\0\0\0\0"), size, latin("\0\x02\x02D\x01\0;")]);
}

/** WebP's three kinds: lossy, lossless, and with more than one picture can say. */
export function webpBytes(kind: "VP8 " | "VP8L" | "VP8X", width: number, height: number): Buffer {
  const body = Buffer.concat([latin(`WEBP${kind}`), little(14, 4), webpHeader(kind, width, height)]);
  return Buffer.concat([latin("RIFF"), little(body.length, 4), body]);
}

function webpHeader(kind: "VP8 " | "VP8L" | "VP8X", width: number, height: number): Buffer {
  const header = Buffer.alloc(14);
  switch (kind) {
    case "VP8 ":
      header.writeUInt16LE(width, 6);
      header.writeUInt16LE(height, 8);
      break;
    case "VP8L":
      header.writeUInt8(0x2f, 0);
      header.writeUInt32LE(((height - 1) << 14) | (width - 1), 1);
      break;
    case "VP8X":
      header.writeUIntLE(width - 1, 4, 3);
      header.writeUIntLE(height - 1, 7, 3);
  }
  return header;
}

function latin(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

function little(value: number, bytes: number): Buffer {
  return number(value, bytes).reverse();
}
