/**
 * Where the first segment of a JPEG with such a marker stands: segments follow each other, with filling between them, and stray bytes that
 * readers skip. `undefined` where none does before the `length` bytes are over.
 */
export function segmentAt(
  byteAt: (at: number) => number,
  length: number,
  isWanted: (marker: number) => boolean,
): number | undefined {
  let at = 2;
  while (at + 3 < length) {
    const marker = byteAt(at + 1);
    if (byteAt(at) !== 0xff || marker === 0xff) at += 1;
    else if (isWanted(marker)) return at;
    else at += 2 + byteAt(at + 2) * 0x100 + byteAt(at + 3);
  }
  return undefined;
}

/** A frame tells an image's size. Some of the markers among its own are of tables. */
export function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** A scan holds its pixels. */
export function isScan(marker: number): boolean {
  return marker === 0xda;
}
