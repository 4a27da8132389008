import { isRecord } from "../json-schema/schema.js";

/** Units that stand at the end of a key, as in `wind_kmh` or `tempC`. The longer ones come first. */
const suffixes: readonly (readonly [pattern: RegExp, unit: string])[] = [
  [/(?:degrees? ?)?celsius$| ?deg c$| c$/, "°C"],
  [/(?:degrees? ?)?fahrenheit$| ?deg f$| f$/, "°F"],
  [/ kelvin$/, "K"],
  [/ (?:kmh|kph|km h|km per hour)$/, "km/h"],
  [/ mph$/, "mph"],
  [/ (?:m s|ms|mps|meters per second|metres per second)$/, "m/s"],
  [/ (?:percent|percentage|pct)$/, "%"],
  [/ (?:mm|millimet(?:er|re)s?)$/, "mm"],
  [/ (?:cm|centimet(?:er|re)s?)$/, "cm"],
  [/ (?:km|kilomet(?:er|re)s?)$/, "km"],
  [/ (?:miles)$/, "miles"],
  [/ (?:hpa)$/, "hPa"],
  [/ (?:usd)$/, "USD"],
  [/ (?:eur)$/, "EUR"],
  [/ (?:kg)$/, "kg"],
  [/ (?:minutes|mins?)$/, "minutes"],
  [/ (?:hours)$/, "hours"],
  [/ (?:days)$/, "days"],
];

/** Units that a person asks for, by what each is called in tools, and how people say it. */
const spoken: readonly (readonly [unit: string, said: RegExp])[] = [
  ["celsius", spokenAs("celsius|centigrade", "c")],
  ["fahrenheit", spokenAs("fahrenheit", "f")],
  ["kelvin", spokenAs("kelvins?", "k")],
];

/** Units of other things than temperatures: no tool is told them, but none of them is a place either. */
const otherUnits =
  /\b(?:in|to|into|as) (?:km\/h|kmh|kph|mph|m\/s|knots|kilomet(?:er|re)s|met(?:er|re)s|miles|millimet(?:er|re)s|inches|hpa|percent|(?:metric|imperial)(?: units)?)(?![\p{L}\p{N}])/giu;

/** `in degrees Fahrenheit`, `°F`, `in F`. A letter alone is a unit only at the end of what is said. */
function spokenAs(word: string, letter: string): RegExp {
  const before = String.raw`(?:\b(?:in|to|into|as) )?(?:\bdegrees? )?`;
  const end = String.raw`(?=\s*(?:$|[?!,;]|\.(?:\s|$)|please\b))`;
  return new RegExp(String.raw`${before}(?:\b(?:${word})\b|°\s?${letter}\b)|\bin ${letter}\b${end}`, "giu");
}

/** The units a text names, and the text with those words taken out: `in Fahrenheit` is no place. */
export function readUnits(text: string): { units: readonly string[]; rest: string } {
  const units = spoken.filter(([, said]) => text.search(said) !== -1).map(([unit]) => unit);
  const rest = [...spoken.map(([, said]) => said), otherUnits].reduce(
    (left, said) => left.replace(said, " | "),
    text,
  );
  return { units, rest };
}

/** What a key is called in a sentence, and the unit it carries: `wind_speed_kmh` is `wind speed` in `km/h`. */
export function readKey(key: string): { label: string; unit: string | undefined } {
  const spaced = labelOf(key);
  for (const [pattern, unit] of suffixes) {
    if (!pattern.test(spaced)) continue;
    return { label: spaced.replace(pattern, "").trim() || spaced, unit };
  }
  return { label: spaced, unit: undefined };
}

/** A key as words: `windSpeed` and `wind_speed_10m` are both `wind speed`. */
export function labelOf(key: string): string {
  return key
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/_\d+m(?=_|$)/u, "")
    .replace(/[_\s-]+/g, " ")
    .trim()
    .toLowerCase();
}

/** Units named beside the values: `{ temperature: 7, units: { temperature: "°C" } }`, or one `unit` for the only number. */
export function unitsOf(object: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  for (const [key, value] of Object.entries(object)) {
    if (!/units?$/i.test(key)) continue;
    if (isRecord(value)) {
      for (const [name, unit] of Object.entries(value))
        if (typeof unit === "string") units.set(name, symbol(unit));
    } else if (typeof value === "string") {
      for (const name of measured(object, key)) units.set(name, symbol(value));
    }
  }
  return units;
}

/** The numbers that a lone `unit` or a `temperature_unit` speaks of. */
function measured(object: Readonly<Record<string, unknown>>, unitKey: string): string[] {
  const prefix = unitKey.replace(/[_\s-]?units?$/i, "").toLowerCase();
  const numbers = Object.keys(object).filter((name) => typeof object[name] === "number");
  if (prefix !== "") return numbers.filter((name) => name.toLowerCase().includes(prefix));
  const temperatures = numbers.filter((name) => /temp|feels|high|low|max|min/i.test(name));
  return numbers.length === 1 ? numbers : temperatures;
}

export function isUnitKey(key: string): boolean {
  return /units?$/i.test(key);
}

export function withUnit(value: string, unit: string | undefined): string {
  if (unit === undefined || unit === "") return value;
  return unit === "%" ? `${value} %` : `${value} ${unit}`;
}

function symbol(unit: string): string {
  if (/^c(?:elsius)?$|^metric$/i.test(unit)) return "°C";
  return /^f(?:ahrenheit)?$|^imperial$/i.test(unit) ? "°F" : unit;
}
