import { isRecord } from "../json-schema/schema.js";
import type { PastCall, Turn } from "./conversation.js";
import { type Facts, objectsIn } from "./facts.js";
import type { NamedPlace } from "./places.js";
import type { Question } from "./question.js";
import { actionOf, type KnownTool, takesPlaces, takesPlacesTogether } from "./tools.js";
import { plain, stems } from "./words.js";

/** What one call is about: a part of the question. */
export interface Subject {
  readonly places: readonly NamedPlace[];
  readonly question: Question;
}

/** One for each place, unless the tool takes several places at once; one for each pair of numbers, and so on. */
export function subjectsFor(target: KnownTool, question: Question): Subject[] {
  const { places, numbers } = question;
  if (places.length > 0 && takesPlaces(target)) {
    return takesPlacesTogether(target)
      ? [{ places, question }]
      : places.map((place) => ({ places: [place], question }));
  }
  const needed = target.parameters.filter(({ required }) => required);
  const isNumeric = needed.every(({ schema }) => schema.type === "number" || schema.type === "integer");
  const groups = isNumeric && needed.length > 0 ? numbers.length / needed.length : 0;
  if (groups <= 1 || !Number.isInteger(groups)) return [{ places: [], question }];
  return Array.from({ length: groups }, (_, index) => ({
    places: [],
    question: { ...question, numbers: numbers.slice(index * needed.length, (index + 1) * needed.length) },
  }));
}

/**
 * Objects out of earlier results that a call for this subject may take values from, the most fitting first.
 * `targets` are the tools that the question itself asks for.
 */
export function factsFor(
  target: KnownTool,
  { places, question }: Subject,
  targets: readonly KnownTool[],
  turn: Turn,
): Facts[] {
  const done = turn.calls.filter((call) => call.result && !call.result.isError && call.name !== target.name);
  const place = places[0];
  const isOneOfMany = place !== undefined && question.places.length > 1;
  const about = isOneOfMany ? done.filter((call) => concerns(call, place, turn, question)) : done;
  const found = about.flatMap((call) => {
    // What a tool was called for to supply goes before what the other tools happen to say of the same thing:
    // else a later result would change the input of a call that was made, and it would be made again.
    const isAnswer = targets.some(({ name }) => name === call.name);
    return objectsIn(call.result?.value).map((object) => ({
      object,
      isAnswer,
      hits: hits(object, question),
    }));
  });
  // Of several finds, the one whose own words were said is meant: the todo called "buy milk", the Paris in Texas.
  const sorted = found.toSorted(
    (left, right) => Number(left.isAnswer) - Number(right.isAnswer) || right.hits - left.hits,
  );
  // To change just any of several things would do harm.
  const mustBeMeant = actionOf(target) !== undefined && sorted.length > 1;
  return sorted.filter((fact) => !mustBeMeant || fact.hits > 0).map(({ object }) => object);
}

function hits(object: Facts, { words }: Question): number {
  const texts = Object.values(object).filter((value) => typeof value === "string");
  return new Set(texts.flatMap(stems).filter((word) => words.has(word))).size;
}

/** Whether a call was made for a place: it names the place, or it corrects a call that did. */
function concerns(call: PastCall, place: NamedPlace, turn: Turn, question: Question): boolean {
  if (names(call.input, place)) return true;
  if (question.places.some((other) => names(call.input, other))) return false;
  const failed = turn.calls.filter(
    ({ name, round, result }) => name === call.name && round === call.round - 1 && result?.isError === true,
  );
  const peers = turn.calls.filter(({ name, round }) => name === call.name && round === call.round);
  const original = failed[peers.indexOf(call)];
  return original !== undefined && names(original.input, place);
}

function names(input: unknown, { name }: NamedPlace): boolean {
  return plain(JSON.stringify(input) ?? "").includes(plain(name));
}

/** The place or places a call was for, by its input or, where that has only numbers, by what they were taken from. */
export function placesOf(call: PastCall, turn: Turn, question: Question): readonly NamedPlace[] {
  const named = question.places.filter((place) => concerns(call, place, turn, question));
  if (named.length > 0 || question.places.length < 2) return named.length > 0 ? named : question.places;
  const source = turn.calls.find(
    (other) =>
      other.round < call.round &&
      objectsIn(other.result?.value).some((object) => isTakenFrom(call.input, object)),
  );
  return source ? question.places.filter((place) => concerns(source, place, turn, question)) : [];
}

/** Whether an input agrees with a result in all the names that they share. */
function isTakenFrom(input: unknown, object: Facts): boolean {
  const shared = Object.entries(isRecord(input) ? input : {}).filter(([name]) => Object.hasOwn(object, name));
  return shared.length > 0 && shared.every(([name, value]) => object[name] === value);
}
