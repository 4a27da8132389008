import { oncePerFrozen } from "../../freeze.js";
import { imageSizeOf } from "../media/image-size.js";
import { pagesOf } from "../media/pdf.js";
import type { Problem } from "../media/problem.js";

/** With more images than these in a request, none of them may be longer than `longestOfMany` pixels on any side. */
const few = 20;
const longestOfMany = 2_000;

/** What counts of the images and PDFs of a conversation. Source: the API's documentation of both. */
export interface Images {
  /** Of images and PDFs, which the API reads as images of their pages. */
  readonly count: number;
  /** Of PDFs that say how many they have. */
  readonly pages: number;
  /** One of the images is larger than the API takes beside many others. */
  readonly anyLarge: boolean;
}

/** The images and PDFs of messages or blocks, those inside tool results and documents among them. */
export function imagesIn(value: unknown): Images {
  if (Array.isArray(value)) return value.map(imagesIn).reduce(together, none);
  return typeof value === "object" && value !== null ? imagesInBlock(value) : none;
}

const imagesInBlock = oncePerFrozen((block: object): Images => {
  const { type, content, source } = block as Readonly<Record<string, unknown>>;
  if (type === "image") return { count: 1, pages: 0, anyLarge: isLarge(block) };
  if (isPdf(block)) return { count: 1, pages: pagesIn(source), anyLarge: false };
  return together(imagesIn(content), type === "document" ? imagesIn(source) : none);
});

const none: Images = { count: 0, pages: 0, anyLarge: false };

function together(left: Images, right: Images): Images {
  return {
    count: left.count + right.count,
    pages: left.pages + right.pages,
    anyLarge: left.anyLarge || right.anyLarge,
  };
}

/** A document that is no text: one by its address or id may be a text too, and is then counted for nothing. */
function isPdf(block: unknown): boolean {
  const { type, source } = (block ?? {}) as {
    readonly type?: unknown;
    readonly source?: { readonly type?: unknown };
  };
  return type === "document" && ["base64", "url", "file"].includes(String(source?.type));
}

function pagesIn(source: unknown): number {
  const { type, data } = (source ?? {}) as { readonly type?: unknown; readonly data?: unknown };
  return type === "base64" && typeof data === "string" ? (pagesOf(data) ?? 0) : 0;
}

function isLarge(image: object): boolean {
  const size = "source" in image ? imageSizeOf(image.source) : undefined;
  return size !== undefined && Math.max(size.width, size.height) > longestOfMany;
}

/**
 * Why a request takes no such images and PDFs together; `undefined` if it does.
 * @param maxImages of PDFs it takes as many pages
 */
export function imagesProblem({ count, pages, anyLarge }: Images, maxImages: number): Problem | undefined {
  const wayOut = "Give fewer, or begin another session";
  if (count > maxImages)
    return { problem: `a request takes no more than ${maxImages} images and PDFs`, wayOut };
  if (pages > maxImages)
    return { problem: `a request takes no more than ${maxImages} pages of PDFs`, wayOut };
  if (!anyLarge || count <= few) return undefined;
  const problem = `a request with more than ${few} images takes none that is longer than ${longestOfMany} pixels on a side`;
  return {
    problem,
    wayOut: `Make each no longer than ${longestOfMany} pixels, give fewer, or begin another session`,
  };
}

/**
 * Takes blocks one after the other into a conversation that holds `held`; an image or a PDF that the API would refuse there, and with it
 * every later request of its session, becomes a note. What has come in can't be taken back, so it is the newest that gives way.
 */
export function imageRoom(held: Images, maxImages: number): (block: unknown) => unknown {
  let all = held;
  return (block) => {
    const isImage = (block as { readonly type?: unknown }).type === "image";
    if (!isImage && !isPdf(block)) return block;
    const more = together(all, imagesIn(block));
    const { problem } = imagesProblem(more, maxImages) ?? {};
    if (problem !== undefined) return note(isImage ? "an image" : "a PDF", problem);
    all = more;
    return block;
  };
}

function note(what: string, problem: string): unknown {
  return { type: "text", text: `[cut: ${what} that this conversation has no room for: ${problem}.]` };
}
