import type { ResultBlock } from "@lockstitch/core";

/**
 * A name or path as a result shows it: as JSON where it could be taken for something else, e.g. for two lines, for a match in another
 * file, or for our own words. Said again by the model, which writes JSON, it names the same file.
 */
export function shownName(path: string): string {
  const isPlain = !/[":]|^[\s(]|\s$| \(.*\)$/.test(path) && path.search(unseen) < 0;
  return isPlain ? path : JSON.stringify(path).replace(unseen, escaped);
}

/** A line of a file: what would make it look like two is written as in JSON. */
export function shownLine(text: string): string {
  return text.replace(breaking, (found) => (found === "\t" ? found : escaped(found)));
}

/** What is said about a result stands in a block of its own, so that it can't be taken for the files' own words. */
export function withNote(text: string, note: string): string | ResultBlock[] {
  if (note === "") return text;
  return [...(text === "" ? [] : [text]), note].map((each) => ({ type: "text", text: each }));
}

/** Controls, and separators of lines and paragraphs. */
const breaking = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/** And formats, e.g. a change of direction, by which a name can be made to look like any other. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/gu;

function escaped(character: string): string {
  if (character === "\r") return "\\r";
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
