import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

/** A path where nothing is yet, in a directory that is gone after the tests of the file. */
export function temporaryDirectory(): string {
  const parent = mkdtempSync(join(tmpdir(), "lockstitch-store-"));
  made.push(parent);
  return join(parent, "store");
}

afterAll(() => {
  // A store that lets go of its directory just now may still make a file in it.
  for (const directory of made) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});
