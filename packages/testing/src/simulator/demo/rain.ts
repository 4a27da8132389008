import type { Finding } from "./finding.js";
import { type Measure, measuresIn, textOf, textsIn } from "./measures.js";

/** What a finding says about rain. */
export type Rain =
  | { readonly kind: "amount" | "chance"; readonly measure: Measure }
  /** `11 of 30 days`: what is usual, not what will be. */
  | { readonly kind: "usual"; readonly share: string }
  | { readonly kind: "words"; readonly wet: boolean };

/** What the results say about rain on the days that were asked for; nothing if they don't speak of it. */
export function rainIn(finding: Finding): Rain | undefined {
  const measures = measuresIn(finding.values).filter(({ label }) => /precip|rain/.test(label));
  const asked = measures.filter(({ date }) => date !== undefined && finding.days.includes(date));
  const told = asked.length > 0 ? asked : measures;
  const chance = greatest(told.filter(({ label, unit }) => unit === "%" || /prob|chance/.test(label)));
  if (chance) return { kind: "chance", measure: chance };
  const amount = greatest(told);
  if (amount) return { kind: "amount", measure: amount };
  const texts = textsIn(finding.values);
  const share = texts.map((text) => /^\d+ of \d+ days$/.exec(text)?.[0]).find(Boolean);
  if (share !== undefined) return { kind: "usual", share };
  const wet = texts.some((text) =>
    wetWords.test(text.replace(/\b(?:no|without|not) (?:\w+ )?rain\w*/gi, "")),
  );
  return wet || texts.some((text) => dryWords.test(text)) ? { kind: "words", wet } : undefined;
}

const wetWords = /\b(?:rain|rainy|raining|drizzle|showers?|thunderstorms?|sleet)\b/i;
const dryWords = /\b(?:sun|sunny|clear|dry|clouds?|cloudy|overcast|fair|no rain)\b/i;

function greatest(measures: readonly Measure[]): Measure | undefined {
  return measures.toSorted((left, right) => right.value - left.value)[0];
}

/** Whether to take an umbrella. */
export function isWet(rain: Rain): boolean {
  switch (rain.kind) {
    case "amount":
      return rain.measure.value >= 0.3;
    case "chance":
      return percent(rain.measure) >= 50;
    case "usual":
      return false;
    case "words":
      return rain.wet;
    default:
      return rain satisfies never;
  }
}

/** The same as a sentence. */
export function describeRain(rain: Rain, subject: string): string {
  switch (rain.kind) {
    case "amount":
      return isWet(rain)
        ? `Yes, rain is expected in ${subject}: ${textOf(rain.measure)}${onDay(rain.measure)}.`
        : `No, hardly any rain is expected in ${subject}: ${textOf(rain.measure)}.`;
    case "chance": {
      const chance = percent(rain.measure);
      const verdict = chance >= 60 ? "likely" : chance >= 30 ? "possible" : "unlikely";
      return `Rain is ${verdict} in ${subject}: the chance is ${Math.round(chance)} %${onDay(rain.measure)}.`;
    }
    case "usual":
      return `In ${subject} it usually rains on ${rain.share}.`;
    case "words":
      return rain.wet
        ? `Yes, it looks like rain in ${subject}.`
        : `It does not look like rain in ${subject}.`;
    default:
      return rain satisfies never;
  }
}

function onDay({ date }: Measure): string {
  return date === undefined ? "" : ` on ${date}`;
}

function percent({ value, unit }: Measure): number {
  return unit !== "%" && value <= 1 ? value * 100 : value;
}
