import { hashOf, type McpDefinition } from "./definition.js";
import { McpError } from "./errors.js";

/** A definition that somebody has looked at, or that was there first. */
export interface Pin {
  /** SHA-256 of the definition. */
  readonly hash: string;
  readonly definition: McpDefinition;
}

/** One server's pins, by its own names for its tools. */
export type ServerPins = Readonly<Record<string, Pin>>;

/** Where pins are kept: a JSON file, or a map from a server's name to its pins. */
export type Pins = string | Map<string, ServerPins>;

/** `undefined`: nothing of this server was ever pinned. Rejects with `McpError` where what is kept can't be pins. */
export async function readPins(pins: Pins, server: string): Promise<ServerPins | undefined> {
  const all = typeof pins === "string" ? await readFile(pins, server) : pins;
  const found = all.get(server);
  if (found === undefined) return undefined;
  for (const [tool, pin] of Object.entries(found))
    if (typeof pin?.definition !== "object" || (await hashOf(pin.definition)) !== pin.hash)
      throw new McpError(
        server,
        `The pin of ${JSON.stringify(tool)} of the server ${server} is damaged: its hash is not that of its definition. Restore the pins, or delete those of ${server} to pin its tools anew.`,
      );
  return found;
}

const turns = new Map<string, Promise<unknown>>();

export async function writePins(pins: Pins, server: string, pinned: ServerPins): Promise<void> {
  if (typeof pins !== "string") {
    pins.set(server, pinned);
    return;
  }
  // One after the other: two servers that start at once would each write the file as it was before the other.
  const mine = (turns.get(pins) ?? Promise.resolve()).then(async () => {
    const all = await readFile(pins, server);
    await writeFile(pins, new Map([...all, [server, pinned]]));
  });
  turns.set(
    pins,
    mine.catch(() => {}),
  );
  await mine;
}

async function readFile(path: string, server: string): Promise<Map<string, ServerPins>> {
  const files = await import("node:fs/promises");
  const text = await files.readFile(path, "utf8").catch((error: unknown) => {
    if ((error as { code?: unknown }).code === "ENOENT") return "{}";
    throw new McpError(server, `The file of pins ${JSON.stringify(path)} can't be read.`, { cause: error });
  });
  try {
    const all: unknown = JSON.parse(text);
    if (typeof all !== "object" || all === null || Array.isArray(all)) throw new TypeError("no object");
    return new Map(Object.entries(all as Record<string, ServerPins>));
  } catch (error) {
    // Never taken for empty: whoever can damage the file could then have every change accepted.
    throw new McpError(
      server,
      `The file ${JSON.stringify(path)} holds no pins. Restore it, or delete it to pin every server's tools anew.`,
      { cause: error },
    );
  }
}

/** Whole or not at all: renamed into place. */
async function writeFile(path: string, all: ReadonlyMap<string, ServerPins>): Promise<void> {
  const files = await import("node:fs/promises");
  const beside = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await files.writeFile(beside, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
    await files.rename(beside, path);
  } catch (error) {
    await files.rm(beside, { force: true });
    throw error;
  }
}
