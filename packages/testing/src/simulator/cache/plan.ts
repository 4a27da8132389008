import type { CacheUsage } from "./cache-usage.js";
import type { Lifetime, Prefix } from "./prefixes.js";

/** What the cache does for one request. */
export interface CachePlan {
  readonly usage: CacheUsage;
  /** The longest prefix that was found, and every shorter one: using them renews them. */
  readonly used: readonly Prefix[];
  /** To be stored once the answer has begun. */
  readonly writes: readonly { readonly digest: string; readonly lifetime: Lifetime }[];
}

/** How many prefixes a marker looks at for one that is stored, its own counted. */
const lookBack = 20;

/**
 * Decides what is read and what is written. Pure.
 *
 * A marker writes its own prefix and nothing else, so an earlier request is found only where it had a marker itself.
 * Below the model's minimum nothing is stored, and nothing is said about it.
 */
export function planCache(
  prefixes: readonly Prefix[],
  totalTokens: number,
  minimumTokens: number,
  isStored: (digest: string) => boolean,
): CachePlan {
  const hit = Math.max(
    -1,
    ...prefixes.map((prefix, index) => (prefix.marker ? nearestStored(prefixes, index, isStored) : -1)),
  );
  const read = prefixes[hit]?.tokens ?? 0;
  const written = { "5m": 0, "1h": 0 };
  const writes: { digest: string; lifetime: Lifetime }[] = [];
  let end = read;
  for (const { digest, tokens, marker } of prefixes.slice(hit + 1)) {
    if (!marker || tokens < minimumTokens) continue;
    writes.push({ digest, lifetime: marker });
    written[marker] += tokens - end;
    end = tokens;
  }
  return {
    usage: { read, written5m: written["5m"], written1h: written["1h"], uncached: totalTokens - end },
    used: prefixes.slice(0, hit + 1),
    writes,
  };
}

/** Where the longest stored prefix ends that the marker at `index` can see, or -1. */
function nearestStored(
  prefixes: readonly Prefix[],
  index: number,
  isStored: (digest: string) => boolean,
): number {
  const first = Math.max(0, index + 1 - lookBack);
  const seen = prefixes.slice(first, index + 1);
  const found = seen.findLastIndex(({ digest }) => isStored(digest));
  return found === -1 ? -1 : first + found;
}
