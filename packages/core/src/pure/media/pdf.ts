import { type FileData, textOf } from "./file-data.js";
import { longestInBase64 } from "./limits.js";
import type { Problem } from "./problem.js";

/**
 * Why the API would refuse a PDF, by what stands in it uncompressed, which is how every PDF begins and ends. Only what is certain is
 * refused: one that a reader has to guess its way through is left to the API. Source: its documentation of PDFs.
 * @param length of its base64, in characters
 */
export function pdfProblem(pdf: FileData, length: number): Problem | undefined {
  if (length > longestInBase64.document) {
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

/** Readers look for this in the first kilobyte, whatever stands before it. */
const mark = "%PDF-";

/**
 * Whether a file is a PDF, by its beginning: the mark is the first thing in it, or stands in its first kilobyte with an object behind it. So
 * a text that only speaks of the mark stays a text.
 * @param beginning all of the file, or enough of it to hold its first object: 32,768 bytes do
 */
export function isPdf(beginning: Uint8Array): boolean {
  const start = textOf(beginning.subarray(0, 1_024)).indexOf(mark);
  if (start <= 0) return start === 0;
  return /\b\d+\s+\d+\s+obj\b/.test(textOf(beginning.subarray(start, 32_768)));
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
