import type Anthropic from "@anthropic-ai/sdk";
import type { PreparedAgent } from "../../prepare-agent.js";
import type { State } from "../../state.js";
import { estimatePrompt } from "../budget/token-estimate.js";
import { wholeCharacters } from "../tool-result/read-on.js";

type Message = Anthropic.MessageParam;
type ResultBlock = Exclude<NonNullable<Anthropic.ToolResultBlockParam["content"]>, string>[number];

/**
 * Messages whose prompt has room: where it doesn't, the longest tool results are cut, all to the same length, and the images and files in
 * them left out. Messages that need no change are the same objects as before. What else is too long stays: nothing was said in vain.
 */
export function shortenResults(
  messages: readonly Message[],
  { system, tools }: Pick<State, "system" | "tools">,
  agent: PreparedAgent,
  room: number,
): readonly Message[] {
  const fits = (shortened: readonly Message[]) =>
    estimatePrompt({ system, tools, messages: shortened }, agent) <= room;
  if (fits(messages)) return messages;
  let [short, long] = [shortest, longestIn(messages)];
  while (long - short > 1 && long / short > 1.05) {
    const middle = Math.round(Math.sqrt(short * long));
    if (fits(cutTo(messages, middle))) short = middle;
    else long = middle;
  }
  return cutTo(messages, short);
}

/** In characters: the beginning of a result still tells what it was. */
const shortest = 200;

function cutTo(messages: readonly Message[], length: number): readonly Message[] {
  return messages.map((message) => {
    if (message.role !== "user" || typeof message.content === "string") return message;
    const content = message.content.map((block) =>
      block.type === "tool_result" ? cut(block, length) : block,
    );
    return content.some((block, index) => block !== message.content[index])
      ? { ...message, content }
      : message;
  });
}

function cut(result: Anthropic.ToolResultBlockParam, length: number): Anthropic.ToolResultBlockParam {
  const { content } = result;
  if (content === undefined) return result;
  if (typeof content === "string")
    return content.length <= length ? result : { ...result, content: cutText(content, length) };
  const blocks = cutBlocks(content, length);
  const isSame = blocks.length === content.length && blocks.every((block, index) => block === content[index]);
  return isSame ? result : { ...result, content: blocks };
}

/** The first of them, as far as they come; of very many small ones too, a result is no longer than it may be. */
function cutBlocks(blocks: readonly ResultBlock[], length: number): ResultBlock[] {
  const shown: ResultBlock[] = [];
  let left = length;
  for (const [index, block] of blocks.entries()) {
    const short = withoutFile(block);
    const weight = weightOf(short);
    if (weight > left) {
      const end = short.type === "text" ? [cutBlock(short, left)] : [];
      const more = blocks.length - index - 1;
      const note = { type: "text" as const, text: `[cut here: ${more} more blocks]` };
      return [...shown, ...end, ...(more === 0 && end.length > 0 ? [] : [note])];
    }
    shown.push(short);
    left -= weight;
  }
  return shown;
}

/** In characters: there is something around each block. */
const aroundBlock = 10;

function weightOf(block: ResultBlock): number {
  return aroundBlock + (block.type === "text" ? block.text.length : 0);
}

function withoutFile(block: ResultBlock): ResultBlock {
  // A reference to a tool is short, and the API answers for it.
  const isShown = block.type === "text" || block.type === "tool_reference";
  return isShown ? block : { type: "text", text: `[${block.type}: left out here]` };
}

function cutBlock(block: Anthropic.TextBlockParam, length: number): ResultBlock {
  const room = Math.max(0, length - aroundBlock);
  return block.text.length <= room ? block : { ...block, text: cutText(block.text, room) };
}

function cutText(text: string, length: number): string {
  const end = wholeCharacters(text, length);
  return `${text.slice(0, end)}\n[cut here: ${text.length - end} more characters]`;
}

function longestIn(messages: readonly Message[]): number {
  const results = messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_result" ? [lengthOf(block.content)] : [])),
  );
  return results.reduce((longest, length) => Math.max(longest, length), shortest + 1);
}

function lengthOf(content: Anthropic.ToolResultBlockParam["content"] = ""): number {
  if (typeof content === "string") return content.length;
  return content.reduce((sum, block) => sum + weightOf(withoutFile(block)), 0);
}
