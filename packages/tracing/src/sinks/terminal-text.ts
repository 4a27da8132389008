import { size } from "./figures.js";

/**
 * What a terminal would obey instead of showing: control characters (ESC begins its commands), line separators,
 * lone surrogates, and the marks that reorder text so that it reads as something else.
 */
const commands = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Foreign text made safe to print: every command to the terminal becomes a visible sign, `ESC` for one `␛`. */
export function neutralise(text: string): string {
  return text.replace(commands, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "␡" : "\ufffd";
  });
}

/** Safe, and on one line: any run of white space becomes one space. */
export function oneLine(text: string): string {
  return neutralise(text.replace(/\s+/gu, " "));
}

const plain = /^[ -~]*$/;
// East Asian Wide and Fullwidth by block (Unicode Standard Annex #11), and what is drawn as an emoji.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
const noCell = /[\p{Mn}\p{Me}\p{Cf}]/gu;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** How many cells of a terminal the text takes. What terminals disagree on counts as the wider. */
export function cells(text: string): number {
  if (plain.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of segmenter.segment(text)) sum += cellsOfGrapheme(segment);
  return sum;
}

function cellsOfGrapheme(grapheme: string): number {
  return wide.test(grapheme) ? 2 : [...grapheme.replace(noCell, "")].length;
}

/** The text on one line of at most `columns` cells; one that is cut ends in `…` and says its whole size. */
export function shorten(text: string, columns: number): string {
  return cut(text, columns, () => `… (${size(text)})`);
}

/** The same without the size, for names. */
export function clip(text: string, columns: number): string {
  return cut(text, columns, () => "…");
}

function cut(text: string, columns: number, ending: () => string): string {
  // A result may be megabytes long; only as much is looked at as could be shown.
  const trimmed = text.trimStart();
  const head = trimmed.slice(0, columns * 8);
  const start = oneLine(head.replace(/[\ud800-\udbff]$/, "")).trimEnd();
  if (head.length === trimmed.length && cells(start) <= columns) return start;
  const end = ending();
  return `${firstCells(start, columns - cells(end))}${end}`;
}

function firstCells(text: string, columns: number): string {
  let taken = "";
  let room = columns;
  for (const { segment } of segmenter.segment(text)) {
    room -= cellsOfGrapheme(segment);
    if (room < 0) break;
    taken += segment;
  }
  return taken;
}
