/** Some lines of a file. */
export interface Page {
  readonly bytes: Buffer;
  /** The line after the last that is shown, from 1; `undefined` where the file ends here. */
  readonly next: number | undefined;
  /** The line is longer than a page, and only its beginning is shown. */
  readonly cutLine: boolean;
  /** How many lines the file has, as far as it was looked at. */
  readonly seen: number;
}

/** Which lines are wanted: `limit` of them from `offset` on, which counts from 1, and no more than `maxBytes`. */
export interface PageTerms {
  readonly offset: number;
  readonly limit: number;
  readonly maxBytes: number;
}

/** Gathers a page out of a file's chunks, whatever its size, with no more memory than the page. */
export async function gatherPage(chunks: AsyncIterable<Buffer>, terms: PageTerms): Promise<Page> {
  const page = Buffer.allocUnsafe(terms.maxBytes);
  let line = 1;
  let length = 0;
  let lineStart = 0;
  let atLineStart = true;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; ) {
      if (line >= terms.offset + terms.limit) return pageOf(page, length, line, line);
      const newline = chunk.indexOf(0x0a, start);
      const end = newline === -1 ? chunk.length : newline + 1;
      if (line >= terms.offset) {
        if (length + end - start > terms.maxBytes) {
          // Whole lines only, unless there is but one.
          if (lineStart > 0) return pageOf(page, lineStart, line, line);
          chunk.copy(page, length, start);
          return { ...pageOf(page, wholeCharacters(page), line + 1, line), cutLine: true };
        }
        chunk.copy(page, length, start, end);
        length += end - start;
      }
      atLineStart = newline !== -1;
      if (atLineStart) {
        line += 1;
        lineStart = length;
      }
      start = end;
    }
  }
  return pageOf(page, length, undefined, atLineStart ? line - 1 : line);
}

function pageOf(page: Buffer, length: number, next: number | undefined, seen: number): Page {
  return { bytes: page.subarray(0, length), next, cutLine: false, seen };
}

/** How many of the bytes can be kept without cutting a character of UTF-8 in two. */
function wholeCharacters(bytes: Buffer): number {
  let end = bytes.length;
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (size > back) end = bytes.length - back;
    break;
  }
  return end;
}
