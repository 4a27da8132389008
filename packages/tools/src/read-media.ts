import { messageOf } from "@lockstitch/core";
import { MediaError } from "./media-error.js";

/** A file's path (or `file:` URL), its bytes, or an address that the API fetches by itself (`https:`). */
export type MediaSource = string | URL | Uint8Array | ArrayBuffer;

/** What is to be shown to a model. */
export type Found =
  | { readonly url: string }
  /** `name` is what errors call it. */
  | { readonly name: string; readonly bytes: Uint8Array };

/** Reads a file only here, and not before it is known to be no larger than `maxBytes`. Throws `MediaError`. */
export async function readMedia(source: MediaSource, maxBytes: number): Promise<Found> {
  if (source instanceof Uint8Array) return { name: "What was given", bytes: source };
  if (source instanceof ArrayBuffer) return { name: "What was given", bytes: new Uint8Array(source) };
  const url = asUrl(source);
  if (url?.protocol === "https:" || url?.protocol === "http:") return { url: url.href };
  if (url !== undefined && url.protocol !== "file:")
    throw new MediaError(
      `A URL that begins with ${url.protocol} can't be shown to a model. Give an https: or file: URL, a path or bytes.`,
    );
  if (url === undefined && typeof source !== "string")
    throw new MediaError("This can't be shown to a model. Give a file's path, a URL, or bytes.");
  const path = url ?? source;
  return { name: String(path), bytes: await readFile(path, maxBytes) };
}

/** A path is no URL, though `C:\` looks like one. */
function asUrl(source: string | URL): URL | undefined {
  if (source instanceof URL) return source;
  return typeof source === "string" && /^(https?|file|data):/i.test(source) ? new URL(source) : undefined;
}

async function readFile(path: string | URL, maxBytes: number): Promise<Uint8Array> {
  try {
    // Loaded here alone, so that this package can be imported where there are no files.
    const { open } = await import("node:fs/promises");
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > maxBytes)
        throw new MediaError(
          `${path} has ${size} bytes, too large: with base64, the API takes ${maxBytes}. Make it smaller, or give an https: URL.`,
        );
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof MediaError) throw error;
    throw new MediaError(
      `${path} can't be read: ${messageOf(error)}. Give the path of a file, or its bytes.`,
      {
        cause: error,
      },
    );
  }
}
