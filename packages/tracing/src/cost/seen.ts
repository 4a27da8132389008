/** Which events of a log were seen, as ranges of their numbers, in order. */
export type Seen = [from: number, to: number][];

/** Whoever hands over only some kinds of events leaves a gap between any two. */
const mostRanges = 64;

/** Remembers an event; false for one that was seen before. */
export function see(seen: Seen, seq: number): boolean {
  // The first range that ends at this number, just before it, or later.
  let index = seen.length;
  while (index > 0 && (seen[index - 1]?.[1] ?? 0) >= seq - 1) index--;
  const range = seen[index];
  if (range === undefined || seq < range[0] - 1) seen.splice(index, 0, [seq, seq]);
  else if (seq >= range[0] && seq <= range[1]) return false;
  else if (seq < range[0]) range[0] = seq;
  else {
    range[1] = seq;
    join(seen, index);
  }
  if (seen.length > mostRanges) join(seen, 0, true);
  return true;
}

/** Makes one of a range and the next, if they touch. */
function join(seen: Seen, index: number, always = false): void {
  const [range, next] = [seen[index], seen[index + 1]];
  if (range === undefined || next === undefined || (!always && next[0] > range[1] + 1)) return;
  range[1] = next[1];
  seen.splice(index + 1, 1);
}
