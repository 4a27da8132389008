import type { McpDefinition } from "./definition.js";
import { McpError } from "./errors.js";
import { inOrder, quotedName } from "./names.js";
import { isSound, pinOf, pinsOf, type ServerPins } from "./pin.js";
import { readPinsFile, updatePinsFile } from "./pins-file.js";

/** Where pins are kept: a JSON file, or a map from a server's name to its pins. */
export type Pins = string | Map<string, ServerPins>;

type Definitions = ReadonlyMap<string, McpDefinition>;

/**
 * The definitions that are pinned of a server. Where none ever was, those that it offers are from now on. Rejects with `McpError` where
 * what is kept can't be pins, and where nothing can be kept.
 */
export async function pinnedBy(pins: Pins, server: string, offered: Definitions): Promise<Definitions> {
  const kept = pinsOf(typeof pins === "string" ? await readPinsFile(pins, server) : pins, server);
  // Only where there are none: the file may be one that this process can't write, e.g. where it is part of a repository.
  const found = kept ?? (await pinFirst(pins, server, offered));
  for (const [tool, pin] of Object.entries(found))
    if (!(await isSound(tool, pin)))
      throw new McpError(
        server,
        `The pin of ${quotedName(tool)} of the server ${server} is damaged: its definition is none of that tool, or its hash is not that of its definition. Restore the pins, or delete those of ${server} to pin its tools anew.`,
      );
  return new Map(Object.entries(found).map(([tool, { definition }]) => [tool, definition]));
}

async function pinFirst(pins: Pins, server: string, offered: Definitions): Promise<ServerPins> {
  const all = [...offered].map(async ([tool, definition]) => [tool, await pinOf(definition)] as const);
  const first = Object.fromEntries(await Promise.all(all));
  // Another may have been first meanwhile.
  return update(pins, server, (now) => now ?? first);
}

/** Pins some tools of a server anew; what has no definition any more is dropped. The pins of all others stay as they are by now. */
export async function pinAnew(
  pins: Pins,
  server: string,
  accepted: ReadonlyMap<string, McpDefinition | undefined>,
): Promise<void> {
  const all = [...accepted].map(async ([tool, definition]) =>
    definition === undefined ? [] : [[tool, await pinOf(definition)] as const],
  );
  const pinned = (await Promise.all(all)).flat();
  await update(pins, server, (now = {}) => {
    const kept = Object.entries(now).filter(([tool]) => !accepted.has(tool));
    return Object.fromEntries([...kept, ...pinned].sort(([one], [other]) => inOrder(one, other)));
  });
}

async function update(
  pins: Pins,
  server: string,
  change: (now: ServerPins | undefined) => ServerPins,
): Promise<ServerPins> {
  if (typeof pins === "string") return updatePinsFile(pins, server, change);
  const next = change(pinsOf(pins, server));
  pins.set(server, next);
  return next;
}
