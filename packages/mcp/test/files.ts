import { crc32, deflateSync } from "node:zlib";

/** Small files in base64, each whole. */
const base64 = (bytes: string): string => Buffer.from(bytes, "latin1").toString("base64");

/** A black picture, one pixel high. */
export function pngOf(width: number): string {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    return Buffer.concat([number(data.length), body, number(crc32(body))]);
  };
  const header = Buffer.concat([number(width), number(1), Buffer.from([8, 0, 0, 0, 0])]);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(width + 1))),
    chunk("IEND", Buffer.alloc(0)),
  ]).toString("base64");
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const gifHead = "GIF89a\x01\0\x01\0\0\0\0";
const gifPicture = ",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0";

export const png: string = pngOf(2);
export const gif: string = base64(`${gifHead}${gifPicture};`);
/** More than the API takes: a comment of 8 MB stands before its picture. */
export const heavyGif: string = base64(
  `${gifHead}!\xfe${`\xff${"x".repeat(255)}`.repeat(31_250)}\0${gifPicture};`,
);
/** One grey pixel: a table for its rounding, its size, a code for nothing in each of two tables, and its scan. */
export const jpeg: string = base64(
  [
    `\xff\xd8\xff\xdb\0\x43\0${"\x01".repeat(64)}`,
    "\xff\xc0\0\x0b\b\0\x01\0\x01\x01\x01\x11\0",
    ...["\0", "\x10"].map((table) => `\xff\xc4\0\x14${table}\x01${"\0".repeat(15)}\0`),
    "\xff\xda\0\b\x01\x01\0\0\x3f\0\x3f\xff\xd9",
  ].join(""),
);
export const bmp: string = base64("BM\0\0");
export const pdf: string = base64(
  "%PDF-1.7\n1 0 obj\n<< /Type /Pages /Count 1 /Kids [] >>\nendobj\ntrailer\n<< >>\nstartxref\n0\n%%EOF\n",
);
