/** Keeps the beginning and the end of what a program says, in constant memory. */
export interface HeadAndTail {
  add(text: string): void;
  /** What was kept, with a note where something is missing. */
  text(): string;
}

/** Half of `maxBytes` for the beginning, half for the end. */
export function headAndTail(maxBytes: number): HeadAndTail {
  const headSize = Math.ceil(maxBytes / 2);
  const tailSize = maxBytes - headSize;
  const head: Buffer[] = [];
  let headLength = 0;
  let tail: Buffer[] = [];
  let tailLength = 0;
  let total = 0;

  /** Now and then only, so that each byte is copied a few times at most. */
  const trim = (): void => {
    const joined = Buffer.concat(tail);
    tail = [joined.subarray(Math.max(0, joined.length - tailSize))];
    tailLength = Math.min(joined.length, tailSize);
  };
  return {
    add(text) {
      const bytes = Buffer.from(text);
      total += bytes.length;
      const first = bytes.subarray(0, headSize - headLength);
      const rest = bytes.subarray(first.length);
      // A part of a buffer, even an empty one, keeps all of it in memory.
      if (first.length > 0) head.push(Buffer.from(first));
      headLength += first.length;
      if (rest.length === 0) return;
      tail.push(rest);
      tailLength += rest.length;
      if (tailLength > 2 * tailSize + 65_536) trim();
    },
    text() {
      trim();
      const [start, end] = [Buffer.concat(head), Buffer.concat(tail)];
      const missing = total - start.length - end.length;
      if (missing === 0) return Buffer.concat([start, end]).toString();
      return `${withoutHalves(start)}\n[cut: ${missing} bytes are left out here]\n${withoutHalves(end)}`;
    },
  };
}

/** Text whose first or last character may have been cut in two. */
function withoutHalves(bytes: Buffer): string {
  return bytes.toString().replace(/^\uFFFD+|\uFFFD+$/g, "");
}
