import { mostImages } from "./images.js";
import { pagesOf } from "./pdf.js";
import { blocksOfType } from "./placed-blocks.js";
import type { Fields, Rule } from "./rule.js";

/** All of a request's PDFs count together. One sent by its address, or that does not say how many pages it has, counts for nothing. */
export const pagesAreFew: Rule = (request, surroundings) => {
  const limit = mostImages(request, surroundings);
  let pages = 0;
  for (const { block, path } of blocksOfType(request, "document")) {
    pages += pagesIn(block.source as Fields);
    if (pages > limit)
      return `${path}.pdf.source.base64.data: A maximum of ${limit} PDF pages may be provided.`;
  }
  return undefined;
};

function pagesIn({ type, data }: Fields): number {
  return type === "base64" ? (pagesOf(Buffer.from(String(data), "base64")) ?? 0) : 0;
}
