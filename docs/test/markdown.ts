import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, as a path. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface Document {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A fenced piece of code. */
export interface CodeBlock {
  readonly path: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  /** The first word after the fence, e.g. `ts`; empty where there is none. */
  readonly language: string;
  readonly code: string;
}

export interface Link {
  readonly path: string;
  readonly line: number;
  readonly target: string;
}

/** Every markdown file of the project, in the order of their paths. */
export function documents(): readonly Document[] {
  return markdownIn(root).map((file) => ({
    path: relative(root, file).split(sep).join("/"),
    text: readFileSync(file, "utf8"),
  }));
}

const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", "coverage"]);

function markdownIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name) && !name.startsWith("."))
    .sort((a, b) => a.name.localeCompare(b.name, "en"))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return markdownIn(path);
      return entry.name.endsWith(".md") ? [path] : [];
    });
}

/** Opens a block: its indentation, the fence, and the language. */
const opening = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;

/** The fenced blocks of a document; a fence that is never closed reaches to the end, as in every renderer. */
export function codeBlocks({ path, text }: Document): readonly CodeBlock[] {
  return split(text).flatMap((part) =>
    part.kind === "code"
      ? [{ path, line: part.line, language: part.language, code: part.lines.join("\n") }]
      : [],
  );
}

/** The links and images of a document, those inside code left out. */
export function links({ path, text }: Document): readonly Link[] {
  return proseLines(text).flatMap(({ line, words }) =>
    [...words.matchAll(/\]\(\s*<?([^)\s>]+)|^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/g)].map(
      ([, inline, reference]) => ({
        path,
        line,
        target: inline ?? reference ?? "",
      }),
    ),
  );
}

/** What a link's `#fragment` may name: the headings, as GitHub makes anchors of them. */
export function anchors({ text }: Document): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, heading = ""] of proseOf(text).matchAll(/^ {0,3}#{1,6}\s+(.*?)\s*#*$/gm)) {
    const anchor = toAnchor(heading);
    let unique = anchor;
    for (let count = 1; found.has(unique); count++) unique = `${anchor}-${count}`;
    found.add(unique);
  }
  return found;
}

function toAnchor(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/** Headings keep their inline code: it is part of their anchor. */
function proseOf(text: string): string {
  return split(text)
    .flatMap((part) => (part.kind === "prose" ? part.lines : []))
    .join("\n");
}

function proseLines(text: string): readonly { readonly line: number; readonly words: string }[] {
  return split(text).flatMap((part) =>
    part.kind === "prose"
      ? part.lines.map((words, index) => ({
          line: part.line + index,
          words: words.replace(/(`+)[^`].*?\1/g, ""),
        }))
      : [],
  );
}

interface Part {
  readonly kind: "prose" | "code";
  readonly line: number;
  readonly language: string;
  readonly lines: readonly string[];
}

/** A document as prose and code in turn. */
function split(text: string): readonly Part[] {
  const parts: Part[] = [];
  let fence: { readonly mark: string; readonly indentation: number } | undefined;
  let lines: string[] = [];
  let start = 1;
  let language = "";
  const close = (next: number) => {
    parts.push({ kind: fence === undefined ? "prose" : "code", line: start, language, lines });
    lines = [];
    start = next;
  };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const opened = fence === undefined ? opening.exec(line) : null;
    if (opened !== null) {
      const [, space = "", mark = "", word = ""] = opened;
      close(index + 2);
      fence = { mark, indentation: space.length };
      language = word;
    } else if (fence !== undefined && closes(line, fence.mark)) {
      close(index + 2);
      fence = undefined;
      language = "";
    } else {
      lines.push(fence === undefined ? line : outdent(line, fence.indentation));
    }
  }
  close(0);
  return parts;
}

function closes(line: string, mark: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= mark.length && trimmed === mark[0]?.repeat(trimmed.length);
}

/** A block in a list is indented with it. */
function outdent(line: string, indentation: number): string {
  return line.slice(Math.min(indentation, line.length - line.trimStart().length));
}
