import { isRecord } from "../json-schema/schema.js";
import type { Finding } from "./finding.js";
import { readKey, unitsOf, withUnit } from "./units.js";

/** A number out of a result. */
export interface Measure {
  readonly label: string;
  readonly value: number;
  readonly unit: string | undefined;
  /** The date it is for, where the result says so. */
  readonly date: string | undefined;
  /** Whether it is a mean of several values, which stands in no result. */
  readonly isAverage?: true;
}

/** A value as it is told, to a tenth. */
export function toldValue({ value }: Measure): number {
  return Math.round(value * 10) / 10;
}

export function textOf(measure: Measure): string {
  const { unit, isAverage } = measure;
  return `${withUnit(String(toldValue(measure)), unit)}${isAverage ? " on average" : ""}`;
}

export function inCelsius({ value, unit }: Measure): number {
  return unit === "°F" ? ((value - 32) * 5) / 9 : value;
}

/** The one number that stands for a finding: of those with such a name, the mean over the days that were asked for. */
export function averageOf(
  { values, days }: Pick<Finding, "values" | "days">,
  label: RegExp,
): Measure | undefined {
  const all = measuresIn(values).filter((measure) => label.test(measure.label));
  const asked = all.filter(({ date }) => date !== undefined && days.includes(date));
  const found = asked.length > 0 ? asked : all;
  const [first, ...others] = found.filter(
    ({ label: name, unit }) => name === found[0]?.label && unit === found[0]?.unit,
  );
  if (!first || others.every(({ value }) => value === first.value)) return first;
  const sum = others.reduce((total, { value }) => total + value, first.value);
  return { ...first, value: sum / (others.length + 1), isAverage: true };
}

/** Every number in a result with its name, its unit and its date. Texts such as `7 °C` count as numbers. */
export function measuresIn(
  value: unknown,
  date?: string,
  units: ReadonlyMap<string, string> = new Map(),
): Measure[] {
  if (Array.isArray(value)) return value.flatMap((inner) => measuresIn(inner, date, units));
  if (!isRecord(value)) return [];
  const own = new Map([...units, ...unitsOf(value)]);
  const when = Object.values(value).map(dateIn).find(Boolean) ?? date;
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner === "object") return measuresIn(inner, when, own);
    const quantity = quantityOf(inner);
    if (quantity === undefined || dateIn(inner)) return [];
    const { label, unit } = readKey(key);
    return [{ label, value: quantity.value, unit: quantity.unit ?? own.get(key) ?? unit, date: when }];
  });
}

/** The date in a text such as `Monday 2026-11-23`. */
export function dateIn(value: unknown): string | undefined {
  return typeof value === "string" && value.length < 60 ? /\d{4}-\d{2}-\d{2}/.exec(value)?.[0] : undefined;
}

function quantityOf(value: unknown): { value: number; unit: string | undefined } | undefined {
  if (typeof value === "number") return { value, unit: undefined };
  const [, number, unit] =
    typeof value === "string" ? (/^(-?\d+(?:\.\d+)?)\s*([^\d\s][^\d]{0,9})$/.exec(value) ?? []) : [];
  return number === undefined ? undefined : { value: Number(number), unit };
}

/** Every text in a result. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}
