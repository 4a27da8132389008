import type Anthropic from "@anthropic-ai/sdk";
import { oncePerFrozen } from "../../freeze.js";
import type { PreparedAgent } from "../../prepare-agent.js";
import type { State } from "../../state.js";
import { isDeferred, isDefinedByApi } from "../../tool-definition.js";
import { addedSince, extentOf } from "../conversation/extent.js";
import { saysServerTool } from "../conversation/history.js";
import { imageSizeOf } from "../media/image-size.js";
import { referredTools } from "./referred-tools.js";

type Messages = readonly Anthropic.MessageParam[];

/** Models from 4.7 on (and all of the fifth generation) make about 30 % more tokens of the same text. */
type Tokenizer = "until 4.6" | "since 4.7";

/**
 * What a text weighs, in tokens a character: fitted on recorded calls of models until 4.6 (`token-estimate.test.ts` prints and pins the
 * error). The recordings hold next to nothing beyond ASCII: that weight is a careful guess.
 */
const weights = { letters: 0.19, marks: 0.8, beyondAscii: 0.9 } as const;

/** Source: the API's documentation of its models; no recording counts for these. */
const sinceFourSeven = 1.3;

/** What stands around things, in tokens; fitted like the weights. */
const around = { prompt: 4, message: 3, call: 30, result: 14, thinking: 28, format: 100 } as const;
/** The API's own words to a model that has tools. Source: its pricing page. */
const toolWords: Readonly<Record<Tokenizer, number>> = { "until 4.6": 480, "since 4.7": 350 };
/** A tool that the API defines and runs itself, as two models were recorded to count web search. */
const apiToolTokens = 1_600;

/** About how many tokens the next call's prompt has: what the API counted last, and an estimate of what is new. */
export function estimateContext(state: State, agent: PreparedAgent): number {
  const { messages, inbox, prompt, counted, tools } = state;
  if (counted !== undefined && isCounted(state, agent.model)) return counted.tokens;
  const said = estimateMessages(inbox, agent.model) + estimateReferred(inbox, messages, tools, agent.model);
  if (prompt === undefined || prompt.model !== agent.model) return said + estimatePrompt(state, agent);
  const fresh = addedSince(prompt, messages);
  // Where the API ran tools by itself its usage is that of several prompts, and says nothing of the last one's.
  if (fresh[0] !== undefined && saysServerTool(fresh[0])) return said + estimatePrompt(state, agent);
  // The reply to it was counted too. One that was refused has not come into the history.
  const isReplied = fresh[0]?.role === "assistant";
  const rest = estimateMessages(isReplied ? fresh.slice(1) : fresh, agent.model);
  const referred = estimateReferred(fresh, messages.slice(0, prompt.messages), tools, agent.model);
  return prompt.tokens + (isReplied ? prompt.output : 0) + rest + referred + said;
}

/** Whether the API has counted this very prompt. */
export function isCounted({ counted, messages, inbox }: State, model: string): boolean {
  if (counted?.model !== model || counted.inbox !== inbox.length) return false;
  const now = extentOf(messages);
  return counted.messages === now.messages && counted.blocks === now.blocks;
}

/** The same from nothing, the inbox left aside: for a model that has not counted this prompt. */
export function estimatePrompt(
  { system, tools, messages }: Pick<State, "system" | "tools" | "messages">,
  { model, request }: Pick<PreparedAgent, "model" | "request">,
): number {
  const tokenizer = tokenizerOf(model);
  // What is deferred stands in no prompt until something refers to it.
  const shown = tools.filter((tool) => !isDeferred(tool));
  const own = shown.filter(isDefinedByApi).length * apiToolTokens;
  const defined = tools.length === 0 ? 0 : toolWords[tokenizer] + own + tokensOfJson(shown, tokenizer);
  const thinking =
    request.thinking === undefined || request.thinking.type === "disabled" ? 0 : around.thinking;
  const format = request.output_config?.format;
  const form = format ? around.format + tokensOfJson(format, tokenizer) : 0;
  const prefix = tokensOf(system, tokenizer) + defined + thinking + form;
  const referred = estimateReferred(messages, [], tools, model);
  return around.prompt + prefix + estimateMessages(messages, model) + referred;
}

/** Of definitions that messages refer to and those before them don't: each stands in the prompt once, or so it is taken. */
function estimateReferred(
  messages: Messages,
  before: Messages,
  tools: State["tools"],
  model: string,
): number {
  const known = new Set(referredTools(before, tools));
  const found = new Set(referredTools(messages, tools).filter((tool) => !known.has(tool)));
  return [...found].reduce((sum, tool) => sum + tokensOfJson(tool, tokenizerOf(model)), 0);
}

/** About how many tokens messages make of a prompt. */
export function estimateMessages(messages: Messages, model: string): number {
  const tokenizer = tokenizerOf(model);
  return messages.reduce((sum, message) => sum + estimateMessage[tokenizer](message), 0);
}

/** About how many tokens a text makes. */
export function estimateText(text: string, model: string): number {
  return tokensOfText(text, tokenizerOf(model));
}

/** An id that names no version is taken for a new one: too many is the safer mistake. */
function tokenizerOf(model: string): Tokenizer {
  const [, major = "9", minor = "0"] =
    /claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/.exec(model) ?? [];
  const version = Number(major) + Number(minor) / 100;
  return version <= 4.06 ? "until 4.6" : "since 4.7";
}

const estimateOf = (tokenizer: Tokenizer) =>
  oncePerFrozen(
    ({ content }: Anthropic.MessageParam): number => around.message + tokensOf(content, tokenizer),
  );

const estimateMessage = { "until 4.6": estimateOf("until 4.6"), "since 4.7": estimateOf("since 4.7") };

function tokensOf(value: unknown, tokenizer: Tokenizer): number {
  if (typeof value === "string") return tokensOfText(value, tokenizer);
  if (Array.isArray(value)) return value.reduce((sum: number, block) => sum + tokensOf(block, tokenizer), 0);
  if (typeof value !== "object" || value === null) return 0;
  const block = value as Readonly<Record<string, unknown>> & { readonly type?: unknown };
  switch (block.type) {
    case "text":
      return tokensOf(block.text, tokenizer);
    case "thinking":
      // Where the words are left out, the signature holds them, sealed.
      return block.thinking === "" ? sealedTokens(block.signature) : tokensOf(block.thinking, tokenizer);
    case "redacted_thinking":
      return sealedTokens(block.data);
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return around.call + tokensOf(block.name, tokenizer) + tokensOfJson(block.input, tokenizer);
    case "tool_result":
      return around.result + tokensOf(block.content, tokenizer);
    case "image":
      return imageTokens(block.source, tokenizer);
    case "document":
      return documentTokens(block.source, tokenizer);
    default:
      return tokensOfJson(block, tokenizer);
  }
}

function tokensOfJson(value: unknown, tokenizer: Tokenizer): number {
  return tokensOfText(JSON.stringify(value) ?? "", tokenizer);
}

function tokensOfText(text: string, tokenizer: Tokenizer): number {
  let [letters, beyondAscii] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) beyondAscii += 1;
    // A letter in either case, or a space.
    else if (code === 0x20 || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)) letters += 1;
  }
  const marks = text.length - letters - beyondAscii;
  const tokens = letters * weights.letters + marks * weights.marks + beyondAscii * weights.beyondAscii;
  const factor = tokenizer === "since 4.7" ? sinceFourSeven : 1;
  // No token is less than a byte, of which these are the least that there can be.
  return Math.ceil(Math.min(tokens * factor, text.length + beyondAscii));
}

/** Characters of a recorded signature for each token of what it seals. */
const sealedPerToken = 9.5;

function sealedTokens(sealed: unknown): number {
  return typeof sealed === "string" ? Math.ceil(sealed.length / sealedPerToken) : 0;
}

/** A larger one is made smaller before it is looked at. Source for all of this: the API's vision documentation. */
const largestImage: Readonly<Record<Tokenizer, number>> = { "until 4.6": 1_568, "since 4.7": 4_784 };
const unknownImageTokens = 1_600;
const pixelsPerToken = 28;

function imageTokens(source: unknown, tokenizer: Tokenizer): number {
  const size = imageSizeOf(source);
  if (size === undefined) return unknownImageTokens;
  const tokens = Math.ceil(size.width / pixelsPerToken) * Math.ceil(size.height / pixelsPerToken);
  return Math.min(tokens, largestImage[tokenizer]);
}

/** One page, as recorded; how many a file has is not to be seen from here, so its size must tell. */
const pageTokens = 2_700;
const charactersPerPage = 100_000;

function documentTokens(source: unknown, tokenizer: Tokenizer): number {
  const { type, data, content } = (source ?? {}) as Readonly<Record<string, unknown>>;
  if (type === "text") return tokensOf(data, tokenizer);
  if (type === "content") return tokensOf(content, tokenizer);
  const pages = typeof data === "string" ? Math.ceil(data.length / charactersPerPage) : 1;
  return pages * pageTokens;
}
