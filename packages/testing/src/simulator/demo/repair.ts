import { fits } from "../json-schema/fits.js";
import { isRecord } from "../json-schema/schema.js";
import { callKey } from "./call-key.js";
import type { Turn } from "./conversation.js";
import type { KnownTool } from "./tools.js";
import { plain } from "./words.js";

type Input = Readonly<Record<string, unknown>>;

/** Another try for each call of the last round that failed, unless its tool has failed before. */
export function corrections(
  tools: readonly KnownTool[],
  turn: Turn,
  made: ReadonlySet<string>,
): { name: string; input: Input }[] {
  const failed = turn.calls.filter((call) => call.result?.isError === true);
  return failed.flatMap(({ name, input, round, result }) => {
    const tool = tools.find((candidate) => candidate.name === name);
    const hasFailedBefore = failed.some((other) => other.name === name && other.round < round);
    if (!tool || round !== turn.rounds - 1 || hasFailedBefore) return [];
    const corrected = correctedInputs(tool, input, result?.text ?? "").find(
      (candidate) => !made.has(callKey({ name, input: candidate })),
    );
    return corrected ? [{ name, input: corrected }] : [];
  });
}

/** Other inputs to try after a tool refused one, the likeliest first, each valid against the tool's schema. */
function correctedInputs(tool: KnownTool, input: unknown, error: string): Input[] {
  // A refusal is not about the input: asking in other words would be asking again.
  if (!isRecord(input) || /\b(?:denied|not allowed|forbidden|permission|unauthori[sz]ed)\b/i.test(error))
    return [];
  const candidates = Object.entries(input).flatMap(([name, value]) =>
    alternatives(name, value, error).map((other): Input => ({ ...input, [name]: other })),
  );
  return candidates.filter((candidate) => fits(candidate, tool.schema, tool.schema));
}

function alternatives(name: string, value: unknown, error: string): unknown[] {
  if (typeof value === "number") return withinBounds(value, name, error);
  if (typeof value !== "string") return [];
  // What stands after a comma is never left out: the Paris that a tool does know need not be the one in Texas.
  const unaccented = value.normalize("NFD").replace(/\p{M}/gu, "");
  return [...suggested(value, error), unaccented].filter((other) => other !== value && other !== "");
}

/** A name in the error that is like the one that was refused: `Did you mean "Reykjavík"?` */
function suggested(value: string, error: string): string[] {
  const hint = /did you mean\s+["'`“]?([^"'`”?.\n]+)/i.exec(error)?.[1];
  const list =
    /(?:available|one of|known|valid|expected|try|options?|choose)[^:]*:\s*([^\n]+)/i.exec(error)?.[1] ?? "";
  const options = list.split(/[,;|]|\bor\b/).map((option) => option.replace(/^[\s"'`“]+|[\s"'`”.)]+$/gu, ""));
  const alike = options.filter(
    (option) =>
      option !== "" && !isBeginning(plain(option), plain(value)) && isAlike(plain(option), plain(value)),
  );
  return [...(hint === undefined ? [] : [hint.trim()]), ...alike];
}

/** `Paris` of `Paris, Texas`. */
function isBeginning(option: string, value: string): boolean {
  return value.startsWith(`${option},`);
}

function isAlike(left: string, right: string): boolean {
  if (left.startsWith(right.slice(0, 4)) || left.includes(right) || right.includes(left)) return true;
  return Math.max(left.length, right.length) < 40 && slips(left, right) <= (right.length < 6 ? 1 : 2);
}

/** How many letters were added, left out, changed or swapped with the next. The same letters alone make no likeness: Ontario is not Nairobi. */
function slips(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= left.length; row++) {
    const [above = [], beforeThat = []] = [rows.at(-1), rows.at(-2)];
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + (isSame ? 0 : 1),
          row > 1 && column > 1 && isSwapped ? (beforeThat[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    rows.push(current);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}

/** `days must be at most 7`, `expected number to be <=7`: the bound itself is allowed. */
function withinBounds(value: number, name: string, error: string): number[] {
  if (!plain(error).includes(plain(name)) && !/number|value|between/i.test(error)) return [];
  const most =
    /(?:<=|at most|maximum(?: of| is)?|up to|less than or equal to|no more than)\s*(-?\d+(?:\.\d+)?)/i.exec(
      error,
    )?.[1];
  const least =
    /(?:>=|at least|minimum(?: of| is)?|greater than or equal to|no less than)\s*(-?\d+(?:\.\d+)?)/i.exec(
      error,
    )?.[1];
  const [, from, to] = /between\s*(-?\d+(?:\.\d+)?)\s*and\s*(-?\d+(?:\.\d+)?)/i.exec(error) ?? [];
  const bounds = { most: Number(most ?? to ?? Infinity), least: Number(least ?? from ?? -Infinity) };
  const other = Math.max(bounds.least, Math.min(bounds.most, value));
  return other === value ? [] : [other];
}
