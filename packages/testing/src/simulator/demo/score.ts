import { meaningsOf } from "./concepts.js";
import type { Question } from "./question.js";
import { type KnownTool, takesPlaces } from "./tools.js";
import { isEmptyWord, meaningfulStems, plain, stem, stems } from "./words.js";

/** How much a word counts, by where the tool uses it. */
const weights = { name: 3, description: 1, parameter: 1, hint: 0.4 };
/** A word that is only meant counts less than one that is said, and a verb that fits any tool hardly. */
const meantWeight = 0.6;
const commonVerbWeight = 0.4;
const commonVerbs = new Set(
  ["find", "search", "look", "list", "check", "fetch", "read", "query", "compare"].map(stem),
);

type Weights = ReadonlyMap<string, number>;

/** How well each tool fits a question, by the words that they share; 0 where they share none. */
export function scores(tools: readonly KnownTool[], question: Question): number[] {
  const said = saidWords(question);
  const usages = tools.map(wordWeights);
  // "Who" means to find something out, and yet no tool that finds places.
  const aboutPlaces = new Map(
    [...said].filter(([word]) => question.words.has(word) || !commonVerbs.has(word)),
  );
  return tools.map((tool, index) => {
    const own = usages[index] ?? new Map();
    const points = sharedPoints(own, usages, takesPlaces(tool) ? aboutPlaces : said);
    return points === 0 ? 0 : (points + fitness(tool, question)) * timeliness(tool, question);
  });
}

/** Each word of the question and each that it means, with its weight. The names in it are not what it is about. */
export function saidWords(question: Question): Weights {
  const names = nameStems(question);
  const said = new Map<string, number>();
  for (const word of question.words) {
    if (names.has(word)) continue;
    for (const meant of meaningsOf(word)) said.set(meant, meantWeight);
  }
  if (asksLater(question)) for (const word of meaningsOf("tomorrow")) said.set(word, meantWeight);
  for (const word of question.words) {
    if (!isEmptyWord(word) && !names.has(word)) said.set(word, commonVerbs.has(word) ? commonVerbWeight : 1);
  }
  return said;
}

/** Whether a question has a subject beside the names in it. */
export function hasTopic(question: Question): boolean {
  const names = nameStems(question);
  return [...question.words].some((word) => !names.has(word) && !isEmptyWord(word) && !commonVerbs.has(word));
}

/** Whether a question is made of names of places and nothing else, not even an article. */
export function saysOnlyPlaces(question: Question): boolean {
  const names = nameStems(question);
  return [...question.words].every((word) => names.has(word));
}

/** 1, or a quarter of it for a tool that knows the present when the question is about tomorrow, and the other way round. */
export function timeliness(tool: KnownTool, question: Question): number {
  const own = wordWeights(tool);
  const isForNow = Math.max(own.get("current") ?? 0, own.get("now") ?? 0) >= 1;
  const isForLater = (own.get("forecast") ?? 0) >= 1;
  const asksNow = /\b(?:now|currently|at the moment)\b/i.test(question.topic);
  const wrong = (asksLater(question) && isForNow && !isForLater) || (asksNow && isForLater && !isForNow);
  return wrong ? 0.25 : 1;
}

function nameStems({ places }: Question): Set<string> {
  return new Set(places.flatMap(({ name, country = "" }) => stems(`${name} ${country}`)));
}

function wordWeights(tool: KnownTool): Weights {
  const found = new Map<string, number>();
  const note = (text: string, weight: number): void => {
    for (const word of meaningfulStems(text)) found.set(word, Math.max(found.get(word) ?? 0, weight));
  };
  for (const { name, description } of tool.parameters) {
    note(description, weights.hint);
    note(name, weights.parameter);
  }
  note(tool.description, weights.description);
  note(tool.name, weights.name);
  return found;
}

function sharedPoints(own: Weights, all: readonly Weights[], said: Weights): number {
  let points = 0;
  for (const [word, saidWeight] of said) {
    const weight = own.get(word) ?? 0;
    // A word that many tools use tells them apart less.
    const users = all.filter((usage) => (usage.get(word) ?? 0) >= 1).length;
    points += (saidWeight * weight) / Math.sqrt(Math.max(users, 1));
  }
  return points;
}

/** One more for each kind of thing that the question brings along and the tool has a place for. */
function fitness(tool: KnownTool, { places, numbers, emails, text }: Question): number {
  const numeric = tool.parameters.filter(
    ({ required, schema }) => required && (schema.type === "number" || schema.type === "integer"),
  );
  const uses = [
    places.length > 0 && takesPlaces(tool),
    numeric.length > 0 && numbers.length >= numeric.length,
    emails.length > 0 && tool.parameters.some(({ name, schema }) => /mail/.test(`${name} ${schema.format}`)),
  ];
  return uses.filter(Boolean).length + (saysPlural(tool, text) ? 0.5 : 0);
}

/** "Which orders" is rather for `list_orders` than for `get_order`. */
function saysPlural({ name }: KnownTool, text: string): boolean {
  const plurals = plain(name).match(/[a-z]{3,}s(?![a-z])/g) ?? [];
  return plurals.some((word) => new RegExp(String.raw`\b${word}\b`).test(plain(text)));
}

function asksLater({ span, topic }: Question): boolean {
  return span ? span.offset + span.days > 1 : /\b(?:will|going to|later)\b/i.test(topic);
}
