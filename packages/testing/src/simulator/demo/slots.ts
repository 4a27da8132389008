import type { Schema } from "../json-schema/schema.js";
import { isoDate } from "./dates.js";
import { isCountry } from "./gazetteer.js";
import type { NamedPlace } from "./places.js";
import type { Question } from "./question.js";
import { plain, stems } from "./words.js";

/** A parameter that wants a value, with everything that tells what kind of value. */
export interface Slot {
  readonly name: string;
  readonly words: ReadonlySet<string>;
  /** Its own description, in plain letters. */
  readonly hint: string;
  /** The name and description of the tool, in plain letters. */
  readonly context: string;
  readonly schema: Schema;
}

/** What there is to fill a slot with. */
export interface Material {
  readonly question: Question;
  /** The places this one call is about. */
  readonly places: readonly NamedPlace[];
  /** Objects out of earlier tool results, the most fitting first. */
  readonly facts: readonly Readonly<Record<string, unknown>>[];
}

/** A kind of text that a slot may want. */
interface Role {
  readonly name: string;
  readonly wanted: (slot: Slot) => boolean;
  /** What the question really says. */
  readonly said: (material: Material, slot: Slot) => readonly string[];
  /** What may be taken for it when the tool can't do without. */
  readonly assumed?: (material: Material, slot: Slot) => readonly string[];
}

export function slotOf(name: string, schema: Schema, context: string): Slot {
  const hint = typeof schema.description === "string" ? plain(schema.description) : "";
  return { name, words: new Set(stems(name)), hint, context, schema };
}

export function hasWord(slot: Slot, ...words: readonly string[]): boolean {
  return words.some((word) => slot.words.has(word));
}

function hasFormat(slot: Slot, ...formats: readonly string[]): boolean {
  return formats.includes(String(slot.schema.format));
}

const origins = ["from", "origin", "start", "source", "departure"];
const destinations = ["to", "destination", "end", "target", "arrival"];

const placeWords =
  "place location city town where address destination origin region area station airport venue".split(" ");
const travelHint =
  /flight|airport|airline|travel|journey|(?<![a-z])(?:fly|train|bus|ferry|coach|trip|route|ride)s?(?![a-z])/;

/** Whether it wants one end of a journey. */
export function isJourneysEnd(slot: Slot): boolean {
  return (
    hasWord(slot, ...origins, ...destinations) &&
    travelHint.test(slot.hint + slot.context) &&
    !/\btime\b/.test(slot.hint)
  );
}

const cabins = /\b(premium economy|economy|business|first(?= class))\b/g;
const placeHint = /\b(?:place|city|cities|town|location|village|geocod\w*)\b/;

/** In the order in which they are tried: the narrower kinds first. */
const roles: readonly Role[] = [
  {
    name: "email",
    wanted: (slot) =>
      hasFormat(slot, "email") ||
      hasWord(slot, "email", "mail", "recipient", "cc", "bcc") ||
      (hasWord(slot, "to") && /mail/.test(slot.hint + slot.context)),
    said: ({ question }) => question.emails,
  },
  {
    name: "url",
    wanted: (slot) => hasFormat(slot, "uri", "url") || hasWord(slot, "url", "uri", "link", "website"),
    said: ({ question }) => question.urls,
  },
  {
    name: "moment",
    wanted: (slot) => hasFormat(slot, "date-time") || hasWord(slot, "datetime", "timestamp"),
    said: ({ question }, slot) =>
      question.span || question.times[0]
        ? [`${dateFor(slot, question)}T${question.times[0] ?? "09:00"}:00Z`]
        : [],
    assumed: ({ question }) => [new Date(question.now).toISOString()],
  },
  {
    name: "date",
    wanted: (slot) =>
      hasFormat(slot, "date") ||
      hasWord(slot, "date", "deadline", "due", "when") ||
      (hasWord(slot, "day", "start", "end", "from", "until", "to", "departure", "arrival", "return") &&
        /\bdate|yyyy|\bday/.test(slot.hint)),
    said: ({ question }, slot) => (question.span ? [dateFor(slot, question)] : []),
    assumed: ({ question }) => [isoDate(question.now, 0)],
  },
  {
    name: "timezone",
    wanted: (slot) => hasWord(slot, "timezone", "tz") || (hasWord(slot, "time") && hasWord(slot, "zone")),
    said: ({ question, places }) => [
      ...Array.from(question.text.matchAll(/\b[A-Z][A-Za-z]+\/[A-Z][A-Za-z_/]+\b/g), ([zone]) => zone),
      ...places.flatMap(zoneOf),
    ],
    assumed: () => ["UTC"],
  },
  {
    name: "time",
    wanted: (slot) => hasFormat(slot, "time") || hasWord(slot, "time", "hour"),
    said: ({ question }) => question.times.flatMap((time) => [time, `${time}:00`, `${time}:00Z`]),
  },
  {
    name: "country",
    wanted: (slot) => hasWord(slot, "country", "nation"),
    said: ({ places }) => places.flatMap(({ name, country }) => country ?? (isCountry(name) ? name : [])),
  },
  {
    name: "currency",
    wanted: (slot) => /currenc|iso 4217/.test(slot.name + slot.hint) || slot.schema.pattern === "^[A-Z]{3}$",
    said: ({ question }, slot) => ordered(question.currencies, slot),
  },
  {
    name: "language",
    wanted: (slot) => hasWord(slot, "language", "lang", "locale"),
    said: ({ question }) => spokenLanguages(question.text),
  },
  {
    name: "unit",
    wanted: (slot) => hasWord(slot, "unit", "scale"),
    said: ({ question }, slot) => question.units.flatMap((unit) => unitTexts(unit, slot)),
    assumed: (_material, slot) =>
      /temperature|weather|forecast|celsius/.test(slot.hint + slot.context) ? unitTexts("celsius", slot) : [],
  },
  {
    name: "cabin",
    wanted: (slot) => hasWord(slot, "cabin", "class") && travelHint.test(slot.hint + slot.context),
    said: ({ question }) => Array.from(plain(question.text).matchAll(cabins), ([, cabin = ""]) => cabin),
    assumed: () => ["economy"],
  },
  {
    name: "place",
    wanted: (slot) =>
      hasWord(slot, ...placeWords) ||
      (hasWord(slot, "name", "query", "q", "from", "to", "search") &&
        placeHint.test(slot.hint || slot.context)) ||
      isJourneysEnd(slot),
    said: ({ question, places }, slot) => placeTexts(placeFor(slot, places, question), slot),
  },
  {
    name: "id",
    wanted: (slot) => hasWord(slot, "id", "identifier", "code", "sku", "ref", "reference", "uuid", "number"),
    said: ({ question }) => question.codes,
  },
  {
    name: "person",
    wanted: (slot) =>
      (hasWord(slot, "name") &&
        /\b(?:person|people|contact|user|customer|employee|colleague|friend)/.test(
          slot.hint + slot.context,
        )) ||
      hasWord(slot, "person", "user", "contact", "assignee", "customer", "author", "attendee", "recipient"),
    said: ({ question }) => question.names,
  },
  {
    name: "expression",
    wanted: (slot) => hasWord(slot, "expression", "formula", "calculation", "equation", "math"),
    said: ({ question }) => (question.expression === undefined ? [] : [question.expression]),
  },
  {
    name: "query",
    wanted: (slot) => hasWord(slot, "query", "q", "search", "keyword", "term", "topic", "question", "prompt"),
    said: ({ question }) => question.quoted,
    assumed: ({ question }) => [question.subject, question.text],
  },
  {
    name: "message",
    wanted: (slot) => hasWord(slot, "body", "message", "content", "text", "comment"),
    said: ({ question }) => (question.message === undefined ? [] : [question.message]),
    assumed: ({ question }) => [question.object],
  },
  {
    name: "title",
    wanted: (slot) =>
      hasWord(slot, "title", "name", "task", "item", "todo", "summary", "subject", "label", "note"),
    said: ({ question }) => question.quoted,
    assumed: ({ question }) => [firstWords(question.message ?? question.object)],
  },
];

const anyText: Role = {
  name: "text",
  wanted: () => true,
  said: ({ question }) => question.quoted,
  assumed: ({ question }) => [question.subject],
};

export function roleOf(slot: Slot): Role {
  return roles.find(({ wanted }) => wanted(slot)) ?? anyText;
}

function dateFor(slot: Slot, { span, now }: Question): string {
  const { offset = 0, days = 1 } = span ?? {};
  return isoDate(now, hasWord(slot, "end", "until", "to") ? offset + days - 1 : offset);
}

/** `from` and `to` go by the words before the places, whichever comes first. */
function placeFor(slot: Slot, places: readonly NamedPlace[], question: Question): NamedPlace | undefined {
  const text = plain(question.text);
  const after = (word: string): NamedPlace | undefined =>
    places.find(
      ({ name }) => text.includes(`${word} ${plain(name)}`) || text.includes(`${word} the ${plain(name)}`),
    );
  const [from, to] = [after("from"), after("to")];
  // Who says only where to go has not said from where.
  if (hasWord(slot, ...origins)) return from ?? places.find((place) => place !== to);
  if (hasWord(slot, ...destinations)) return to ?? places.findLast((place) => place !== from);
  return places[0];
}

/**
 * A slot that asks for a country as well gets it; one for a bare name does not, as a map finds no `Oslo, Norway`.
 * A region is always said: without it `Paris, Texas` would be another place.
 */
function placeTexts(place: NamedPlace | undefined, slot: Slot): string[] {
  if (place === undefined) return [];
  const { name, country } = place;
  if (country === undefined) return [name];
  const full = `${name}, ${country}`;
  return /country|state/.test(slot.hint) || !isCountry(country) ? [full, name] : [name, full];
}

/** A unit as tools may call it, what the slot itself speaks of first. */
function unitTexts(unit: string, { hint }: Slot): string[] {
  const system = { celsius: "metric", fahrenheit: "imperial" }[unit] ?? "standard";
  const texts = [unit, unit.slice(0, 1).toUpperCase(), system];
  const isNamed = (text: string): boolean => new RegExp(String.raw`\b${plain(text)}\b`).test(hint);
  return [...texts.filter(isNamed), ...texts];
}

function zoneOf({ name }: NamedPlace): string[] {
  const wanted = plain(name).replaceAll(" ", "_");
  return Intl.supportedValuesOf("timeZone").filter((zone) => plain(zone).endsWith(`/${wanted}`));
}

function ordered(currencies: readonly string[], slot: Slot): readonly string[] {
  return hasWord(slot, ...destinations) ? currencies.toReversed() : currencies;
}

const languages =
  "english french spanish german italian portuguese dutch norwegian swedish danish finnish polish russian japanese chinese korean arabic hindi turkish greek".split(
    " ",
  );

function spokenLanguages(text: string): string[] {
  const said = plain(text);
  return languages
    .filter((language) => new RegExp(String.raw`\b${language}\b`).test(said))
    .flatMap((language) => [language[0]?.toUpperCase() + language.slice(1), language]);
}

function firstWords(text: string): string {
  return text.split(/\s+/).slice(0, 8).join(" ");
}
