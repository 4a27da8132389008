/** What a value weighs as JSON, in bytes of UTF-8. What JSON can't say stands in it as nothing, or as null. */
export function jsonBytes(value: unknown): number {
  const text = JSON.stringify(value) ?? "null";
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // Half of a pair makes two of its character's four bytes.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
