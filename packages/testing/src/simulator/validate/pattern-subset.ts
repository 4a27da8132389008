/**
 * The first thing in a regular expression that the API has no grammar for:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
export function findUnsupportedPattern(pattern: string): string | undefined {
  for (const [token] of pattern.matchAll(tokens)) {
    const found = kinds.find(([, kind]) => kind.test(token));
    if (found) return `Regex ${found[0]} are not supported in 'pattern'`;
  }
  return undefined;
}

/** A class in brackets whole, for nothing in it is special but an escape; an escape; the beginning of a group. */
const tokens = /\[(?:\\.|[^\]\\])*\]|\\(?:k<[^>]*>|.)|\(\?<?[=!]/gsu;

const kinds: readonly (readonly [name: string, kind: RegExp])[] = [
  ["lookarounds", /^\(\?/],
  ["backreferences", /^\\(?:[1-9]|k)/],
  ["word boundaries", /^\\[bB]$/],
];
