import type { System } from "./events.js";
import type { ToolDefinition } from "./tool.js";

/** SHA-256 over a segment's prefix, in hexadecimal. Equal fingerprints mean that system and tools are the same to the letter. */
export async function fingerprintOf(
  system: System | undefined,
  tools: readonly ToolDefinition[],
): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([system ?? null, tools]));
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
