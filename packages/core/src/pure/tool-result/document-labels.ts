import type { ResultBlock } from "../../tool-definition.js";

/** Characters of a document's title that the API takes. Source: its description of a document. */
export const longestTitle = 500;

/**
 * A document whose title and context the API takes, all else as it is: often they are somebody else's, e.g. a page's or a server's. An
 * empty one is left out, a long title is cut.
 */
export function withFittingLabels(block: ResultBlock): ResultBlock {
  if (block.type !== "document") return block;
  const { title, context, ...rest } = block;
  return {
    ...rest,
    ...(title === undefined || title === "" ? {} : { title: title === null ? null : cut(title) }),
    ...(context === undefined || context === "" ? {} : { context }),
  };
}

/** Between two characters, and not within one. */
function cut(title: string): string {
  const characters = [...title];
  return characters.length <= longestTitle ? title : `${characters.slice(0, longestTitle - 1).join("")}…`;
}
