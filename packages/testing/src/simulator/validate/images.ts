import { contextWindowFor } from "../simulated-model.js";
import { readImageHeader } from "./image-header.js";
import { blocksOfType, type PlacedBlock } from "./placed-blocks.js";
import { type Fields, modelOf, type Refusal, type Rule, type Surroundings } from "./rule.js";

/** https://platform.claude.com/docs/en/build-with-claude/vision#request-limits */
const maxSide = 8_000;
const maxSideOfMany = 2_000;
const many = 20;
const maxImages = 600;
const maxImagesInSmallContext = 100;
const largeContext = 1_000_000;

/** How many images a request may have, and how many pages: https://platform.claude.com/docs/en/build-with-claude/pdf-support */
export function mostImages(request: Fields, surroundings: Surroundings): number {
  const model = modelOf(request, surroundings);
  return model !== undefined && contextWindowFor(model, surroundings.betas) < largeContext
    ? maxImagesInSmallContext
    : maxImages;
}

export const mediaAreFew: Rule = (request, surroundings) => {
  const limit = mostImages(request, surroundings);
  const images = blocksOfType(request, "image").length;
  // A text is no picture; a PDF is read page by page, as pictures.
  const documents = blocksOfType(request, "document").filter(
    ({ block }) => !isText(block.source as Fields),
  ).length;
  return images + documents > limit
    ? `too many images and documents: ${images} + ${documents} > ${limit}`
    : undefined;
};

/** All of a request's images count, those in old turns and in tool results too; one sent by its address isn't measured. */
export const imagesAreSmall: Rule = (request) => {
  const images = blocksOfType(request, "image");
  const [limit, name] =
    images.length > many
      ? [maxSideOfMany, "max allowed size for many-image requests"]
      : [maxSide, "max allowed size"];
  const large = images.filter(({ block }) => longestSide(block.source as Fields) > limit);
  return large[0] === undefined ? undefined : tooLarge(large, large[0].path, name, limit);
};

function tooLarge(large: readonly PlacedBlock[], path: string, name: string, limit: number): Refusal {
  const message = `${path}.image.source.base64.data: At least one of the image dimensions exceed ${name}: ${limit} pixels`;
  const details = {
    error_code: "image_dimensions_too_large",
    max_side_length_pixels: limit,
    paths: large.map(({ position }) => position),
  };
  return { status: 400, error: { type: "invalid_request_error", message, details } };
}

function longestSide({ type, data }: Fields): number {
  if (type !== "base64") return 0;
  const size = readImageHeader(Buffer.from(String(data), "base64"))?.size;
  return size === undefined ? 0 : Math.max(size.width, size.height);
}

function isText({ type }: Fields): boolean {
  return type === "text" || type === "content";
}
