import { chooseTools, isAction } from "./choose.js";
import type { PastCall, Turn } from "./conversation.js";
import { type Facts, objectsIn } from "./facts.js";
import { fillInput } from "./fill.js";
import { canonical } from "./fits.js";
import type { Place } from "./places.js";
import type { Question } from "./question.js";
import { correctedInputs } from "./repair.js";
import { type Material, slotOf, wantsPlace } from "./slots.js";
import type { KnownTool, Parameter } from "./tools.js";
import { plain, stem, stems } from "./words.js";

export interface NextCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What is to be done about a question. */
export interface Plan {
  /** The tools that the question asks for. */
  readonly targets: readonly KnownTool[];
  /** The calls to make now, all at once; none when there is nothing left to find out. */
  readonly calls: readonly NextCall[];
  /** What a tool would have to be told and nobody knows. */
  readonly missing: readonly { readonly tool: string; readonly parameters: readonly string[] }[];
}

/** More rounds than a sensible chain has: whatever the results say, there is an end. */
const maxRounds = 8;

/** Decides what to call next, from the question and from what earlier calls brought. Pure. */
export function planCalls(tools: readonly KnownTool[], question: Question, turn: Turn): Plan {
  const targets = chooseTools(tools, question);
  if (turn.rounds >= maxRounds) return { targets, calls: [], missing: [] };
  const wanted: NextCall[] = [];
  const missing: { tool: string; parameters: readonly string[] }[] = [];
  for (const target of targets) {
    for (const subject of subjectsFor(target, question)) {
      const next = callFor(target, subject, { tools, question, turn });
      if ("missing" in next) missing.push({ tool: target.name, parameters: next.missing });
      else wanted.push(...next.calls);
    }
  }
  const made = new Set(turn.calls.map(keyOf));
  const calls = [...wanted, ...corrections(tools, turn)].filter((call) => !made.has(keyOf(call)));
  return { targets, calls: distinct(calls), missing };
}

interface Surroundings {
  readonly tools: readonly KnownTool[];
  readonly question: Question;
  readonly turn: Turn;
}

/** One call for each place, unless the tool takes several places at once; one for each pair of numbers, and so on. */
function subjectsFor(target: KnownTool, question: Question): { places: readonly Place[]; question: Question }[] {
  const slots = target.parameters.filter((parameter) => wantsPlace(slot(target, parameter)));
  const takesAll = slots.some(({ schema }) => schema["type"] === "array") || slots.filter(isScalar).length > 1;
  const { places, numbers } = question;
  if (places.length > 0) {
    return takesAll ? [{ places, question }] : places.map((place) => ({ places: [place], question }));
  }
  const needed = target.parameters.filter(({ required }) => required);
  const arity = needed.length;
  const numeric = arity > 0 && needed.every(({ schema }) => schema["type"] === "number" || schema["type"] === "integer");
  if (!numeric || numbers.length <= arity || numbers.length % arity !== 0) return [{ places: [], question }];
  return Array.from({ length: numbers.length / arity }, (_, index) => ({
    places: [],
    question: { ...question, numbers: numbers.slice(index * arity, (index + 1) * arity) },
  }));
}

/** The call itself if everything for it is known, else the calls that may find out what is not. */
function callFor(
  target: KnownTool,
  subject: { places: readonly Place[]; question: Question },
  surroundings: Surroundings,
): { calls: readonly NextCall[] } | { missing: readonly string[] } {
  const facts = factsAbout(target, subject.places, surroundings);
  const filled = fill(target, { ...subject, facts });
  if (filled.ok) return { calls: [{ name: target.name, input: filled.input }] };
  const suppliers = suppliersOf(target, filled.missing, { ...subject, facts: [] }, surroundings);
  return suppliers.length > 0 ? { calls: suppliers } : { missing: filled.missing };
}

function fill(tool: KnownTool, material: Material): ReturnType<typeof fillInput> {
  return fillInput(tool.schema, plain(`${tool.name} ${tool.description}`), material);
}

/** Objects out of the results that belong to a subject: those of the calls that name it, else of all calls. */
function factsAbout(target: KnownTool, places: readonly Place[], { turn, question }: Surroundings): Facts[] {
  const done = turn.calls.filter((call) => call.result && !call.result.isError && call.name !== target.name);
  const subject = places[0];
  const about = subject && question.places.length > 1 ? done.filter((call) => concerns(call, subject, turn, question)) : done;
  const objects = about.flatMap((call) => objectsIn(call.result?.value));
  // Of several finds, the one whose own words were said is meant: the todo called "buy milk", the Paris in Texas.
  return objects
    .map((object) => ({ object, hits: hits(object, question) }))
    .sort((left, right) => right.hits - left.hits)
    .map(({ object }) => object);
}

function hits(object: Facts, { words }: Question): number {
  const texts = Object.values(object).filter((value) => typeof value === "string");
  return new Set(texts.flatMap(stems).filter((word) => words.has(word))).size;
}

/** Whether a call was made for a place: it names the place, or it corrects a call that did. */
export function concerns(call: PastCall, place: Place, turn: Turn, question: Question): boolean {
  const names = (input: unknown, { name }: Place): boolean => plain(JSON.stringify(input) ?? "").includes(plain(name));
  if (names(call.input, place)) return true;
  if (question.places.some((other) => names(call.input, other))) return false;
  const failed = turn.calls.filter(({ name, round, result }) => {
    return name === call.name && round === call.round - 1 && result?.isError === true;
  });
  const peers = turn.calls.filter(({ name, round }) => name === call.name && round === call.round);
  const original = failed[peers.indexOf(call)];
  return original !== undefined && names(original.input, place);
}

/**
 * Calls to tools that may know what is missing: their name or description speaks of it, they change nothing, and all
 * that they need is known.
 */
function suppliersOf(
  target: KnownTool,
  missing: readonly string[],
  material: Material,
  { tools, turn }: Surroundings,
): NextCall[] {
  const wanted = new Set(missing.flatMap(relatedStems));
  const hint = plain(missing.map((name) => target.parameters.find((parameter) => parameter.name === name)?.description).join(" "));
  const made = new Set(turn.calls.map(keyOf));
  const able = tools
    .filter((tool) => tool !== target && !isAction(tool))
    .map((tool) => ({ tool, points: speaksOf(tool, wanted) + (hint.includes(plain(tool.name)) ? 5 : 0) }))
    .filter(({ points }) => points > 0)
    .sort((left, right) => right.points - left.points);
  for (const { tool } of able) {
    const filled = fill(tool, material);
    if (!filled.ok) continue;
    const call = { name: tool.name, input: filled.input };
    if (!made.has(keyOf(call))) return [call];
  }
  return [];
}

function relatedStems(name: string): string[] {
  const words = stems(name).filter((word) => word !== "id");
  const isCoordinate = words.some((word) => ["latitude", "longitude", "lat", "lon", "lng"].includes(word));
  const coordinates = ["place", "location", "geocode", "coordinate", "city", "position"].map(stem);
  return isCoordinate ? [...words, ...coordinates] : words;
}

function speaksOf(tool: KnownTool, wanted: ReadonlySet<string>): number {
  const described = new Set(stems(tool.description));
  const named = new Set(stems(tool.name));
  return [...wanted].reduce((points, word) => points + (named.has(word) ? 2 : 0) + (described.has(word) ? 1 : 0), 0);
}

/** Another try for each call of the last round that failed, unless its tool has failed before. */
function corrections(tools: readonly KnownTool[], turn: Turn): NextCall[] {
  const failed = turn.calls.filter((call) => call.result?.isError === true);
  const made = new Set(turn.calls.map(keyOf));
  return failed.flatMap((call) => {
    const tool = tools.find(({ name }) => name === call.name);
    const triedBefore = failed.some(({ name, round }) => name === call.name && round < call.round);
    if (!tool || call.round !== turn.rounds - 1 || triedBefore) return [];
    const inputs = correctedInputs(tool, call.input, call.result?.text ?? "");
    const input = inputs.find((candidate) => !made.has(keyOf({ name: call.name, input: candidate })));
    return input ? [{ name: call.name, input }] : [];
  });
}

function distinct(calls: readonly NextCall[]): NextCall[] {
  return [...new Map(calls.map((call) => [keyOf(call), call])).values()];
}

function keyOf({ name, input }: { readonly name: string; readonly input: unknown }): string {
  return `${name} ${canonical(input)}`;
}

function slot(tool: KnownTool, { name, schema }: Parameter): ReturnType<typeof slotOf> {
  return slotOf(name, schema, plain(`${tool.name} ${tool.description}`));
}

function isScalar({ schema }: Parameter): boolean {
  return schema["type"] !== "array";
}
