import type { Tool } from "@lockstitch/core";
import type { McpDefinition } from "./definition.js";

/**
 * What a tool may be taken to do, by what its server says of it. Annotations are claims. One that a tool is harmless is believed of a
 * trusted server only; one that it destroys something is believed of any, for then a person is asked once too often at worst.
 */
export function effectsOf(
  { annotations = {} }: McpDefinition,
  trusted: boolean,
): Pick<Tool, "effects" | "needsApproval"> {
  if (trusted && annotations.readOnlyHint === true) return { effects: "none" };
  const effects = trusted && annotations.idempotentHint === true ? "idempotent" : "once";
  return { effects, ...(annotations.destructiveHint === true ? { needsApproval: true } : {}) };
}
