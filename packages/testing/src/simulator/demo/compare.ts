import type { Finding } from "./finding.js";
import { averageOf, type Measure, textOf, toldValue } from "./measures.js";
import { enumeration } from "./words.js";

/** A kind of comparison: the words that ask for it, the values it looks at, and how to call the two ends. */
interface Comparison {
  readonly asksForMore: RegExp;
  readonly asksForLess: RegExp;
  readonly label: RegExp;
  readonly more: string;
  readonly less: string;
}

const comparisons: readonly Comparison[] = [
  {
    asksForMore: /\b(?:warm|hot|temperature)/i,
    asksForLess: /\b(?:cold|cool)/i,
    label: /temp|high/,
    more: "warmer",
    less: "colder",
  },
  { asksForMore: /\bwind/i, asksForLess: /\bcalm/i, label: /wind/, more: "windier", less: "calmer" },
  {
    asksForMore: /\b(?:wet|rain)/i,
    asksForLess: /\bdr(?:y|ier)/i,
    label: /precip|rain/,
    more: "wetter",
    less: "drier",
  },
  {
    asksForMore: /\bhumid/i,
    asksForLess: /\bless humid/i,
    label: /humid/,
    more: "more humid",
    less: "less humid",
  },
  {
    asksForMore: /\bexpensive/i,
    asksForLess: /\bcheap|\bcosts?\b|\bprice/i,
    label: /price|cost|amount|total|rate/,
    more: "more expensive",
    less: "cheaper",
  },
  {
    asksForMore: /\b(?:big|larg|populous|population)/i,
    asksForLess: /\bsmall/i,
    label: /population|size|area/,
    more: "larger",
    less: "smaller",
  },
  {
    asksForMore: /\bfa?r?th?er\b|\bfar\b/i,
    asksForLess: /\b(?:near|close)/i,
    label: /distance/,
    more: "farther",
    less: "nearer",
  },
];

const asksToCompare =
  /\b(?:compare|than|or|vs|versus|which|difference|most|least|(?:hott|warm|cold|cool|windi|wett|dri|cheap|larg|bigg|small|near|clos|farth|furth)est)\b/i;

/** Which of several findings has more of what the question compares. Nothing unless all of them have that value. */
export function compareFindings(text: string, findings: readonly Finding[]): string[] {
  if (findings.length < 2 || !asksToCompare.test(text)) return [];
  const named = comparisons.filter(
    ({ asksForMore, asksForLess }) => asksForMore.test(text) || asksForLess.test(text),
  );
  for (const comparison of named.length > 0 ? named : comparisons) {
    const known = findings.flatMap((finding) => {
      const measure = averageOf(finding, comparison.label);
      return measure ? [{ subject: finding.subject, measure }] : [];
    });
    const isComparable = new Set(known.map(({ measure }) => measure.unit)).size === 1;
    if (known.length === findings.length && isComparable) return [ranking(known, comparison, text)];
  }
  return [];
}

type Known = { readonly subject: string; readonly measure: Measure };

function ranking(known: readonly Known[], { asksForLess, more, less }: Comparison, text: string): string {
  const wantsLess = asksForLess.test(text);
  const sorted = known.toSorted(
    (left, right) => (right.measure.value - left.measure.value) * (wantsLess ? -1 : 1),
  );
  const [first, ...others] = sorted as [Known, ...Known[]];
  const word = wantsLess ? less : more;
  // Values that read the same are the same: nobody could see why one should be ahead.
  const top = sorted.filter(({ measure }) => toldValue(measure) === toldValue(first.measure));
  const rest = sorted.slice(top.length);
  if (rest.length === 0) return `They are level: ${values(top)}.`;
  if (top.length > 1) {
    const leaders = enumeration(top.map(({ subject }) => subject));
    return `${leaders} are level as the ${superlative(word)}: ${values(top)} (${values(rest)}).`;
  }
  const rank = others.length === 1 ? `${word} than ${others[0]?.subject}` : `the ${superlative(word)}`;
  return `${first.subject} is ${rank}: ${textOf(first.measure)} (${values(rest)}).`;
}

function values(known: readonly Known[]): string {
  return known.map(({ subject, measure }) => `${subject} ${textOf(measure)}`).join(", ");
}

function superlative(word: string): string {
  if (word.startsWith("more ")) return word.replace("more", "most");
  return word.startsWith("less ") ? word.replace("less", "least") : word.replace(/r$/, "st");
}
