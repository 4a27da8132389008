import type { ResultBlock } from "../tool-definition.js";
import { headOf, sizeOfImage } from "./image-size.js";

/** A block that holds a file's bytes, or why the API would refuse it. */
export type Media = { readonly block: ImageBlock | DocumentBlock } | { readonly problem: string };

export type ImageBlock = Extract<ResultBlock, { type: "image" }>;
export type DocumentBlock = Extract<ResultBlock, { type: "document" }>;

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;
type ImageType = (typeof imageTypes)[number];

/** 10 MB in base64. Source: the API's vision documentation. */
const longestImage = 10_000_000;
/** A request takes 32 MB; this leaves room for all else. In base64. */
const longestDocument = 24_000_000;
/** In pixels. Source: the API's vision documentation. */
const longestSide = 8_000;

const pdfMark = "%PDF-";

/** What a file is by its first bytes, whatever its name says; `undefined` for one that the API doesn't read. */
export function mediaTypeOf(bytes: Uint8Array): ImageType | "application/pdf" | undefined {
  if (startsWith(bytes, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (startsWith(bytes, "\xff\xd8\xff")) return "image/jpeg";
  if (startsWith(bytes, "GIF87a") || startsWith(bytes, "GIF89a")) return "image/gif";
  if (startsWith(bytes, "RIFF") && startsWith(bytes.subarray(8), "WEBP")) return "image/webp";
  return startsWith(bytes, pdfMark) ? "application/pdf" : undefined;
}

/** A file as a content block, checked against the API's limits; `undefined` for one that the API doesn't read. */
export function mediaOf(bytes: Uint8Array): Media | undefined {
  const type = mediaTypeOf(bytes);
  if (type === undefined) return undefined;
  const length = Math.ceil(bytes.length / 3) * 4;
  const problem =
    type === "application/pdf" ? documentProblem(length) : imageProblem(length, sizeOfImage(bytes));
  if (problem !== undefined) return { problem };
  const data = toBase64(bytes);
  return type === "application/pdf"
    ? { block: { type: "document", source: { type: "base64", media_type: type, data } } }
    : { block: { type: "image", source: { type: "base64", media_type: type, data } } };
}

/**
 * The same block as the API takes it: with the media type that its bytes are of; or why the API would refuse it. A session that
 * holds such a block would fail with every later request.
 */
export function checkedMedia<Block>(block: Block): { readonly block: Block } | { readonly problem: string } {
  const source = base64Source(block);
  if (source === undefined) return { block };
  const { type, data, media_type } = source;
  const head = headOf(data);
  if (type === "document") {
    const problem = saysPdf(head) ? documentProblem(data.length) : "a document that is no PDF";
    return problem === undefined ? { block } : { problem };
  }
  const found = mediaTypeOf(head);
  if (found === undefined || found === "application/pdf")
    return { problem: "an image that is neither JPEG, PNG, GIF nor WebP" };
  const problem = imageProblem(data.length, sizeOfImage(data));
  if (problem !== undefined) return { problem };
  return { block: found === media_type ? block : withType(block, found) };
}

/** Readers of PDF look for its mark in the first kilobyte, whatever stands before it. */
function saysPdf(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 1_024)).includes(pdfMark);
}

function imageProblem(length: number, size: ReturnType<typeof sizeOfImage>): string | undefined {
  if (length > longestImage)
    return `an image of ${length} characters in base64, too large: the API takes 10 MB`;
  return size !== undefined && Math.max(size.width, size.height) > longestSide
    ? `an image of ${size.width}×${size.height} pixels, too large: the API takes ${longestSide}×${longestSide}`
    : undefined;
}

function documentProblem(length: number): string | undefined {
  return length > longestDocument
    ? `a PDF of ${length} characters in base64, too large: the API takes 32 MB with all that is in a request`
    : undefined;
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

/** What stands in a block in base64. */
function base64Source(block: unknown): { type: string; data: string; media_type: unknown } | undefined {
  const { type, source } = (block ?? {}) as { type?: unknown; source?: Readonly<Record<string, unknown>> };
  if ((type !== "image" && type !== "document") || source?.type !== "base64") return undefined;
  return typeof source.data === "string"
    ? { type, data: source.data, media_type: source.media_type }
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

/** In pieces: a single call with all bytes as arguments overflows the stack. */
function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += 32_768) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 32_768)));
  }
  return btoa(pieces.join(""));
}
