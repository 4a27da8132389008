/**
 * The Castagnoli checksum (CRC-32C), the one of iSCSI, ext4 and SCTP, eight bytes at a time.
 * Node has a native `zlib.crc32` only from 22 on, and of the other polynomial.
 */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const low = crc ^ word(bytes, at);
    const high = word(bytes, at + 4);
    crc =
      entry(7, low) ^
      entry(6, low >>> 8) ^
      entry(5, low >>> 16) ^
      entry(4, low >>> 24) ^
      entry(3, high) ^
      entry(2, high >>> 8) ^
      entry(1, high >>> 16) ^
      entry(0, high >>> 24);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(0, crc ^ (bytes[at] as number));
  return ~crc >>> 0;
}

/** The checksum as it stands in a line: eight hexadecimal digits. */
export function toHex(crc: number): string {
  return byteHex(crc >>> 24) + byteHex(crc >>> 16) + byteHex(crc >>> 8) + byteHex(crc);
}

/** From a table: `toString(16)` was as slow as the checksum itself. */
const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function byteHex(byte: number): string {
  return hexBytes[byte & 255] as string;
}

const reflectedPolynomial = 0x82f63b78;

/** Eight tables of 256 entries, one after the other; the k-th says what a byte does to the checksum k bytes later. */
const tables = makeTables();

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ reflectedPolynomial : crc >>> 1;
    made[byte] = crc;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] as number;
    made[at] = (before >>> 8) ^ (made[before & 255] as number);
  }
  return made;
}

function entry(table: number, byte: number): number {
  return tables[table * 256 + (byte & 255)] as number;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
