import { hashOf, type McpDefinition } from "./definition.js";
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

/** Whether what was kept is a pin, and nobody has touched it. */
export async function isSound(kept: unknown): Promise<boolean> {
  if (!isObject(kept) || !isObject(kept.definition)) return false;
  return (await hashOf(kept.definition)) === kept.hash;
}
