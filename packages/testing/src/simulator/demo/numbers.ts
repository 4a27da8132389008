/** A number as it was said, with its neighbours, which tell what it counts. */
export interface SaidNumber {
  readonly value: number;
  readonly before: string;
  readonly after: string;
}

const ones =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const scales: Readonly<Record<string, number>> = { hundred: 100, thousand: 1_000, million: 1_000_000 };

/** All numbers of a text in their order, written in digits or in words. */
export function readNumbers(text: string): SaidNumber[] {
  const tokens = withDigits(text).match(/(?<![\w.])-?\d[\d,]*(?:\.\d+)?%?|[\p{L}#$€£°]+|[^\s]/gu) ?? [];
  return tokens.flatMap((token, index) => {
    if (!/^-?\d/.test(token)) return [];
    const value = Number(token.replace(/[,%]/g, ""));
    if (!Number.isFinite(value)) return [];
    return [
      {
        value,
        before: tokens[index - 1] ?? "",
        after: token.endsWith("%") ? "%" : (tokens[index + 1] ?? ""),
      },
    ];
  });
}

/** Number words become digits: `twenty-five` is `25`, `two thousand` is `2000`. A lone `one` is left: it is rarely a number. `subtract 4 from 10` is put in order. */
function withDigits(text: string): string {
  const inOrder = text.replace(/\bsubtract(?:ing)?\s+(\S+)\s+from\s+(\S+)/i, "$2 minus $1");
  const word = [...ones, ...tens.slice(2), ...Object.keys(scales)].join("|");
  return inOrder.replace(
    new RegExp(
      String.raw`\b(?:${word})\b(?:(?:[ -]|(?<=hundred|thousand|million) and )(?:${word})\b)*`,
      "gi",
    ),
    (run) => {
      const words = run.toLowerCase().match(/[a-z]+/g) ?? [];
      return words.length === 1 && words[0] === "one"
        ? run
        : String(wordsToNumber(words.filter((part) => part !== "and")));
    },
  );
}

function wordsToNumber(words: readonly string[]): number {
  let total = 0;
  let group = 0;
  for (const word of words) {
    const scale = scales[word];
    if (scale === undefined) group += Math.max(ones.indexOf(word), 0) + Math.max(tens.indexOf(word), 0) * 10;
    else if (scale === 100) group = Math.max(group, 1) * 100;
    else {
      total += Math.max(group, 1) * scale;
      group = 0;
    }
  }
  return total + group;
}

const operators: readonly (readonly [words: RegExp, sign: string])[] = [
  [/\b(?:plus|added to)\b/gi, "+"],
  [/\b(?:minus|less)\b/gi, "-"],
  [/\b(?:times|multiplied by)\b|(?<=\d)\s*[x×]\s*(?=\d)/gi, "*"],
  [/\bdivided by\b|÷/gi, "/"],
  [/\bto the power of\b/gi, "^"],
  [/\bsquared\b/gi, "^ 2"],
  [/%\s*of\b|\bpercent of\b/gi, "/ 100 *"],
];

/** The arithmetic in a text, as an expression: `17 plus 25` gives `17 + 25`. */
export function readExpression(text: string): string | undefined {
  const signs = operators.reduce((rest, [words, sign]) => rest.replace(words, ` ${sign} `), withDigits(text));
  const runs = signs.match(/[(\d-][\d\s.()+*/^-]*[\d)]/g) ?? [];
  const sums = runs
    .map((run) => run.replace(/\s+/g, " ").trim())
    .filter((run) => /[\d)]\s*[+*/^-]\s*[\d(-]/.test(run));
  return sums.sort((left, right) => right.length - left.length)[0];
}
