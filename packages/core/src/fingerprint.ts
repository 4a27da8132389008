import type { System } from "./events.js";
import type { ToolDefinition } from "./tool-definition.js";

/** What a segment begins with, as text: the same to the letter, or not the same. */
function prefixText(system: System | undefined, tools: readonly ToolDefinition[]): string {
  return JSON.stringify([system ?? null, tools]);
}

/** What a segment begins with, as its event says it. */
export function prefixOf({
  system,
  definitions: tools,
}: {
  readonly system: System | undefined;
  readonly definitions: readonly ToolDefinition[];
}): { readonly system?: System; readonly tools: readonly ToolDefinition[]; readonly fingerprint: string } {
  const fingerprint = fingerprintOf(prefixText(system, tools));
  return { ...(system === undefined ? {} : { system }), tools, fingerprint };
}

/**
 * A short name for a text, 14 hexadecimal digits, to compare prefixes by eye in a log. Not cryptographic: where a wrong answer
 * would matter, compare the texts. Computed at once rather than by the platform's own hash, which answers only later and would
 * make the order of events depend on a thread.
 */
export function fingerprintOf(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(16).padStart(14, "0");
}
