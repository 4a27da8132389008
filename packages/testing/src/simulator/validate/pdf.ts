import { inflateSync } from "node:zlib";

/** Far more than any list of objects is, in bytes. */
const longestUnpacked = 64 * 1024 * 1024;

/** Why the API could not read a PDF, in its words. Only what is certain is looked at: readers mend a lot. */
export function pdfProblem(bytes: Buffer): string | undefined {
  const text = bytes.toString("latin1");
  if (!isWhole(text) || pagesIn(text) === 0) return "The PDF specified was not valid.";
  return isEncrypted(text) ? "The PDF specified is password protected." : undefined;
}

/** How many pages a PDF says that it has; nothing where it does not say so in plain words or in packed ones. */
export function pagesOf(bytes: Buffer): number | undefined {
  return pagesIn(bytes.toString("latin1"));
}

/** Readers look for the header in the first kilobyte, whatever stands before it, and for the end, whatever stands behind. */
function isWhole(text: string): boolean {
  return text.slice(0, 1_024).includes("%PDF-") && /\bobj\b/.test(text) && text.includes("%%EOF");
}

/** The trailer says so, or the head of the stream that is one. */
function isEncrypted(text: string): boolean {
  return /\/Encrypt\s*(?:\d+\s+\d+\s+R\b|<<)/.test(outsideStreams(text));
}

/** What streams hold may be about anything. */
function outsideStreams(text: string): string {
  const [first, ...others] = text.split(/\bstream\r?\n/);
  return [first, ...others.map((part) => part.split("endstream").slice(1).join())].join();
}

/** As the root of its tree of pages says; the last one, for changes are written behind what was there. */
function pagesIn(text: string): number | undefined {
  const root = text
    .split("endobj")
    .flatMap((object) => (/\/Type\s*\/ObjStm\b/.test(object) ? unpacked(object) : [object]))
    .findLast((object) => /\/Type\s*\/Pages\b/.test(object) && !/\/Parent\b/.test(object));
  const [, count] = /\/Count\s+(\d+)\b(?!\s+\d+\s+R\b)/.exec(root ?? "") ?? [];
  return count === undefined ? undefined : Number(count);
}

/** A stream of objects begins with the number and the place of each. */
function unpacked(stream: string): readonly string[] {
  const first = Number(/\/First\s+(\d+)/.exec(stream)?.[1]);
  const content = inflated(stream);
  if (content === undefined || !Number.isInteger(first)) return [];
  const numbers = content.slice(0, first).trim().split(/\s+/).map(Number);
  const starts = numbers.filter((_, index) => index % 2 === 1).map((place) => first + place);
  return starts.map((start, index) => content.slice(start, starts[index + 1]));
}

function inflated(stream: string): string | undefined {
  const [, data] = /\bstream\r?\n([\s\S]*)endstream/.exec(stream) ?? [];
  try {
    return inflateSync(Buffer.from(data ?? "", "latin1"), { maxOutputLength: longestUnpacked }).toString(
      "latin1",
    );
  } catch {
    // Packed in another way, or broken: what stands in it isn't known.
    return undefined;
  }
}
