import { isRecord } from "./schema.js";

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
