import { type FileData, textOf } from "./file-data.js";
import type { Problem } from "./problem.js";

/** A request takes 32 MB; this leaves room for all else. In base64. */
const longestDocument = 24_000_000;

/**
 * Why the API would refuse a PDF, by what stands in it uncompressed, which is how every PDF begins and ends. Only what is certain is
 * refused: one that a reader has to guess its way through is left to the API. Source: its documentation of PDFs.
 * @param length of its base64, in characters
 */
export function pdfProblem(pdf: FileData, length: number): Problem | undefined {
  if (length > longestDocument) {
    const problem = `a PDF of ${length} characters in base64, too large: the API takes 32 MB with all that is in a request`;
    return { problem, wayOut: "Give a part of it" };
  }
  const text = textOf(pdf);
  const isWhole = /\bobj\b/.test(text) && /startxref|%%EOF|\btrailer\b/.test(text);
  if (!isWhole)
    return { problem: "a PDF that is cut off: it has no object, or no end", wayOut: "Save or fetch it anew" };
  if (/\/Encrypt\s*(?:\d+\s+\d+\s+R\b|<<)/.test(text)) {
    const problem = "a PDF that is encrypted, which the API does not read";
    return { problem, wayOut: "Save it without a password" };
  }
  return pagesIn(text) === 0
    ? { problem: "a PDF without a page", wayOut: "Give one that has something to read" }
    : undefined;
}

/** How many pages a PDF says that it has; `undefined` where that is compressed, as it often is. */
export function pagesOf(pdf: FileData): number | undefined {
  return pagesIn(textOf(pdf));
}

/** As the root of its page tree says: the last one, for changes to a PDF are written behind what was there. */
function pagesIn(text: string): number | undefined {
  const root = text
    .split("endobj")
    .findLast((object) => /\/Type\s*\/Pages\b/.test(object) && !/\/Parent\b/.test(object));
  const [, count] = /\/Count\s+(\d+)\b(?!\s+\d+\s+R\b)/.exec(root ?? "") ?? [];
  return count === undefined ? undefined : Number(count);
}
