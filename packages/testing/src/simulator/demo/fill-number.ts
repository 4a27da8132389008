import type { Schema } from "../json-schema/schema.js";
import { isoDate } from "./dates.js";
import type { SaidNumber } from "./numbers.js";
import { hasWord, type Material, type Slot } from "./slots.js";
import { isEmptyWord, stem, stems } from "./words.js";

/** Hands out the numbers of a question, each once, so that `add(a, b)` does not get the same one twice. */
export class NumberSupply {
  readonly #left: SaidNumber[];

  constructor(numbers: readonly SaidNumber[]) {
    this.#left = [...numbers];
  }

  /** The first number that is acceptable and has not been given out. */
  take(accepts: (number: SaidNumber) => boolean): number | undefined {
    const index = this.#left.findIndex(accepts);
    return index === -1 ? undefined : this.#left.splice(index, 1)[0]?.value;
  }

  takeAll(): number[] {
    return this.#left.splice(0).map(({ value }) => value);
  }
}

/** A number that the question gives for this slot in particular, by its name or by the words beside the number. */
export function saidNumber(
  slot: Slot,
  { question }: Material,
  supply: NumberSupply,
  accepts: (value: unknown) => boolean,
): number | undefined {
  if (countsDays(slot)) {
    // The days are counted from today: tomorrow is within two, and the weekend within however far it is.
    const { span } = question;
    return span && limited(Math.max(1, span.offset + span.days), slot);
  }
  if (isCoordinate(slot)) return coordinate(slot, question.text);
  if (hasWord(slot, "year", "month") && question.span) {
    const [year, month] = isoDate(question.now, question.span.offset).split("-");
    return Number(hasWord(slot, "year") ? year : month);
  }
  return supply.take((number) => accepts(number.value) && isAbout(number, slot));
}

/** A number for a slot that must have one: the next that is left, or what is usual for its kind. */
export function assumedNumber(
  slot: Slot,
  supply: NumberSupply,
  accepts: (value: unknown) => boolean,
): number | undefined {
  if (countsDays(slot)) return limited(3, slot);
  if (isCoordinate(slot)) return undefined;
  return supply.take(({ value }) => accepts(value)) ?? (countsResults(slot) ? limited(5, slot) : undefined);
}

function countsDays(slot: Slot): boolean {
  return hasWord(slot, "day", "horizon") && !/\bhour/.test(slot.hint);
}

function countsResults(slot: Slot): boolean {
  return hasWord(slot, "limit", "count", "max", "top", "size", "n", "page");
}

export function isCoordinate(slot: Slot): boolean {
  return hasWord(slot, "latitude", "lat", "longitude", "lon", "lng", "long");
}

function coordinate(slot: Slot, text: string): number | undefined {
  const [, latitude, longitude] = /(-?\d{1,2}\.\d+)[°\s]*,\s*(-?\d{1,3}\.\d+)/.exec(text) ?? [];
  const said = hasWord(slot, "latitude", "lat") ? latitude : longitude;
  return said === undefined ? undefined : Number(said);
}

/** `5 guests` is about `guests`, `limit 5` about `limit`, `top 3` about anything that counts results. */
function isAbout({ before, after }: SaidNumber, slot: Slot): boolean {
  const beside = [before, after].flatMap(stems).filter((word) => !isEmptyWord(word));
  const hints = new Set([...slot.words, ...slot.hint.split(/\W+/).map(stem)]);
  if (beside.some((word) => hints.has(word))) return true;
  return countsResults(slot) && beside.some((word) => ["top", "first", "last", "result"].includes(word));
}

function limited(value: number, { schema }: Slot): number {
  const { minimum, maximum } = schema;
  const least = typeof minimum === "number" ? Math.max(value, minimum) : value;
  return typeof maximum === "number" ? Math.min(least, maximum) : least;
}

/** A number within the bounds of a schema, for a slot of which nothing is known. */
export function plainNumber(schema: Schema, accepts: (value: unknown) => boolean): number | undefined {
  const {
    minimum = 1,
    exclusiveMinimum = 0,
    maximum = 1,
    exclusiveMaximum = 2,
    multipleOf = 1,
  } = schema as Record<string, number>;
  const bounds = [
    minimum,
    maximum,
    exclusiveMinimum + 1,
    exclusiveMaximum - 1,
    (exclusiveMinimum + exclusiveMaximum) / 2,
  ];
  const up = (value: number): number => Math.ceil(value / multipleOf) * multipleOf;
  const down = (value: number): number => Math.floor(value / multipleOf) * multipleOf;
  return [1, 0, multipleOf, ...bounds, ...bounds.map(up), ...bounds.map(down)].find(accepts);
}
