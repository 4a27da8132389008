import { isRecord } from "../json-schema/schema.js";
import { dateIn } from "./measures.js";
import { isUnitKey, labelOf, readKey, unitsOf, withUnit } from "./units.js";
import { beginning, plain } from "./words.js";

type Fields = Readonly<Record<string, unknown>>;

/** A tool result put into words. */
export interface Report {
  /** Short phrases with the values: `light rain`, `wind 14 km/h`. */
  readonly phrases: readonly string[];
  /** One line for each item of a list. */
  readonly items: readonly string[];
  /** What the result says about itself, word for word: "offline: typical values, not a forecast". */
  readonly notes: readonly string[];
}

const noteKey = /^(?:notes?|notice|warnings?|disclaimer|caveat|hint|source|attribution)$/i;
/** Keys whose text needs no label. */
const plainKey =
  /^(?:conditions?|sky|weather|summary|description|text|answer|result|output|message|content|forecast|name|title|value|status)$/i;
const dateKey = /^(?:date|day|time|datetime|when|at)$/i;
/** Keys that a person has no use for when there is anything else. */
const dullKey =
  /^(?:latitude|longitude|lat|lon|lng|elevation|generationtime_ms|utc_offset_seconds|timezone|timezone_abbreviation|interval|place_?id|country_?code)$/i;
const containerKey =
  /^(?:current|data|result|results|response|location|place|values|current_weather|daily|hourly|forecast|days|items|output)$/i;

const maxItems = 12;
const maxText = 1_500;

/**
 * Puts a result into words. `heading` is what the reader knows already, so that it is not said twice; `days` are the
 * dates that were asked for, if any: of a list of days only those are told.
 */
export function report(value: unknown, heading: string, days: readonly string[]): Report {
  if (typeof value === "string")
    return { phrases: value.trim() === "" ? [] : [clip(value.trim())], items: [], notes: [] };
  if (Array.isArray(value))
    return { phrases: listPhrase(value), items: lines(value, heading, days), notes: [] };
  if (!isRecord(value)) return { phrases: [String(value)], items: [], notes: [] };
  return reportFields(value, heading, days, "");
}

function reportFields(fields: Fields, heading: string, days: readonly string[], prefix: string): Report {
  const phrases: string[] = [];
  const items: string[] = [];
  const notes: string[] = [];
  const units = unitsOf(fields);
  const told = Object.entries(fields).filter(
    ([key, value]) => value !== null && value !== "" && (typeof value === "number" || !isUnitKey(key)),
  );
  const useful = told.filter(([key]) => !dullKey.test(key));
  // To the question where a place is, coordinates are the answer.
  const isRich = useful.length > 2 || useful.some(([, value]) => typeof value === "object");
  for (const [key, value] of timeLast(isRich ? useful : told)) {
    if (noteKey.test(key)) notes.push(...[value].flat().filter((note) => typeof note === "string"));
    else if (isRecord(value)) {
      const label = containerKey.test(key) ? prefix : `${prefix}${readKey(key).label} `;
      const table = rows(withUnits(value, fields, key));
      const inner = table
        ? { phrases: [], items: lines(table, heading, days), notes: [] }
        : reportFields(withUnits(value, fields, key), heading, days, label);
      phrases.push(...inner.phrases);
      items.push(...inner.items);
      notes.push(...inner.notes);
    } else if (Array.isArray(value) && value.some(isRecord)) items.push(...lines(value, heading, days));
    else {
      const phrase = phraseFor(key, value, units.get(key), prefix);
      if (phrase !== undefined && plain(phrase) !== plain(heading) && !isEcho(value, heading))
        phrases.push(phrase);
    }
  }
  return { phrases, items, notes };
}

/** When a value was taken matters less than the value; which day a line is about comes first. */
function timeLast(entries: [string, unknown][]): [string, unknown][] {
  const isTime = ([key, value]: [string, unknown]): boolean =>
    dateKey.test(key) && /\d:\d/.test(String(value));
  return [...entries.filter((entry) => !isTime(entry)), ...entries.filter(isTime)];
}

/** `current_units` beside `current` belongs to what is inside `current`. */
function withUnits(inner: Fields, outer: Fields, key: string): Fields {
  const units = outer[`${key}_units`] ?? outer[`${key}Units`];
  return units === undefined ? inner : { ...inner, units };
}

function phraseFor(
  key: string,
  value: unknown,
  unit: string | undefined,
  prefix: string,
): string | undefined {
  // A text such as "11 of 30 days" carries its unit itself.
  const { label, unit: ownUnit } =
    typeof value === "string" ? { label: labelOf(key), unit: undefined } : readKey(key);
  const text = Array.isArray(value) ? listPhrase(value)[0] : scalar(value);
  if (text === undefined) return undefined;
  if (typeof value === "string" && plainKey.test(key) && prefix === "") return text;
  if (typeof value === "number" && /^(?:result|answer|value|output)$/i.test(key))
    return withUnit(text, unit ?? ownUnit);
  if (dateKey.test(key) && prefix === "") return /\d:\d/.test(text) ? `${label} ${text}` : text;
  return `${prefix}${label} ${withUnit(text, unit ?? ownUnit)}`;
}

function scalar(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(Math.round(value * 1_000) / 1_000);
  return typeof value === "string" ? clip(value) : undefined;
}

function listPhrase(values: readonly unknown[]): string[] {
  if (values.length === 0) return ["nothing"];
  const texts = values.flatMap((value) => scalar(value) ?? []);
  if (texts.length === 0) return [];
  const more = texts.length > maxItems ? ` and ${texts.length - maxItems} more` : "";
  return [texts.slice(0, maxItems).join(", ") + more];
}

/** One line for each object of a list: its date or name, then the rest. */
function lines(values: readonly unknown[], heading: string, days: readonly string[]): string[] {
  const objects = values.filter(isRecord);
  const asked = objects.filter((object) =>
    Object.values(object).some((value) => days.includes(dateIn(value) ?? "")),
  );
  const told = asked.length > 0 ? asked : objects;
  const shown = told.slice(0, maxItems).map((object) => {
    const { phrases, items } = reportFields(object, heading, days, "");
    const [first = "", ...rest] = [...phrases, ...items];
    return rest.length > 0 ? `${first}: ${rest.join(", ")}` : first;
  });
  return told.length > maxItems ? [...shown, `and ${told.length - maxItems} more`] : shown;
}

/** Columns of equal length (`{ time: [...], rain: [...] }`) turned into rows; nothing if it is not such a table. */
function rows(columns: Fields): Fields[] | undefined {
  const lists = Object.entries(columns).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  const length = lists[0]?.[1].length ?? 0;
  const isTable =
    lists.length > 1 &&
    length > 0 &&
    lists.every(([, list]) => list.length === length && !list.some(isRecord));
  if (!isTable || !lists.some(([key]) => dateKey.test(key))) return undefined;
  const { units } = columns;
  return Array.from({ length }, (_, index) => ({
    ...Object.fromEntries(lists.map(([key, list]) => [key, list[index]])),
    ...(units === undefined ? {} : { units }),
  }));
}

/** `Oslo, Norway` under the heading `Oslo` says nothing new. */
function isEcho(value: unknown, heading: string): boolean {
  if (typeof value !== "string" || value.length < 2 || heading === "") return false;
  return plain(heading).includes(plain(value)) || plain(value).startsWith(`${plain(heading)},`);
}

function clip(text: string): string {
  return text.length > maxText ? `${beginning(text, maxText).trimEnd()} …` : text;
}
