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
  const blocks = content.map((block) => cutBlock(block, length));
  return blocks.some((block, index) => block !== content[index]) ? { ...result, content: blocks } : result;
}

function cutBlock(block: ResultBlock, length: number): ResultBlock {
  if (block.type === "text")
    return block.text.length <= length ? block : { ...block, text: cutText(block.text, length) };
  // A reference to a tool is short, and the API answers for it.
  return block.type === "tool_reference" ? block : { type: "text", text: `[${block.type}: left out here]` };
}

function cutText(text: string, length: number): string {
  const end = wholeCharacters(text, length);
  return `${text.slice(0, end)}\n[cut here: ${text.length - end} more characters]`;
}

function longestIn(messages: readonly Message[]): number {
  const texts = messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_result" ? textsOf(block.content) : [])),
  );
  return texts.reduce((longest, text) => Math.max(longest, text.length), shortest + 1);
}

function textsOf(content: Anthropic.ToolResultBlockParam["content"]): readonly string[] {
  if (content === undefined) return [];
  if (typeof content === "string") return [content];
  return content.flatMap((block) => (block.type === "text" ? [block.text] : []));
}
