import type { Effects, Reads, Tool } from "@lockstitch/core";
import type { McpDefinition } from "./definition.js";

/** What a person says of all tools of a server. */
export interface EffectsOptions {
  /**
   * Whether the server's annotations are believed where they say that a tool only reads (`effects: "none"`), that what it reads is the
   * server's own (with that, `acts: false`), or that it may be called again (`"idempotent"`). Default false: each tool is `"once"`, and acts.
   */
  readonly trusted?: boolean;
  /**
   * What the tools' results may hold, for `ruleOfTwo`: `"untrusted"` what strangers wrote, `"private"` what not everybody may see, both in
   * a list, or `[]`, neither. No annotation tells. Default: both, the worst.
   */
  readonly reads?: Reads | readonly Reads[];
  /**
   * Whether the tools change something, or send out what the model chose, for `ruleOfTwo`. Default: true, unless the server is trusted and
   * says that a tool only reads, and nothing of the open world: one that fetches an address tells it what the model chose.
   */
  readonly acts?: boolean;
}

/**
 * What a tool may be taken to do, by what its server says of it. Annotations are claims. One that a tool is harmless is believed of a
 * trusted server only; one that it destroys something is believed of any that isn't believed to only read, for then a person is asked once too
 * often at worst.
 */
export function effectsOf(
  { annotations = {} }: McpDefinition,
  { trusted = false, reads = ["untrusted", "private"], acts }: EffectsOptions,
): Pick<Tool, "needsApproval" | "reads" | "acts"> & { readonly effects: Effects } {
  const onlyReads = trusted && annotations.readOnlyHint === true;
  // Where nothing is said of the world, the protocol has a tool reach into it.
  const staysWithin = onlyReads && annotations.openWorldHint === false;
  const brings = { reads, acts: acts ?? !staysWithin };
  if (onlyReads) return { effects: "none", ...brings };
  const effects = trusted && annotations.idempotentHint === true ? "idempotent" : "once";
  return { effects, ...(annotations.destructiveHint === true ? { needsApproval: true } : {}), ...brings };
}
