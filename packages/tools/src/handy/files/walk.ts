import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { errorCode } from "../error-code.js";
import { enter, type HeldFolder, look, verify } from "./held-folder.js";

/** Something in a folder. Its folder is held until the walk goes on. */
export interface Entry {
  /** From the folder of the tools, with slashes. */
  readonly path: string;
  readonly name: string;
  /** `closed`: a folder that is not walked, too deep or not ours to read. `rest`: stands for what a folder has beside the first entries. */
  readonly kind: "file" | "folder" | "link" | "other" | "closed" | "rest";
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
  const { entries, isCut } = await entriesOf(folder).catch((error: unknown) => {
    // Deleted since it was entered: what is within it is gone, and what is beside it is not.
    if (depth === 0 || errorCode(error) !== "ENOENT") throw error;
    return { entries: [], isCut: false };
  });
  for (const entry of entries) {
    const found = { path: `${prefix}${entry.name}`, name: entry.name, folder };
    const kind = await kindOf(folder, entry);
    if (!deep || kind !== "folder" || isSkipped(entry.name)) {
      yield { ...found, kind };
      continue;
    }
    // It may be gone, a link by now, or not ours to read.
    const inner = depth < deepest ? await enter(folder, entry.name).catch(() => undefined) : undefined;
    try {
      yield { ...found, kind: inner === undefined ? "closed" : "folder" };
      if (inner !== undefined) yield* walk(inner, `${found.path}/`, deep, depth + 1);
    } finally {
      await inner?.handle.close();
    }
  }
  if (isCut) yield { path: prefix, name: "", folder, kind: "rest" };
}

/** What is in these would drown all else. */
function isSkipped(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

async function entriesOf(
  folder: HeldFolder,
): Promise<{ readonly entries: readonly Dirent[]; readonly isCut: boolean }> {
  await verify(folder);
  const entries: Dirent[] = [];
  let isCut = false;
  for await (const entry of await opendir(folder.base)) {
    isCut = entries.length === mostEntries;
    if (isCut) break;
    entries.push(entry);
  }
  await verify(folder);
  return { entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)), isCut };
}

async function kindOf(folder: HeldFolder, entry: Dirent): Promise<Kind> {
  const known = kind(entry);
  if (known !== "other") return known;
  // Some file systems don't say what an entry is.
  const stats = await look(folder, entry.name);
  return stats === undefined ? "other" : kind(stats);
}

type Kind = Exclude<Entry["kind"], "closed" | "rest">;

function kind(entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">): Kind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}
