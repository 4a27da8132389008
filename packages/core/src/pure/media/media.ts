import type { ResultBlock } from "../../tool-definition.js";
import { isBase64, isWebAddress, toBase64 } from "./file-data.js";
import { imageProblem, pixelProblem } from "./image-problem.js";
import { headOf, sizeOfImage } from "./image-size.js";
import { pdfProblem } from "./pdf.js";
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

const pdfMark = "%PDF-";

/** What a file is by its first bytes, whatever its name says; `undefined` for one that the API doesn't read. */
export function mediaTypeOf(bytes: Uint8Array): ImageType | "application/pdf" | undefined {
  if (startsWith(bytes, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (startsWith(bytes, "\xff\xd8\xff")) return "image/jpeg";
  if (startsWith(bytes, "GIF87a") || startsWith(bytes, "GIF89a")) return "image/gif";
  if (startsWith(bytes, "RIFF") && startsWith(bytes.subarray(8), "WEBP")) return "image/webp";
  return startsWith(bytes, pdfMark) ? "application/pdf" : undefined;
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
 */
export function checkedMedia<Block>(block: Block): { readonly block: Block } | Problem {
  const { type, source } = sourceOf(block) ?? {};
  const what = type === "image" ? "an image" : "a document";
  if (source?.type === "url" && !isWebAddress(source.url))
    return {
      problem: `${what} at an address that is no https: URL`,
      wayOut: "Give an https: URL, or its bytes",
    };
  if (source?.type !== "base64" || typeof source.data !== "string") return { block };
  const { data, media_type } = source;
  if (!isBase64(data)) return { problem: `${what} that is not in base64`, wayOut: "Encode its bytes" };
  const head = headOf(data);
  if (type === "document")
    return saysPdf(head) ? (pdfProblem(data, data.length) ?? { block }) : unread("a document that is no PDF");
  const found = mediaTypeOf(head);
  if (found === undefined || found === "application/pdf")
    return unread("an image that is neither JPEG, PNG, GIF nor WebP");
  const right = found === media_type ? block : withType(block, found);
  return imageProblem(data, data.length, found) ?? { block: right };
}

function unread(problem: string): Problem {
  return { problem, wayOut: "Convert it to a kind that the API takes" };
}

/** Readers of PDF look for its mark in the first kilobyte, whatever stands before it. */
function saysPdf(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 1_024)).includes(pdfMark);
}

/** Why the API would refuse the first of the images and documents of messages that it would refuse. */
export function mediaProblem(messages: readonly { readonly content: unknown }[]): string | undefined {
  for (const { content } of messages) {
    for (const block of blocksIn(content)) {
      const checked = checkedMedia(block);
      if ("problem" in checked) return checked.problem;
      if (checked.block !== block) return "an image whose media_type is not that of its bytes";
    }
  }
  return undefined;
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

/** Where an image or a document comes from. */
function sourceOf(
  block: unknown,
): { readonly type: "image" | "document"; readonly source: Readonly<Record<string, unknown>> } | undefined {
  const { type, source } = (block ?? {}) as { readonly type?: unknown; readonly source?: unknown };
  return (type === "image" || type === "document") && typeof source === "object" && source !== null
    ? { type, source: source as Readonly<Record<string, unknown>> }
    : undefined;
}

function withType<Block>(block: Block, media_type: ImageType): Block {
  const { source } = block as { readonly source: object };
  return { ...block, source: { ...source, media_type } };
}

/** The same blocks, those that a document holds among them, each changed; the very same list where nothing was. */
export function mapBlocks<Block>(
  blocks: readonly Block[],
  change: (block: Block) => Block,
): readonly Block[] {
  const changed = blocks.map((block) => change(withInner(block, change)));
  return changed.every((block, index) => block === blocks[index]) ? blocks : changed;
}

function withInner<Block>(block: Block, change: (block: Block) => Block): Block {
  const { source } = (block ?? {}) as { readonly source?: { readonly content?: unknown } };
  if (typeof source !== "object" || !Array.isArray(source?.content)) return block;
  const content = mapBlocks(source.content as Block[], change);
  return content === source.content ? block : { ...block, source: { ...source, content } };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return (
    bytes.length >= text.length &&
    [...text].every((character, index) => bytes[index] === character.charCodeAt(0))
  );
}
