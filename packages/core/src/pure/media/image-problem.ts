import { isCutOff } from "./cut-off.js";
import type { FileData } from "./file-data.js";
import { type ImageSize, sizeOfImage } from "./image-size.js";
import { longestInBase64 } from "./limits.js";
import type { Problem } from "./problem.js";

/** In pixels. Source: the API's vision documentation. */
const longestSide = 8_000;

const smaller = "Make it smaller: a model sees no more than 2576 pixels on the longest side";
const anew = "Save or fetch it anew";

/**
 * Why the API would refuse an image of this type.
 * @param length of its base64, in characters
 */
export function imageProblem(image: FileData, length: number, type: string): Problem | undefined {
  if (length > longestInBase64.image) {
    const problem = `an image of ${length} characters in base64, too large: the API takes 10 MB`;
    return { problem, wayOut: smaller };
  }
  const size = sizeOfImage(image);
  if (size === undefined || size.width === 0 || size.height === 0)
    return { problem: "an image without a size: it is broken or cut off", wayOut: anew };
  const problem = pixelProblem(size);
  if (problem !== undefined) return problem;
  return isCutOff(image, type) ? { problem: "an image that is cut off", wayOut: anew } : undefined;
}

/** Why the API would refuse an image of this size. */
export function pixelProblem({ width, height }: ImageSize): Problem | undefined {
  if (Math.max(width, height) <= longestSide) return undefined;
  const limit = `${longestSide}×${longestSide}`;
  const problem = `an image of ${width}×${height} pixels, too large: the API takes ${limit}`;
  return { problem, wayOut: smaller };
}
