import type { Material } from "./slots.js";
import { plain, stem, stems } from "./words.js";

const synonyms: readonly (readonly string[])[] = [
  ["celsius", "c", "metric", "°c", "centigrade"],
  ["fahrenheit", "f", "imperial", "us", "°f"],
  ["kelvin", "k"],
  ["add", "addition", "plus", "sum", "+"],
  ["subtract", "subtraction", "minus", "-"],
  ["multiply", "multiplication", "time", "*", "product"],
  ["divide", "division", "divided", "/"],
  ["high", "urgent", "important"],
  ["done", "complete", "completed", "finished", "finish", "closed", "close"],
  ["open", "pending", "unfinished"],
].map((group) => group.map(stem));

/** Whether the question names one of a parameter's choices, as it stands or by another word for it. */
export function isSaid(choice: unknown, { question }: Material): boolean {
  if (typeof choice !== "string" && typeof choice !== "number") return false;
  const text = plain(String(choice));
  const words = stems(text);
  if (words.length > 0 && words.every((word) => question.words.has(word)))
    return words.join("").length > 1 || words[0] !== "a";
  const group = synonyms.find(
    (others) => others.includes(text) || (words.length === 1 && others.includes(words[0] ?? "")),
  );
  // A letter alone, such as the unit C, is too short to be taken from a word of the question.
  return (
    group?.some(
      (other) => question.units.includes(other) || (other.length > 2 && question.words.has(other)),
    ) ?? false
  );
}
