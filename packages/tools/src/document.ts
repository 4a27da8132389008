import { type DocumentBlock, type MediaHead, maxMediaBytes, mediaOf } from "@lockstitch/core";
import { Lazy } from "./lazy.js";
import { MediaError } from "./media-error.js";
import { type MediaSource, readMedia } from "./read-media.js";
import { unknownOption } from "./unknown-options.js";

/** What the model is told of a document beside what stands in it. */
export interface DocumentOptions {
  /** Cut after 500 characters, which are as many as the API takes; an empty one is none. */
  readonly title?: string;
  /** Where it is from, what it is good for. Not cited from. An empty one is none. */
  readonly context?: string;
  /** Whether the model says which places it draws on. All documents of a request must have the same. Default false. */
  readonly citations?: boolean;
}

/**
 * A PDF or a text as a content block, for an input or a tool's result: by its bytes and not by its name. Nothing is read before the
 * promise is awaited, nor twice. An `https:` URL (of a PDF) is not read at all, for the API fetches it by itself.
 *
 * Rejects with `MediaError` for a file that can't be read, is neither PDF nor UTF-8 text, or has more than 18,000,000 bytes; and for a PDF
 * that is cut off, encrypted, or without a page, as far as that stands in it uncompressed. And for an option that can't be meant.
 */
export function document(source: MediaSource, options: DocumentOptions = {}): Promise<DocumentBlock> {
  return new Lazy(() => documentOf(source, options));
}

async function documentOf(source: MediaSource, options: DocumentOptions): Promise<DocumentBlock> {
  checkOptions(options);
  const { title = "", context = "", citations } = options;
  return {
    type: "document",
    source: await sourceOf(source),
    // Both are often somebody else's words, e.g. a page's title: those that the API would refuse are no reason to fail.
    ...(title === "" ? {} : { title: cutTitle(title) }),
    ...(context === "" ? {} : { context }),
    ...(citations === undefined ? {} : { citations: { enabled: citations } }),
  };
}

const known = { title: true, context: true, citations: true } satisfies Record<keyof DocumentOptions, true>;

function checkOptions(options: DocumentOptions): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new MediaError(
      "The options of document() must be an object, e.g. { title }. Leave them out for none.",
    );
  const unknown = unknownOption("document", options, known);
  if (unknown !== undefined) throw new MediaError(unknown);
  for (const name of ["title", "context"] as const)
    if (!["string", "undefined"].includes(typeof options[name]))
      throw new MediaError(`The ${name} of a document must be a text. Give one, or leave it out.`);
  if (!["boolean", "undefined"].includes(typeof options.citations))
    throw new MediaError("The citations of a document must be true or false. Give that, or leave them out.");
}

/** Characters of a title that the API takes. Source: its description of a document. */
const longestTitle = 500;

function cutTitle(title: string): string {
  const characters = [...title];
  return characters.length <= longestTitle ? title : `${characters.slice(0, longestTitle - 1).join("")}…`;
}

async function sourceOf(given: MediaSource): Promise<DocumentBlock["source"]> {
  const found = await readMedia(given, {
    maxBytes: maxMediaBytes.document,
    wayOut: "Give a part of it",
    check,
  });
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
