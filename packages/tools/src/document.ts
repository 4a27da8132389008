import { type DocumentBlock, type MediaHead, mediaOf } from "@lockstitch/core";
import { Lazy } from "./lazy.js";
import { MediaError } from "./media-error.js";
import { type MediaSource, readMedia } from "./read-media.js";

/** What the model is told of a document beside what stands in it. */
export interface DocumentOptions {
  readonly title?: string;
  /** Where it is from, what it is good for. Not cited from. */
  readonly context?: string;
  /** Whether the model says which places it draws on. All documents of a request must have the same. Default false. */
  readonly citations?: boolean;
}

/** A request takes 32 MB in all; 24 MB in base64 leave room for the rest. */
const maxBytes = 18_000_000;

/**
 * A PDF or a text as a content block, for an input or a tool's result: by its bytes and not by its name. Nothing is read before the
 * promise is awaited, nor twice. An `https:` URL (of a PDF) is not read at all, for the API fetches it by itself.
 *
 * Rejects with `MediaError` for a file that can't be read, is neither PDF nor UTF-8 text, or has more than 18,000,000 bytes; and for a PDF
 * that is cut off, encrypted, or without a page, as far as that stands in it uncompressed.
 */
export function document(source: MediaSource, options: DocumentOptions = {}): Promise<DocumentBlock> {
  return new Lazy(() => documentOf(source, options));
}

async function documentOf(source: MediaSource, options: DocumentOptions): Promise<DocumentBlock> {
  const { title, context, citations } = options;
  return {
    type: "document",
    source: await sourceOf(source),
    ...(title === undefined ? {} : { title }),
    ...(context === undefined ? {} : { context }),
    ...(citations === undefined ? {} : { citations: { enabled: citations } }),
  };
}

async function sourceOf(given: MediaSource): Promise<DocumentBlock["source"]> {
  const found = await readMedia(given, { maxBytes, wayOut: "Give a part of it", check });
  if ("url" in found) return { type: "url", url: found.url };
  const media = mediaOf(found.bytes);
  if (media !== undefined && "problem" in media)
    throw new MediaError(`${found.name} is ${media.problem}. ${media.wayOut}.`);
  if (media?.block.type === "document") return media.block.source;
  return { type: "text", media_type: "text/plain", data: textOf(found) };
}

function check(head: MediaHead | undefined, name: string): void {
  if (head !== undefined && head.type !== "application/pdf")
    throw new MediaError(`${name} is an image. Show it to the model with image().`);
}

function textOf({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): string {
  const wayOut = "Give a PDF, or a text in UTF-8 with words in it";
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new MediaError(`${name} is neither a PDF nor a text. ${wayOut}.`, { cause: error });
  }
  if (text.trim() === "") throw new MediaError(`${name} is empty. ${wayOut}.`);
  return text;
}
