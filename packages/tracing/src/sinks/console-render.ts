import { styleText } from "node:util";
import type { Line, Style } from "./console-line.js";
import { cells, clip, neutralise, shorten } from "./terminal-text.js";

interface RenderOptions {
  readonly colour: boolean;
  /** The width to keep to, in cells. */
  readonly columns: number;
  /** Show bodies whole, on as many lines as they take. */
  readonly whole: boolean;
  /** Stands before every line; empty where one session speaks alone. */
  readonly prefix: string;
}

/** Names come from outside too, and none of them may push the rest off the line. */
const longestName = 80;
/** Even the narrowest terminal gets this much of a body. */
const shortestBody = 16;

/** The line as text, no newline at its end. Nothing in it can command the terminal but the colours put here. */
export function renderLine(line: Line, options: RenderOptions): string {
  const paint = options.colour ? coloured : plain;
  const facts = factsOf(line);
  const parts = [
    { style: "dim" as const, text: options.prefix },
    { style: "dim" as const, text: line.gutter ?? "" },
    { style: line.mark?.[0], text: line.mark?.[1] ?? "" },
    { style: "bold" as const, text: clip(line.title ?? "", longestName) },
  ].filter((part) => part.text !== "");
  const used = parts.reduce((sum, part) => sum + cells(part.text) + 1, 0) + cells(facts);
  const head = parts.map((part) => paint(part.style, part.text)).join(" ");
  const body = bodyOf(line, options, options.columns * (line.lines ?? 1) - used);
  const painted = body.map((text) => paint(line.style, text)).join(continuation(line, options, paint));
  return `${head}${head === "" || painted === "" ? "" : " "}${painted}${facts === "" ? "" : paint("dim", facts)}`;
}

function bodyOf(line: Line, { whole }: RenderOptions, room: number): string[] {
  if (line.body === undefined) return [];
  if (!whole) return [shorten(line.body, Math.max(room, shortestBody))];
  return line.body.split(/\r\n|\r|\n/).map((text) => neutralise(text.replaceAll("\t", "  ")));
}

function continuation(line: Line, { prefix }: RenderOptions, paint: Paint): string {
  const start = [prefix, line.gutter ?? ""].filter((text) => text !== "").map((text) => paint("dim", text));
  return `\n${[...start, "  "].join(" ")}`;
}

/** Facts keep their distance from foreign text, so that a result can't pass for them. */
function factsOf(line: Line): string {
  const facts = (line.facts ?? []).map((fact) => clip(fact, longestName)).join(" · ");
  if (facts === "") return "";
  if (line.body !== undefined) return `   ${facts}`;
  return line.title === undefined ? ` ${facts}` : ` · ${facts}`;
}

type Paint = (style: Style | undefined, text: string) => string;

function plain(_style: Style | undefined, text: string): string {
  return text;
}

function coloured(style: Style | undefined, text: string): string {
  // The decision was taken once, for the stream that is written to; styleText would ask about standard output.
  return style === undefined || text === "" ? text : styleText(style, text, { validateStream: false });
}
