import { readDates, type Span } from "./dates.js";
import { readExpression, readNumbers, type SaidNumber } from "./numbers.js";
import { type NamedPlace, readNames, readPlaces } from "./places.js";
import { readUnits } from "./units.js";
import { beginning, stem, stems } from "./words.js";

/** What can be read out of a question without knowing anything. */
export interface Question {
  readonly text: string;
  /** The text, and before it the one that it goes on from: what it is all about. */
  readonly topic: string;
  /** The stems of all its words. */
  readonly words: ReadonlySet<string>;
  readonly places: readonly NamedPlace[];
  readonly names: readonly string[];
  readonly numbers: readonly SaidNumber[];
  readonly span?: Span;
  readonly quoted: readonly string[];
  readonly emails: readonly string[];
  readonly urls: readonly string[];
  /** `14:30`, on a clock of 24 hours. */
  readonly times: readonly string[];
  /** Words with both letters and digits, or after a `#`: order numbers, ids. */
  readonly codes: readonly string[];
  /** Three capital letters, as in `USD`. */
  readonly currencies: readonly string[];
  /** Units of temperature: `celsius`, `fahrenheit`, `kelvin`. */
  readonly units: readonly string[];
  readonly expression?: string;
  /** What is asked for, without the asking: `the population of Norway`. */
  readonly subject: string;
  /** What is to be written down: `buy milk`. */
  readonly object: string;
  /** What is to be said to somebody. */
  readonly message?: string;
  /** When it was asked, in milliseconds since the epoch. */
  readonly now: number;
}

/** Reads a question. `vocabulary` holds the stems that the tools use, which are subjects and not names. Pure. */
export function understand(said: string, vocabulary: ReadonlySet<string>, now: number): Question {
  // Nobody asks a question that long; what comes after is material, and reading it word by word would take its time.
  const text = beginning(said, 4_000);
  const quoted = all(text, /["“«]([^"”»]+)["”»]|(?<![\p{L}\p{N}])'([^']+)'(?![\p{L}\p{N}])/gu);
  const emails = all(text, /([\w.+-]+@[\w-]+\.[\w.-]*\w)/g);
  const urls = all(text, /(\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]*[^\s"'<>).,?!])/gi);
  const bare = without(text, [...urls, ...emails]);
  const { units, rest: unitless } = readUnits(without(bare, quoted));
  const { span, rest } = readDates(unitless, now);
  const times = readTimes(rest);
  const codes = all(rest, /(?<![\w-])#?((?=[\w-]*\d)(?=[\w-]*\p{L})[\w-]{3,}|(?<=#)\d+)(?![\w-])/gu);
  const expression = readExpression(without(text, quoted));
  const message = readMessage(text, quoted);
  return {
    text,
    topic: text,
    words: new Set([...stems(text), ...operationsIn(expression ?? "")]),
    places: readPlaces(rest, vocabulary),
    names: readNames(rest, vocabulary),
    numbers: readNumbers(without(rest, [...times.map(({ said }) => said), ...codes])),
    ...(span && { span }),
    quoted,
    emails,
    urls,
    times: times.map(({ time }) => time),
    codes,
    currencies: all(text, /\b([A-Z]{3})\b/g),
    units,
    ...(expression !== undefined && { expression }),
    subject: readSubject(text),
    object: quoted[0] ?? readObject(readDates(text, now).rest.replace(/\s*\|\s*/g, " ")),
    ...(message !== undefined && { message }),
    now,
  };
}

/** A question that only makes sense after another ("and in Bergen?") takes from it what it leaves out. */
export function continued(question: Question, earlier: Question): Question {
  const span = question.span ?? earlier.span;
  return {
    ...question,
    topic: `${earlier.topic}\n${question.text}`,
    words: new Set([...question.words, ...earlier.words]),
    places: question.places.length > 0 ? question.places : earlier.places,
    numbers: question.numbers.length > 0 ? question.numbers : earlier.numbers,
    units: question.units.length > 0 ? question.units : earlier.units,
    ...(span && { span }),
  };
}

const operations: readonly (readonly [sign: string, word: string])[] = [
  ["+", "plus"],
  ["-", "minus"],
  ["*", "times"],
  ["/", "divided"],
];

/** `17 + 25` says plus as well as `17 plus 25` does. */
function operationsIn(expression: string): string[] {
  return operations.filter(([sign]) => expression.includes(` ${sign} `)).map(([, word]) => stem(word));
}

function all(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([whole, ...groups]) => groups.find(Boolean) ?? whole);
}

function without(text: string, parts: readonly string[]): string {
  return parts.reduce((rest, part) => rest.replace(part, " | "), text);
}

function readTimes(text: string): { said: string; time: string }[] {
  const found = text.matchAll(/\b(\d{1,2})(?::(\d{2}))?\s*(am|pm)\b|\b(\d{1,2}):(\d{2})\b/gi);
  return Array.from(found, ([said, hour12, minute12, half, hour24, minute24]) => {
    const hour = hour24 ?? String((Number(hour12) % 12) + (half?.toLowerCase() === "pm" ? 12 : 0));
    return { said, time: `${hour.padStart(2, "0")}:${minute24 ?? minute12 ?? "00"}` };
  }).filter(({ time }) => time < "24");
}

const please = String.raw`(?:(?:please|hey|hi|hello|ok|okay|now|then|and|also)[,!]?\s+)*(?:(?:can|could|would|will) you\s+(?:please\s+)?)?`;

function readSubject(text: string): string {
  const asking = `(?:what(?:'s| is| are| was)|who(?:'s| is| was)|where(?:'s| is| are)|tell me(?: about)?|show(?: me)?|give me|search(?: the web)?(?: for)?|look up|look for|find(?: me| out)?|google|i want to know)`;
  return trimmed(text.replace(new RegExp(`^${please}(?:${asking}\\s+)?`, "i"), ""), text);
}

const objectPatterns: readonly RegExp[] = [
  /\bremind me (?:to|about|that)\s+(.+)/i,
  /\b(?:called|named|titled)\s+(.+)/i,
  /\b(?:task|todo|item|note|reminder|entry)\s*(?:to|for|that says|saying|:)\s*(.+)/i,
  /\b(?:add|put|create|write down|save|note|remember|insert|append|make)\s+(?:(?:a|an|the|new)\s+)*(.+?)\s+(?:to|on|in|into|onto)\s+(?:my|the|our)\s/i,
  /\b(?:add|put|create|write down|save|note|remember|insert|append|make|complete|finish|delete|remove|mark|order|buy)\s+(?:(?:a|an|the|new|that)\s+)*(.+)/i,
];

function readObject(text: string): string {
  for (const pattern of objectPatterns) {
    const said = pattern.exec(text)?.[1];
    if (said) return trimmed(said, text);
  }
  return readSubject(text);
}

function readMessage(text: string, quoted: readonly string[]): string | undefined {
  const said =
    /\b(?:saying|that says|say|telling \w+|with the (?:message|text|body)|about)\s+(?:that\s+)?(.+)/i.exec(
      text,
    )?.[1];
  return quoted[0] ?? (said && trimmed(said, said));
}

/** Without the full stop of the sentence; what is left of nothing is the whole. */
function trimmed(text: string, whole: string): string {
  return (
    text
      .trim()
      .replace(/[\s?.!,;:]+$/u, "")
      .replace(/^["'“]|["'”]$/gu, "") || whole.trim()
  );
}
