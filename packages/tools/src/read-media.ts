import { type MediaHead, mediaHead, messageOf } from "@lockstitch/core";
import { MediaError } from "./media-error.js";
import { asUrl, nameOf, unnamed } from "./media-name.js";

/** A file's path (or `file:` URL), its bytes, or an address that the API fetches by itself (`https:`). */
export type MediaSource = string | URL | Uint8Array | ArrayBuffer;

/** What is to be shown to a model. */
export type Found =
  | { readonly url: string }
  /** `name` is what errors call it. */
  | { readonly name: string; readonly bytes: Uint8Array };

interface Wanted {
  readonly maxBytes: number;
  /** What to do about a file that has more. */
  readonly wayOut: string;
  /** Throws `MediaError` for a file that begins wrongly, so that the rest of it need not be read. */
  check(head: MediaHead | undefined, name: string): void;
}

/** Reads a file only here, and all of it only if it begins rightly and is no larger than `maxBytes`. Rejects with `MediaError`. */
export async function readMedia(source: MediaSource, wanted: Wanted): Promise<Found> {
  const given = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  if (given instanceof Uint8Array) {
    wanted.check(mediaHead(given), unnamed);
    checkLength(given.length, unnamed, wanted);
    return { name: unnamed, bytes: given };
  }
  const url = asUrl(given);
  if (url?.protocol === "https:") return { url: url.href };
  if (url?.protocol === "http:")
    throw new MediaError(
      "The API takes https: only, and this URL begins with http:. Give an https: URL, or read it yourself and give its bytes.",
    );
  if (url !== undefined && url.protocol !== "file:")
    throw new MediaError(
      `A URL that begins with ${url.protocol} can't be shown to a model. Give an https: or file: URL, a path or bytes.`,
    );
  if (url === undefined && typeof given !== "string")
    throw new MediaError("This can't be shown to a model. Give a file's path, a URL, or bytes.");
  return url === undefined
    ? readFile(given as string, nameOf(given as string), wanted)
    : readFile(withoutQuery(url), withoutQuery(url).href, wanted);
}

function checkLength(bytes: number, name: string, { maxBytes, wayOut }: Wanted): void {
  if (bytes > maxBytes)
    throw new MediaError(
      `${name} has ${bytes} bytes, too large: ${maxBytes} are what the API takes, once in base64. ${wayOut}, or give an https: URL.`,
    );
}

/** What opens a file doesn't look at the rest, and the rest may be a key. */
function withoutQuery({ host, pathname }: URL): URL {
  return new URL(`file://${host}${pathname}`);
}

async function readFile(path: string | URL, name: string, wanted: Wanted): Promise<Found> {
  try {
    // Loaded here alone, so that this package can be imported where there are no files.
    const { open } = await import("node:fs/promises");
    const { constants } = await import("node:fs");
    // Without waiting: opening a pipe would block until somebody writes to it. Windows has neither flag.
    const file = await open(
      path,
      constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0),
    );
    try {
      const found = await file.stat();
      if (!found.isFile())
        throw unreadable(name, found.isDirectory() ? "it is a folder" : "it is no regular file");
      const head = await readTo(file, new Uint8Array(0), headLength);
      wanted.check(mediaHead(head), name);
      checkLength(found.size, name, wanted);
      // Some files don't say how long they are, and others grow.
      const bytes = await readTo(file, head, wanted.maxBytes + 1);
      checkLength(bytes.length, name, wanted);
      return { name, bytes };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof MediaError) throw error;
    // The system's own words repeat the path.
    throw name === unnamed ? unreadable(name, whyNot(error, false)) : unreadable(name, whyNot(error), error);
  }
}

/** Enough to tell what a file is. In bytes. */
const headLength = 65_536;

interface Readable {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}

/** What was read so far and what follows it, `length` bytes in all or as many as there are. */
async function readTo(file: Readable, before: Uint8Array, length: number): Promise<Uint8Array> {
  const pieces = [before];
  let at = before.length;
  while (at < length) {
    const piece = new Uint8Array(Math.min(length - at, 1_048_576));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) break;
    pieces.push(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return Buffer.concat(pieces);
}

function unreadable(name: string, why: string, cause?: unknown): MediaError {
  const message = `${name} can't be read: ${why}. Give the path of a file, or its bytes.`;
  return new MediaError(message, cause === undefined ? {} : { cause });
}

function whyNot(error: unknown, mayQuote = true): string {
  const code = String((error as { readonly code?: unknown } | null)?.code);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "this process may not read it";
    case "EISDIR":
      return "it is a folder";
    case "ENXIO":
      return "it is no regular file";
    default:
      return mayQuote ? messageOf(error) : `the system says ${code}`;
  }
}
