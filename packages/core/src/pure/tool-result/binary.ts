import type { ResultBlock } from "../../tool-definition.js";
import { mediaOf } from "../media/media.js";

/** Bytes as something a model can read: an image or a PDF by their first bytes, else text if they are UTF-8, else their size. */
export function binaryContent(bytes: Uint8Array): string | ResultBlock[] {
  if (bytes.length === 0) return "(the tool returned no bytes)";
  const media = mediaOf(bytes);
  if (media !== undefined) return "block" in media ? [media.block] : `(not shown: ${media.problem})`;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return `(${bytes.length} bytes of binary data that can't be shown)`;
  }
}
