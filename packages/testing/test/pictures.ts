/** The beginning of a picture of this size, in pixels: as much of it as a reader needs to tell what it is. */
export function pictureBytes(mediaType: string, width: number, height: number): Buffer {
  switch (mediaType) {
    case "image/png":
      return Buffer.concat([
        Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"),
        number(width, 4),
        number(height, 4),
      ]);
    case "image/jpeg": {
      const segment = Buffer.from(`ffe00010${"00".repeat(14)}`, "hex");
      const frame = [Buffer.from("ffc0001108", "hex"), number(height, 2), number(width, 2)];
      return Buffer.concat([Buffer.from("ffd8", "hex"), segment, ...frame]);
    }
    case "image/gif":
      return Buffer.concat([
        Buffer.from("GIF89a", "latin1"),
        number(width, 2).reverse(),
        number(height, 2).reverse(),
      ]);
    case "image/webp":
      return Buffer.concat([
        Buffer.from("RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0", "latin1"),
        number(width - 1, 3).reverse(),
        number(height - 1, 3).reverse(),
      ]);
    default:
      throw new Error(`no picture of type ${mediaType}`);
  }
}

/** WebP's other two kinds: lossy and lossless. */
export function webpBytes(kind: "VP8 " | "VP8L", width: number, height: number): Buffer {
  const head = Buffer.from(`RIFF\0\0\0\0WEBP${kind}\0\0\0\0`, "latin1");
  const body = Buffer.alloc(14);
  if (kind === "VP8 ") {
    body.writeUInt16LE(width, 6);
    body.writeUInt16LE(height, 8);
  } else {
    body.writeUInt8(0x2f, 0);
    body.writeUInt32LE(((height - 1) << 14) | (width - 1), 1);
  }
  return Buffer.concat([head, body]);
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
