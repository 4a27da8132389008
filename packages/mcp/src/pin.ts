import { hashOf, type McpDefinition } from "./definition.js";
import { McpError } from "./errors.js";
import { isObject } from "./object.js";

/** A definition that somebody has looked at, or that was there first. */
export interface Pin {
  /** SHA-256 of the definition. */
  readonly hash: string;
  readonly definition: McpDefinition;
}

/** One server's pins, by its own names for its tools. */
export type ServerPins = Readonly<Record<string, Pin>>;

export async function pinOf(definition: McpDefinition): Promise<Pin> {
  return { hash: await hashOf(definition), definition };
}

/** Whether what was kept of a tool is a pin of it, and nobody has touched it. */
export async function isSound(tool: string, kept: unknown): Promise<boolean> {
  if (!isObject(kept) || !isObject(kept.definition)) return false;
  const { name, inputSchema } = kept.definition;
  return name === tool && isObject(inputSchema) && (await hashOf(kept.definition)) === kept.hash;
}

/** A server's own among those of all; `undefined` where it was never seen. Throws `McpError` for what can't be pins, e.g. `null`. */
export function pinsOf(all: ReadonlyMap<string, unknown>, server: string): ServerPins | undefined {
  const kept = all.get(server);
  if (isObject(kept)) return kept as ServerPins;
  if (!all.has(server)) return undefined;
  // Never taken for none: whoever can damage them could then have every change accepted.
  throw new McpError(
    server,
    `The pins of the server ${server} are damaged: they are no object. Restore them, or delete those of ${server} to pin its tools anew.`,
  );
}
