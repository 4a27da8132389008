import { join } from "node:path";

/** The names of the files in a store's directory. */
export function segmentPath(directory: string, number: number): string {
  return join(directory, `${digits(number)}.jsonl`);
}

export function sidecarPath(directory: string, number: number): string {
  return join(directory, `${digits(number)}.index`);
}

/** The number of a segment by its file's name; nothing where the name is not a segment's. */
export function segmentNumber(name: string): number | undefined {
  const found = /^(\d{8,})\.jsonl$/.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
}

export function lockDirectory(directory: string): string {
  return join(directory, "lock");
}

export function inboxDirectory(directory: string): string {
  return join(directory, "inbox");
}

/** What a file is called while it is written, before it gets its name. */
export function draftPath(path: string): string {
  return path + draftEnding;
}

export function isDraft(name: string): boolean {
  return name.endsWith(draftEnding);
}

const draftEnding = ".new";

/** Where the folder `lock` is made, by the process that gives this id. */
export function lockDraft(directory: string, id: string): string {
  return `${lockDirectory(directory)}.${id}`;
}

export function isLockDraft(name: string): boolean {
  return name.startsWith("lock.");
}

/** Eight digits, so that names sort as numbers do. */
export function digits(number: number): string {
  return String(number).padStart(8, "0");
}
