import { readImageHeader } from "./image-header.js";
import { blocksOf, messagesOf } from "./messages.js";
import { type Fields, modelOf, type Refusal, type Rule } from "./rule.js";

/** https://platform.claude.com/docs/en/build-with-claude/vision#request-limits */
const maxSide = 8_000;
const maxSideOfMany = 2_000;
const many = 20;
const maxImages = 600;
const maxImagesInSmallContext = 100;
const smallContext = 200_000;

interface Medium {
  readonly block: Fields;
  /** As an error names the block. */
  readonly path: string;
  /** As the error's details name it: without the types of the blocks around it. */
  readonly position: string;
}

export const mediaAreFew: Rule = (request, surroundings) => {
  const context = modelOf(request, surroundings)?.contextWindow ?? Number.POSITIVE_INFINITY;
  const limit = context <= smallContext ? maxImagesInSmallContext : maxImages;
  const images = mediaOf(request, "image").length;
  // A text is no picture; a PDF is read page by page, as pictures.
  const documents = mediaOf(request, "document").filter(
    ({ block }) => !isText(block.source as Fields),
  ).length;
  return images + documents > limit
    ? `too many images and documents: ${images} + ${documents} > ${limit}`
    : undefined;
};

/** All of a request's images count, those in old turns and in tool results too; one sent by its address isn't measured. */
export const imagesAreSmall: Rule = (request) => {
  const images = mediaOf(request, "image");
  const [limit, name] =
    images.length > many
      ? [maxSideOfMany, "max allowed size for many-image requests"]
      : [maxSide, "max allowed size"];
  const large = images.filter(({ block }) => longestSide(block.source as Fields) > limit);
  return large[0] === undefined ? undefined : tooLarge(large, large[0].path, name, limit);
};

function tooLarge(large: readonly Medium[], path: string, name: string, limit: number): Refusal {
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

/** Every block of a type, those inside tool results and documents too. */
function mediaOf(request: Fields, type: string): Medium[] {
  return messagesOf(request).flatMap((message, index) =>
    blocksOf(message).flatMap((block, position) => {
      const path = `messages.${index}.content.${position}`;
      return mediaIn(block, path, path, type);
    }),
  );
}

function mediaIn(block: Fields, path: string, position: string, type: string): Medium[] {
  const own = block.type === type ? [{ block, path, position }] : [];
  const inner =
    block.type === "tool_result"
      ? inside(block.content, `${path}.tool_result.content`, `${position}.content`, type)
      : block.type === "document"
        ? inside(
            (block.source as Fields).content,
            `${path}.document.source.content.content`,
            `${position}.source.content`,
            type,
          )
        : [];
  return [...own, ...inner];
}

function inside(content: unknown, path: string, position: string, type: string): Medium[] {
  if (!Array.isArray(content)) return [];
  return (content as Fields[]).flatMap((block, index) =>
    mediaIn(block, `${path}.${index}`, `${position}.${index}`, type),
  );
}
