import type { Question } from "./question.js";
import { hasTopic, saidWords, saysOnlyPlaces, scores, timeliness } from "./score.js";
import { supplies } from "./suppliers.js";
import { actionOf, type KnownTool, takesPlaces } from "./tools.js";
import { stem } from "./words.js";

/** What a tool must reach to be thought of: one word in its name, or a word elsewhere and something to fill it with. */
const leastScore = 1.2;

/** Tools that answer any question at all, if no other fits. */
const generalists = "search lookup web knowledge answer wikipedia google retrieve browse"
  .split(" ")
  .map(stem);

/**
 * The tools that a question asks for, the most fitting first; none if no tool fits. They are found by the words that
 * question and tool have in common, in the tool's name, its description and its parameters.
 */
export function chooseTools(tools: readonly KnownTool[], question: Question): KnownTool[] {
  const said = saidWords(question);
  const points = scores(tools, question);
  const scored = tools
    .map((tool, index) => ({ tool, score: points[index] ?? 0 }))
    .filter(({ tool, score }) => score >= leastScore && mayAct(tool, said))
    .sort((left, right) => right.score - left.score);
  const top = scored[0]?.score ?? 0;
  const close = scored.filter(({ score }) => score >= 0.75 * top).map(({ tool }) => tool);
  if (close.length === 0) return aboutPlaces(tools, question) ?? generalist(tools, question);
  // "Add milk to my todo list" means the tool that adds, although the one that lists has as many words of it.
  const acting = close.filter((tool) => actionOf(tool) !== undefined);
  if (acting.length > 0) return acting.slice(0, 1);
  const isClear = top > (scored[1]?.score ?? 0);
  return (isClear ? withoutDependents(close) : withoutSuppliers(close)).slice(0, 3);
}

/** A tool that changes something is called only if its verb was said. */
function mayAct(tool: KnownTool, said: ReadonlyMap<string, number>): boolean {
  const action = actionOf(tool);
  return action === undefined || said.has(action);
}

/** A tool that only finds what another one needs is called when the other one needs it. */
function withoutSuppliers(tools: readonly KnownTool[]): KnownTool[] {
  return tools.filter((tool) => !tools.some((other) => helps(tool, other) && !helps(other, tool)));
}

/** Where the first tool fits best by itself, what it could help with is not asked for: `list_orders`, not each order. */
function withoutDependents(tools: readonly KnownTool[]): KnownTool[] {
  const [first, ...others] = tools;
  if (!first) return [];
  const independent = others.filter((tool) => !helps(first, tool) || helps(tool, first));
  return [first, ...withoutSuppliers([first, ...independent]).filter((tool) => tool !== first)];
}

function helps(tool: KnownTool, other: KnownTool): boolean {
  return supplies(tool, other, requiredNames(other)) > 0;
}

function requiredNames({ parameters }: KnownTool): string[] {
  return parameters.filter(({ required }) => required).map(({ name }) => name);
}

/** "Compare Oslo and Lima" says nothing but the places: what there is to know about them is meant. */
function aboutPlaces(tools: readonly KnownTool[], question: Question): KnownTool[] | undefined {
  const { places } = question;
  if (places.length === 0 || hasTopic(question)) return undefined;
  // "Lillehammer" alone is a place, in small letters too; in "Tell me a joke" nothing says that "joke" is one.
  if (places.every(({ isGuess }) => isGuess === true) && !saysOnlyPlaces(question)) return undefined;
  const able = tools.filter((tool) => actionOf(tool) === undefined && takesPlaces(tool));
  const found = withoutSuppliers(able).filter((tool) => timeliness(tool, question) === 1);
  return found.length > 0 ? found.slice(0, 2) : undefined;
}

function generalist(tools: readonly KnownTool[], { text }: Question): KnownTool[] {
  const asks = /\?|^\s*(?:who|what|where|when|why|how|which|search|find|look|tell)\b/i.test(text);
  const found = tools.find((tool) => tool.nameStems.some((word) => generalists.includes(word)));
  return asks && found ? [found] : [];
}
