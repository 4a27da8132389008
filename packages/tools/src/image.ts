import { type ImageBlock, type MediaHead, maxMediaBytes, mediaOf } from "@lockstitch/core";
import { Lazy } from "./lazy.js";
import { MediaError } from "./media-error.js";
import { type MediaSource, readMedia } from "./read-media.js";

/**
 * An image as a content block, for an input or a tool's result: JPEG, PNG, GIF or WebP, by its bytes and not by its name. Nothing is read
 * before the promise is awaited, nor twice; of a file the beginning first, and the rest if that will do. An `https:` URL is not read at
 * all, for the API fetches it by itself.
 *
 * Rejects with `MediaError` for a file that can't be read, is no image, has no size or is cut off, has more than 10 MB in base64 or more
 * than 8000 pixels on a side.
 */
export function image(source: MediaSource): Promise<ImageBlock> {
  return new Lazy(() => imageOf(source));
}

async function imageOf(source: MediaSource): Promise<ImageBlock> {
  const found = await readMedia(source, {
    maxBytes: maxMediaBytes.image,
    wayOut: "Make it smaller",
    check,
  });
  if ("url" in found) return { type: "image", source: { type: "url", url: found.url } };
  const media = mediaOf(found.bytes);
  if (media !== undefined && "problem" in media)
    throw new MediaError(`${found.name} is ${media.problem}. ${media.wayOut}.`);
  if (media?.block.type !== "image") throw noImage(found.name);
  return media.block;
}

function check(head: MediaHead | undefined, name: string): void {
  if (head === undefined) throw noImage(name);
  if (head.type === "application/pdf")
    throw new MediaError(`${name} is a PDF. Show it to the model with document().`);
  if (head.problem !== undefined)
    throw new MediaError(`${name} is ${head.problem.problem}. ${head.problem.wayOut}.`);
}

function noImage(name: string): MediaError {
  return new MediaError(
    `${name} is no image that the API takes. Convert it to JPEG, PNG, GIF or WebP; document() takes PDF and text.`,
  );
}
