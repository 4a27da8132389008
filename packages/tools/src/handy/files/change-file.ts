import { ToolError } from "@lockstitch/core";
import { telling } from "./failure.js";
import type { HeldFolder } from "./held-folder.js";
import { fileOf } from "./path-names.js";
import { type FileRoot, withRoot } from "./root.js";

type Place = ReturnType<typeof fileOf>;

/**
 * Changes a file once every earlier change of it has ended: two at once would lose one of them. Whichever tools of the process make
 * them, for two agents may have tools of one folder, or one's folder may be in the other's. Fails as `telling` does.
 */
export async function changeFile<Value>(
  root: FileRoot,
  path: string,
  signal: AbortSignal,
  change: (top: HeldFolder, place: Place) => Promise<Value>,
): Promise<Value> {
  return telling(path, signal, () => {
    const place = fileOf(path);
    return inTurn(nameOf(root, place), () => {
      signal.throwIfAborted();
      return withRoot(root, (top) => change(top, place));
    });
  });
}

/** For what a file would be once it is changed. */
export function refuseLarge(size: number, maxBytes: number): void {
  if (size > maxBytes)
    throw new ToolError(`The file would have ${size} bytes, and no more than ${maxBytes} can be written.`);
}

/** The last change of each file that is being changed. */
const changing = new Map<string, Promise<unknown>>();

/** In the order of the calls. */
function inTurn<Value>(name: string, change: () => Promise<Value>): Promise<Value> {
  const result = (changing.get(name) ?? Promise.resolve()).then(change);
  const ended = result
    .catch(() => {})
    .then(() => {
      if (changing.get(name) === ended) changing.delete(name);
    });
  changing.set(name, ended);
  return result;
}

/** One for each file, also where the system tells no capitals apart; that two files may share one costs them no more than a wait. */
function nameOf(root: FileRoot, { folders, name }: Place): string {
  return [root.path, ...folders, name]
    .join("/")
    .replace(/[\\/]+/g, "/")
    .normalize()
    .toLowerCase();
}
