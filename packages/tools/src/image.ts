import { type ImageBlock, mediaOf } from "@lockstitch/core";
import { MediaError } from "./media-error.js";
import { type MediaSource, readMedia } from "./read-media.js";

/** 10 MB in base64, of which three bytes make four. Source: the API's vision documentation. */
const maxBytes = 7_500_000;

/**
 * An image as a content block, for an input or a tool's result: JPEG, PNG, GIF or WebP, by its bytes and not by its name. A file is read
 * here, once; an `https:` URL is not, for the API fetches it by itself.
 *
 * Throws `MediaError` for a file that can't be read, is no image, has more than 10 MB in base64 or more than 8000 pixels on a side.
 */
export async function image(source: MediaSource): Promise<ImageBlock> {
  const found = await readMedia(source, maxBytes);
  if ("url" in found) return { type: "image", source: { type: "url", url: found.url } };
  const media = mediaOf(found.bytes);
  if (media === undefined)
    throw new MediaError(
      `${found.name} is no image that the API takes. Convert it to JPEG, PNG, GIF or WebP; document() takes PDF and text.`,
    );
  if ("problem" in media)
    throw new MediaError(
      `${found.name} is ${media.problem}. Make it smaller: a model sees no more than 2576 pixels on the longest side.`,
    );
  if (media.block.type !== "image")
    throw new MediaError(`${found.name} is a PDF. Show it to the model with document().`);
  return media.block;
}
