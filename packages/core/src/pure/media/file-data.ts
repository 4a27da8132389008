/** A file's bytes, or the same in base64. */
export type FileData = string | Uint8Array;

/** In bytes. */
export function byteLengthOf(data: FileData): number {
  if (typeof data !== "string") return data.length;
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  return Math.floor(data.length / 4) * 3 - padding;
}

/** All of a file, a character a byte. */
export function textOf(data: FileData): string {
  return typeof data === "string" ? fromBase64(data) : characters(data);
}

/** The first bytes, a character each. @param length a multiple of three */
export function beginningOf(data: FileData, length: number): string {
  return typeof data === "string"
    ? fromBase64(data.slice(0, (length / 3) * 4))
    : characters(data.subarray(0, length));
}

/** The last bytes, a character each. @param length a multiple of three */
export function endOf(data: FileData, length: number): string {
  return typeof data === "string"
    ? fromBase64(data.slice((length / 3) * -4))
    : characters(data.subarray(-length));
}

/** Bytes from base64, a character each; none where it is no base64. */
export function fromBase64(data: string): string {
  try {
    return atob(data);
  } catch {
    return "";
  }
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(characters(bytes));
}

/** In pieces: a single call with all bytes as arguments overflows the stack. By `apply`, which takes a tenth of the time of a spread. */
function characters(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += 8_192) {
    const piece = bytes.subarray(start, start + 8_192);
    pieces.push(String.fromCharCode.apply(undefined, piece as unknown as number[]));
  }
  return pieces.join("");
}

/** What it holds, and how much, is looked at once it is known to be a file. */
export function isBase64(value: unknown): value is string {
  return typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
}

/** "Only HTTPS URLs are supported": what the API answers to any other. */
export function isWebAddress(value: unknown): value is string {
  return typeof value === "string" && URL.canParse(value) && new URL(value).protocol === "https:";
}
