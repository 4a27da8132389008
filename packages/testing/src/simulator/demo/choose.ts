import { meaningsOf } from "./concepts.js";
import type { Question } from "./question.js";
import { slotOf, wantsPlace } from "./slots.js";
import type { KnownTool } from "./tools.js";
import { isEmptyWord, meaningfulStems, stem, stems } from "./words.js";

/** Tools that change something are called only if their verb was said. */
const actions = new Set(
  `send create add delete remove update set cancel book buy order pay transfer post write complete mark schedule move
  rename upload deploy run execute reply publish invite assign close save insert submit start stop turn`
    .split(/\s+/)
    .map(stem),
);

/** Tools that answer any question at all, if no other fits. */
const generalists = ["search", "lookup", "web", "knowledge", "answer", "wikipedia", "google", "retrieve", "browse"].map(stem);

/** How much a word counts, by where the tool uses it. */
const weights = { name: 3, description: 1, parameter: 1, hint: 0.4 };
/** A word that is only meant counts less than one that is said. */
const meantWeight = 0.6;

/**
 * The tools that a question asks for, the most fitting first; none if no tool fits. They are found by the words that
 * question and tool have in common, in the tool's name, its description and its parameters.
 */
export function chooseTools(tools: readonly KnownTool[], question: Question): KnownTool[] {
  const said = saidWords(question);
  const usages = tools.map((tool) => wordWeights(tool));
  const scored = tools
    .map((tool, index) => ({ tool, score: score(tool, usages[index] ?? new Map(), usages, said, question) }))
    .filter(({ tool, score: points }) => points >= 1.2 && mayAct(tool, said))
    .sort((left, right) => right.score - left.score);
  const top = scored[0]?.score ?? 0;
  const close = scored.filter(({ score: points }) => points >= 0.75 * top).map(({ tool }) => tool);
  if (close.length === 0) return generalist(tools, question);
  // "Add milk to my todo list" means the tool that adds, although the one that lists has as many words of it.
  const acting = close.filter(isAction);
  return acting.length > 0 ? acting.slice(0, 1) : close.slice(0, 3);
}

export function isAction(tool: KnownTool): boolean {
  return actions.has(tool.nameStems[0] ?? "");
}

/** Each word of the question and each that it means, with its weight. The names in it are not what it is about. */
function saidWords({ words, places }: Question): Map<string, number> {
  const names = new Set(places.flatMap(({ name, country = "" }) => stems(`${name} ${country}`)));
  const said = new Map<string, number>();
  for (const word of words) {
    if (names.has(word)) continue;
    for (const meant of meaningsOf(word)) said.set(meant, Math.max(said.get(meant) ?? 0, meantWeight));
  }
  for (const word of words) if (!isEmptyWord(word) && !names.has(word)) said.set(word, 1);
  return said;
}

function wordWeights(tool: KnownTool): Map<string, number> {
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

function score(
  tool: KnownTool,
  own: ReadonlyMap<string, number>,
  all: readonly ReadonlyMap<string, number>[],
  said: ReadonlyMap<string, number>,
  question: Question,
): number {
  let points = 0;
  for (const [word, saidWeight] of said) {
    const weight = own.get(word);
    // A word that many tools use tells them apart less.
    if (weight) points += (saidWeight * weight) / Math.sqrt(all.filter((usage) => (usage.get(word) ?? 0) >= 1).length || 1);
  }
  return points === 0 ? 0 : (points + fitness(tool, question)) * timeliness(own, question);
}

/** What the question brings along and the tool has a place for. */
function fitness(tool: KnownTool, question: Question): number {
  const slots = tool.parameters.map(({ name, schema }) => slotOf(name, schema, `${tool.name} ${tool.description}`));
  const numeric = tool.parameters.filter(({ required, schema }) => required && /number|integer/.test(String(schema["type"])));
  const takesPlace = question.places.length > 0 && slots.some(wantsPlace);
  const takesNumbers = numeric.length > 0 && question.numbers.length >= numeric.length;
  const takesEmail = question.emails.length > 0 && slots.some(({ schema, name }) => /mail/.test(`${schema["format"]} ${name}`));
  return [takesPlace, takesNumbers, takesEmail].filter(Boolean).length;
}

/** A question about tomorrow is not for a tool that knows the present, nor the other way round. */
function timeliness(own: ReadonlyMap<string, number>, { span, text }: Question): number {
  const isForNow = (own.get("current") ?? own.get("now") ?? 0) >= 1;
  const isForLater = (own.get("forecast") ?? 0) >= 1;
  const asksLater = span ? span.offset + span.days > 1 : /\b(?:will|going to|later)\b/i.test(text);
  const asksNow = /\b(?:now|currently|at the moment)\b/i.test(text);
  return (asksLater && isForNow && !isForLater) || (asksNow && isForLater && !isForNow) ? 0.5 : 1;
}

function mayAct(tool: KnownTool, said: ReadonlyMap<string, number>): boolean {
  return !isAction(tool) || said.has(tool.nameStems[0] ?? "");
}

function generalist(tools: readonly KnownTool[], { text }: Question): KnownTool[] {
  const asks = /\?|^\s*(?:who|what|where|when|why|how|which|search|find|look|tell)\b/i.test(text);
  const found = tools.find((tool) => tool.nameStems.some((word) => generalists.includes(word)));
  return asks && found ? [found] : [];
}
