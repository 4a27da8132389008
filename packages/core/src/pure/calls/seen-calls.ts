import type { State } from "../../state.js";
import { toolUseIds } from "../conversation/history.js";

/** Ids of all calls that the session has seen: another call by one of them would be taken for it, effects and all. */
export function seenCalls({ messages, formerCalls }: State): ReadonlySet<string> {
  return new Set([...formerCalls, ...messages.flatMap(toolUseIds)]);
}
