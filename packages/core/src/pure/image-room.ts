import { oncePerFrozen } from "../freeze.js";
import { imageSizeOf } from "./image-size.js";
import { mapBlocks } from "./media.js";

/** With more images than these in a request, none of them may be longer than `longestOfMany` pixels on any side. */
const few = 20;
const longestOfMany = 2_000;

/** What counts of the images of a conversation. */
export interface Images {
  readonly count: number;
  /** One of them is larger than the API takes beside many others. */
  readonly anyLarge: boolean;
}

/** The images of messages or blocks, those inside tool results and documents among them. */
export function imagesIn(value: unknown): Images {
  if (Array.isArray(value)) return value.map(imagesIn).reduce(together, none);
  return typeof value === "object" && value !== null ? imagesInBlock(value) : none;
}

const imagesInBlock = oncePerFrozen((block: object): Images => {
  const { type, content, source } = block as Readonly<Record<string, unknown>>;
  return type === "image"
    ? { count: 1, anyLarge: isLarge(block) }
    : together(imagesIn(content), type === "document" ? imagesIn(source) : none);
});

const none: Images = { count: 0, anyLarge: false };

function together(left: Images, right: Images): Images {
  return { count: left.count + right.count, anyLarge: left.anyLarge || right.anyLarge };
}

function isLarge(image: object): boolean {
  const size = "source" in image ? imageSizeOf(image.source) : undefined;
  return size !== undefined && Math.max(size.width, size.height) > longestOfMany;
}

/** Why a request takes no such images together; `undefined` if it does. */
export function imagesProblem({ count, anyLarge }: Images, maxImages: number): string | undefined {
  if (count > maxImages) return `a request takes no more than ${maxImages} images`;
  return anyLarge && count > few
    ? `a request with more than ${few} images takes none that is longer than ${longestOfMany} pixels on a side`
    : undefined;
}

/**
 * Takes blocks one after the other into a conversation that holds `held`; an image that the API would refuse there, and with it every
 * later request of its session, becomes a note. What has come in can't be taken back, so it is the newest that gives way.
 */
export function imageRoom(
  held: Images,
  maxImages: number,
): <Block>(blocks: readonly Block[]) => readonly Block[] {
  let all = held;
  return (blocks) =>
    mapBlocks(blocks, (block) => {
      if ((block as { readonly type?: unknown }).type !== "image") return block;
      const more = together(all, imagesIn(block));
      const problem = imagesProblem(more, maxImages);
      if (problem === undefined) all = more;
      return problem === undefined ? block : (note(problem) as typeof block);
    });
}

function note(problem: string): unknown {
  return { type: "text", text: `[cut: an image that this conversation has no room for: ${problem}.]` };
}
