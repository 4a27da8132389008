import { fits } from "./fits.js";
import { isRecord } from "./schema.js";
import type { KnownTool } from "./tools.js";
import { plain, titleCase } from "./words.js";

type Input = Readonly<Record<string, unknown>>;

/** Other inputs to try after a tool refused one, the likeliest first, each valid against the tool's schema. */
export function correctedInputs(tool: KnownTool, input: unknown, error: string): Input[] {
  // A refusal is not about the input: asking in other words would be asking again.
  if (!isRecord(input) || /\b(?:denied|not allowed|forbidden|permission|unauthori[sz]ed)\b/i.test(error)) return [];
  const candidates = Object.entries(input).flatMap(([name, value]) =>
    alternatives(name, value, error).map((other): Input => ({ ...input, [name]: other })),
  );
  return candidates.filter((candidate) => fits(candidate, tool.schema, tool.schema));
}

function alternatives(name: string, value: unknown, error: string): unknown[] {
  if (typeof value === "number") return withinBounds(value, name, error);
  if (typeof value !== "string") return [];
  const spelled = [value.split(",")[0]?.trim() ?? value, plain(value), titleCase(plain(value))];
  return [...suggested(value, error), ...spelled].filter((other) => other !== value && other !== "");
}

/** A name in the error that is like the one that was refused: `Did you mean "Reykjavík"?` */
function suggested(value: string, error: string): string[] {
  const hint = /did you mean\s+["'`“]?([^"'`”?.\n]+)/i.exec(error)?.[1];
  const list = /(?:available|one of|known|valid|expected|try|options?|choose)[^:]*:\s*([^\n]+)/i.exec(error)?.[1] ?? "";
  const options = list.split(/[,;|]|\bor\b/).map((option) => option.replace(/^[\s"'`“]+|[\s"'`”.)]+$/gu, ""));
  const alike = options.filter((option) => option !== "" && isAlike(plain(option), plain(value)));
  return [...(hint === undefined ? [] : [hint.trim()]), ...alike];
}

function isAlike(left: string, right: string): boolean {
  if (left.startsWith(right.slice(0, 4)) || left.includes(right) || right.includes(left)) return true;
  const shared = [...left].filter((letter) => right.includes(letter)).length;
  return Math.abs(left.length - right.length) <= 2 && shared >= Math.max(left.length, right.length) - 1;
}

/** `days must be at most 7`, `expected number to be <=7`: the bound itself is allowed. */
function withinBounds(value: number, name: string, error: string): number[] {
  if (!plain(error).includes(plain(name)) && !/number|value|between/i.test(error)) return [];
  const most = /(?:<=|at most|maximum(?: of| is)?|up to|less than or equal to|no more than)\s*(-?\d+(?:\.\d+)?)/i.exec(error)?.[1];
  const least = /(?:>=|at least|minimum(?: of| is)?|greater than or equal to|no less than)\s*(-?\d+(?:\.\d+)?)/i.exec(error)?.[1];
  const [, from, to] = /between\s*(-?\d+(?:\.\d+)?)\s*and\s*(-?\d+(?:\.\d+)?)/i.exec(error) ?? [];
  const bounds = { most: Number(most ?? to ?? Infinity), least: Number(least ?? from ?? -Infinity) };
  const other = Math.max(bounds.least, Math.min(bounds.most, value));
  return other === value ? [] : [other];
}
