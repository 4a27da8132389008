import { compareFindings } from "./compare.js";
import type { Finding } from "./finding.js";
import { averageOf, inCelsius, type Measure, textOf } from "./measures.js";
import type { Question } from "./question.js";
import { describeRain, isWet, rainIn } from "./rain.js";

/** A direct answer to go before the values, for the few kinds of question that have a plain one. */
export function advise(question: Question, findings: readonly Finding[]): string[] {
  return [
    ...compareFindings(question.topic, findings),
    ...rain(question, findings),
    ...clothes(question, findings),
  ];
}

function rain({ topic: text }: Question, findings: readonly Finding[]): string[] {
  if (!/\b(?:rain|raining|rainy|umbrella|wet|showers?)\b/i.test(text)) return [];
  return findings.flatMap((finding) => {
    const found = rainIn(finding);
    return found ? [describeRain(found, finding.subject)] : [];
  });
}

const outfits: readonly (readonly [belowCelsius: number, outfit: string])[] = [
  [-5, "a heavy winter coat, hat, scarf and gloves"],
  [5, "a warm coat, hat and gloves"],
  [12, "a warm jacket and layers"],
  [18, "a light jacket or a jumper"],
  [24, "light layers"],
  [Number.POSITIVE_INFINITY, "light, airy clothes and something against the sun"],
];

function clothes({ topic: text }: Question, findings: readonly Finding[]): string[] {
  if (!/\b(?:wear|clothes|dress|jacket|coat|pack)\b/i.test(text)) return [];
  return findings.flatMap((finding) => {
    const temperature = averageOf(finding, /temp|high/);
    return temperature ? [outfitFor(finding, temperature)] : [];
  });
}

function outfitFor(finding: Finding, temperature: Measure): string {
  const celsius = inCelsius(temperature);
  const outfit = outfits.find(([below]) => celsius < below)?.[1] ?? "";
  const found = rainIn(finding);
  const umbrella = found && isWet(found) ? ", and take an umbrella" : "";
  return `For ${finding.subject} at ${textOf(temperature)}, wear ${outfit}${umbrella}.`;
}
