import type { ResultBlock } from "../tool.js";

/** 10 MB in base64, of which three bytes make four. Source: the API's vision documentation. */
const longestImage = 7_500_000;
/** A request takes 32 MB; this leaves room for all else. */
const longestDocument = 18_000_000;

/** Bytes as something a model can read: an image or a PDF by their first bytes, else text if they are UTF-8, else their size. */
export function binaryContent(bytes: Uint8Array): string | ResultBlock[] {
  if (bytes.length === 0) return "(the tool returned no bytes)";
  const image = imageType(bytes);
  if (image !== undefined && bytes.length > longestImage)
    return `(an image of ${bytes.length} bytes, too large to be shown: the API takes 10 MB in base64)`;
  if (image !== undefined)
    return [{ type: "image", source: { type: "base64", media_type: image, data: toBase64(bytes) } }];
  if (startsWith(bytes, "%PDF-") && bytes.length > longestDocument)
    return `(a PDF of ${bytes.length} bytes, too large to be shown)`;
  if (startsWith(bytes, "%PDF-")) {
    return [
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: toBase64(bytes) } },
    ];
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return `(${bytes.length} bytes of binary data that can't be shown)`;
  }
}

function imageType(bytes: Uint8Array): "image/png" | "image/jpeg" | "image/gif" | "image/webp" | undefined {
  if (startsWith(bytes, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (startsWith(bytes, "\xff\xd8\xff")) return "image/jpeg";
  if (startsWith(bytes, "GIF87a") || startsWith(bytes, "GIF89a")) return "image/gif";
  if (startsWith(bytes, "RIFF") && startsWith(bytes.subarray(8), "WEBP")) return "image/webp";
  return undefined;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return (
    bytes.length >= text.length &&
    [...text].every((character, index) => bytes[index] === character.charCodeAt(0))
  );
}

/** In pieces: a single call with all bytes as arguments overflows the stack. */
function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += 32_768) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 32_768)));
  }
  return btoa(pieces.join(""));
}
