import type { ResultBlock } from "../../tool-definition.js";
import { toBase64 } from "./file-data.js";
import { imageProblem, pixelProblem } from "./image-problem.js";
import { headOf, sizeOfImage } from "./image-size.js";
import { isPdf, pdfProblem } from "./pdf.js";
import type { Problem } from "./problem.js";

/** A block that holds a file's bytes, or why the API would refuse it. */
export type Media = { readonly block: ImageBlock | DocumentBlock } | Problem;

/** What a file is by its beginning, and what the API would refuse about it as far as can be seen there. */
export interface MediaHead {
  readonly type: ImageType | "application/pdf";
  readonly problem?: Problem;
}

export type ImageBlock = Extract<ResultBlock, { type: "image" }>;
export type DocumentBlock = Extract<ResultBlock, { type: "document" }>;

type ImageType = "image/jpeg" | "image/png" | "image/gif" | "image/webp";

/** What a file is by its first bytes, whatever its name says; `undefined` for one that the API doesn't read. */
export function mediaTypeOf(bytes: Uint8Array): ImageType | "application/pdf" | undefined {
  if (startsWith(bytes, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (startsWith(bytes, "\xff\xd8\xff")) return "image/jpeg";
  if (startsWith(bytes, "GIF87a") || startsWith(bytes, "GIF89a")) return "image/gif";
  if (startsWith(bytes, "RIFF") && startsWith(bytes.subarray(8), "WEBP")) return "image/webp";
  return isPdf(bytes) ? "application/pdf" : undefined;
}

/**
 * What can be told of a file before all of it is read, by its first 65,536 bytes or more; `undefined` for one that the API doesn't read.
 */
export function mediaHead(beginning: Uint8Array): MediaHead | undefined {
  const type = mediaTypeOf(beginning);
  if (type === undefined) return undefined;
  const size = type === "application/pdf" ? undefined : sizeOfImage(beginning);
  const problem = size === undefined ? undefined : pixelProblem(size);
  return problem === undefined ? { type } : { type, problem };
}

/** A file as a content block, checked against the API's limits; `undefined` for one that the API doesn't read. */
export function mediaOf(bytes: Uint8Array): Media | undefined {
  const type = mediaTypeOf(bytes);
  if (type === undefined) return undefined;
  const length = Math.ceil(bytes.length / 3) * 4;
  const problem = type === "application/pdf" ? pdfProblem(bytes, length) : imageProblem(bytes, length, type);
  if (problem !== undefined) return problem;
  const data = toBase64(bytes);
  return type === "application/pdf"
    ? { block: { type: "document", source: { type: "base64", media_type: type, data } } }
    : { block: { type: "image", source: { type: "base64", media_type: type, data } } };
}

/**
 * The same block as the API takes it: with the media type that its bytes are of; or why the API would refuse it. A session that
 * holds such a block would fail with every later request.
 * @param block one whose fields the API takes
 */
export function checkedMedia<Block>(block: Block): { readonly block: Block } | Problem {
  const { type, source, transformations } = mediaIn(block) ?? {};
  if (transformations?.oversized_image === "error") return failsWhenOversized;
  if (source?.type !== "base64" || typeof source.data !== "string") return { block };
  const { data, media_type } = source;
  const found = mediaTypeOf(headOf(data));
  if (found === undefined || (found === "application/pdf") !== (type === "document"))
    return type === "document" ? noPdf : noImage;
  const right = found === media_type ? block : withType(block, found);
  const problem =
    found === "application/pdf" ? pdfProblem(data, data.length) : imageProblem(data, data.length, found);
  return problem ?? { block: right };
}

const noPdf: Problem = {
  problem: "a document that is no PDF",
  wayOut: 'Give a PDF, an image as an image block, or a text with the source { type: "text" }',
};
const noImage: Problem = {
  problem: "an image that is neither JPEG, PNG, GIF nor WebP",
  wayOut: "Convert it to one of them, or give a PDF as a document block",
};
/** Where a model takes none so large its request is refused, and so is each later one, for images stay in their session. */
const failsWhenOversized: Problem = {
  problem: 'an image with oversized_image: "error", which may have every later request refused',
  wayOut: "Leave it out, and scale the image yourself",
};

/** Why the API would refuse the first of the images and documents of messages that it would refuse. */
export function mediaProblem(messages: readonly { readonly content: unknown }[]): Problem | undefined {
  for (const { content } of messages) {
    for (const block of blocksIn(content)) {
      const checked = checkedMedia(block);
      if ("problem" in checked) return checked;
      if (checked.block !== block) return wrongType(checked.block);
    }
  }
  return undefined;
}

function wrongType(right: unknown): Problem {
  return {
    problem: "an image whose media_type is not that of its bytes",
    wayOut: `Say ${JSON.stringify(mediaIn(right)?.source.media_type)}`,
  };
}

/** Blocks at every depth: those of tool results and documents too. */
function blocksIn(content: unknown): readonly unknown[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap(
    (block: { readonly content?: unknown; readonly source?: { readonly content?: unknown } }) => [
      block,
      ...blocksIn(block?.content),
      ...blocksIn(block?.source?.content),
    ],
  );
}

/** The fields of an image or a document that this looks at; those that a kind of source has not are `undefined`. */
interface MediaFields {
  readonly type: "image" | "document";
  readonly source: { readonly type?: unknown; readonly media_type?: unknown; readonly data?: unknown };
  readonly transformations?: { readonly oversized_image?: unknown } | null;
}

function mediaIn(block: unknown): MediaFields | undefined {
  const { type, source } = (block ?? {}) as Partial<MediaFields>;
  const isMedia = (type === "image" || type === "document") && typeof source === "object" && source !== null;
  return isMedia ? (block as MediaFields) : undefined;
}

function withType<Block>(block: Block, media_type: MediaHead["type"]): Block {
  const { source } = block as { readonly source: object };
  return { ...block, source: { ...source, media_type } };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return (
    bytes.length >= text.length &&
    [...text].every((character, index) => bytes[index] === character.charCodeAt(0))
  );
}
