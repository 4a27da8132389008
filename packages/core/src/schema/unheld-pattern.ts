/**
 * What of a regular expression the API can't hold a text to; `undefined` where it can. What it names as taken is taken here, with `|`,
 * `(?:…)` and escapes of single characters; what it doesn't name is not. How large a repetition may be it does not say.
 * Source: the API's documentation of structured outputs.
 */
export function findUnheldInPattern(pattern: string): string | undefined {
  let isInClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") {
      at++;
      const unheld = isInClass ? unheldInClass(pattern[at]) : unheldEscape(pattern[at]);
      if (unheld !== undefined) return unheld;
    } else if (isInClass) isInClass = character !== "]";
    else if (character === "[") isInClass = true;
    else if (pattern.startsWith("(?", at) && pattern[at + 2] !== ":")
      return /^<?[=!]/.test(pattern.slice(at + 2, at + 4))
        ? "with a lookahead or lookbehind"
        : "with a group with a name or flags";
  }
  return isRegularExpression(pattern) ? undefined : "that is no regular expression";
}

function unheldEscape(escaped = ""): string | undefined {
  if (/[1-9k]/.test(escaped)) return "with a backreference";
  return /[bB]/.test(escaped) ? "with a word boundary" : unheldInClass(escaped);
}

function unheldInClass(escaped = ""): string | undefined {
  return /[pP]/.test(escaped) ? "with a Unicode class" : undefined;
}

/** With and without Unicode: each allows something that the other forbids. */
function isRegularExpression(pattern: string): boolean {
  return ["", "u"].some((flags) => {
    try {
      return new RegExp(pattern, flags) instanceof RegExp;
    } catch {
      return false;
    }
  });
}
