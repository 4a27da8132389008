/** Where the segment of a JPEG begins that tells its size. */
export function frameAt(bytes: Buffer): number | undefined {
  return segmentAt(
    bytes,
    (marker) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker),
  );
}

/** Where its first scan begins, in which its pixels are. */
export function scanAt(bytes: Buffer): number | undefined {
  return segmentAt(bytes, (marker) => marker === 0xda);
}

/** Goes from segment to segment. Any number of bytes may stand between two, to fill up room. */
function segmentAt(bytes: Buffer, isWanted: (marker: number) => boolean): number | undefined {
  let offset = 2;
  while (offset + 4 <= bytes.length) {
    const marker = bytes[offset + 1] ?? 0;
    if (bytes[offset] !== 0xff || marker === 0xff) offset += 1;
    else if (isWanted(marker)) return offset;
    else offset += 2 + bytes.readUInt16BE(offset + 2);
  }
  return undefined;
}
