import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { enter, type HeldFolder, look, verify } from "./held-folder.js";

/** Something in a folder. Its folder is held until the walk goes on. */
export interface Entry {
  /** From the folder of the tools, with slashes. */
  readonly path: string;
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly folder: HeldFolder;
}

/** A folder with more entries is cut: it would have to be read whole to be in order. */
const mostEntries = 10_000;
const deepest = 32;

/** What is in a folder, in order; with `deep`, folders after their own line. Links are named and never followed. */
export async function* walk(
  folder: HeldFolder,
  prefix: string,
  deep: boolean,
  depth = 0,
): AsyncGenerator<Entry, void, undefined> {
  for (const entry of await entriesOf(folder)) {
    const found = { path: `${prefix}${entry.name}`, name: entry.name, folder };
    const kind = await kindOf(folder, entry);
    yield { ...found, kind };
    if (!deep || kind !== "folder" || depth >= deepest || isSkipped(entry.name)) continue;
    // It may be gone, a link by now, or not ours to read: then its own line is all there is to say.
    const inner = await enter(folder, entry.name).catch(() => undefined);
    if (inner === undefined) continue;
    try {
      yield* walk(inner, `${found.path}/`, deep, depth + 1);
    } finally {
      await inner.handle.close();
    }
  }
}

/** What is in these would drown all else. */
function isSkipped(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

async function entriesOf(folder: HeldFolder): Promise<readonly Dirent[]> {
  await verify(folder);
  const entries: Dirent[] = [];
  for await (const entry of await opendir(folder.base)) {
    if (entries.push(entry) >= mostEntries) break;
  }
  await verify(folder);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function kindOf(folder: HeldFolder, entry: Dirent): Promise<Entry["kind"]> {
  const known = kind(entry);
  if (known !== "other") return known;
  // Some file systems don't say what an entry is.
  const stats = await look(folder, entry.name);
  return stats === undefined ? "other" : kind(stats);
}

function kind(entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">): Entry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}
