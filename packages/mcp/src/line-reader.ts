/**
 * Makes a function that takes bytes as they come, and tells of each line that they make up. Of one with more than `longest` bytes it
 * tells once, and nothing of what comes after it.
 */
export function createLineReader(
  longest: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): (bytes: Buffer) => void {
  // Joined when the line is there: to join them as they come would copy a long one again and again.
  let pieces: Buffer[] = [];
  let length = 0;
  return (bytes) => {
    if (length > longest) return;
    let rest = bytes;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)]).toString("utf8");
      pieces = [];
      length = 0;
      rest = rest.subarray(end + 1);
      onLine(line);
    }
    pieces.push(rest);
    length += rest.length;
    if (length <= longest) return;
    pieces = [];
    onTooLong();
  };
}
