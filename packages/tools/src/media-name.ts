import { MediaError } from "./media-error.js";

/** What errors call what was given where they may not repeat it: an address may hold a key. */
export const unnamed = "What was given";

/** An address that a path is not, behind spaces and what nobody sees. Of two letters or more: `C:\` begins no address. */
const scheme = /^[\p{C}\p{Z}]*([a-z][a-z0-9+.-]+):/iu;

/** An address, where one is meant. Throws `MediaError` for one that is no URL. */
export function asUrl(source: string | URL): URL | undefined {
  if (source instanceof URL) return source;
  const [start, name] = (typeof source === "string" && scheme.exec(source)) || [];
  if (start === undefined || name === undefined) return undefined;
  // A file may be called `note:1.txt`.
  if (!/^(https?|file|data)$/i.test(name) && !source.startsWith("//", start.length)) return undefined;
  if (URL.canParse(source)) return new URL(source);
  throw new MediaError(
    `${unnamed} begins with ${name}: and is no URL. Give an https: or file: URL, a path or bytes.`,
  );
}

/** What errors call a file: its path, unless that looks like an address or holds one. */
export function nameOf(path: string): string {
  return scheme.test(path) || path.includes("://") || path.startsWith("//") ? unnamed : path;
}
