import type Anthropic from "@anthropic-ai/sdk";
import { blocksOf } from "./history.js";

type Messages = readonly Anthropic.MessageParam[];

/** How far a conversation goes, to tell later what was said since. */
export interface Extent {
  readonly messages: number;
  /** Of its last message that is no system message: where no reply comes to that one, it grows. */
  readonly blocks: number;
}

export function extentOf(messages: Messages): Extent {
  const last = messages[lastSaid(messages)];
  return { messages: messages.length, blocks: last === undefined ? 0 : blocksOf(last).length };
}

/** What a conversation has beyond what it had, the blocks that joined a message as a message of their own. */
export function addedSince(before: Extent, messages: Messages): Messages {
  const after = messages.slice(before.messages);
  const at = lastSaid(messages.slice(0, before.messages));
  const joined = at < 0 ? [] : blocksOf(messages[at]!).slice(before.blocks);
  return joined.length === 0 ? after : [{ role: "user", content: joined }, ...after];
}

function lastSaid(messages: Messages): number {
  return messages.findLastIndex(({ role }) => role !== "system");
}
