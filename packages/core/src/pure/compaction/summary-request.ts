import type Anthropic from "@anthropic-ai/sdk";
import type { RequestFields } from "../../agent.js";
import type { ModelRequest } from "../../claude-function.js";
import type { PreparedCompaction } from "../../compaction-options.js";
import type { PreparedAgent } from "../../prepare-agent.js";
import type { State } from "../../state.js";
import { appendMessage, textOf } from "../conversation/history.js";
import { withoutThinking } from "../conversation/thinking.js";
import { buildRequest } from "../request/request.js";
import { shortenResults } from "./shorten-results.js";

type Message = Anthropic.MessageParam;
type Agent = Pick<PreparedAgent, "model" | "request"> & { readonly compact: PreparedCompaction };

/**
 * What is said to the model behind the messages that it is to summarise.
 * @param tokens that the summary may have: one that doesn't come to its end is lost, so the model is told
 */
export function instructionFor({ compact }: Agent, tokens: number): Message {
  const more = compact.instructions === undefined ? "" : `\n\n${compact.instructions}`;
  return { role: "user", content: `${instruction(Math.ceil(tokens / tokensPerWord))}${more}` };
}

/** Of names, figures and ids, which are what a summary is full of. */
const tokensPerWord = 2;

const instruction = (
  words: number,
) => `[The context window is nearly full. Answer with a summary of this conversation and nothing else. Call no tools now: none is run, and an answer that calls one is lost. Use ${words} words at most. The summary will take the place of all that was said so far, and you will go on working from it alone, so leave out nothing that you will need:
- what was asked for, in the words it was asked in, with all limits and wishes;
- what was done and found out: facts, figures, names, paths, ids and quotations as they were, the ids of tool calls whose results are still of use;
- what was decided, and why; what was tried and failed;
- where the work stands, and what is to be done next.]`;

/** The summary as the first message of what follows. Words that have this form already are left as they are. */
export function summaryMessage(
  summary: string,
  summarised: readonly Message[],
  agent: PreparedAgent,
): string {
  if (summary.startsWith(lead)) return summary;
  const own = JSON.stringify(agent.system);
  const said = summarised.filter(({ role, content }) => role === "system" && JSON.stringify(content) !== own);
  const instructions = [...instructionsIn(summarised[0]), ...said.map(textOf)].join("\n\n");
  const standing = instructions === "" ? "" : `\n\n${standingLead}\n${instructions}`;
  return `${lead}\n\n${summary}${standing}\n\n${end}`;
}

/** Whether a history begins with this message because what came before was summarised: nothing else tells of what that was. */
export function isSummary(message: Message): boolean {
  return message.role === "user" && textOf(message).startsWith(lead);
}

const lead = "[This is a summary of the conversation so far, which had grown too long.]";
const standingLead = "[These instructions were given on the way and still hold:]";
const end = "[Here the summary ends. Go on from there.]";

/** Those that an earlier summary has passed on. */
function instructionsIn(first: Message | undefined): readonly string[] {
  const text = first === undefined ? "" : textOf(first);
  const begin = text.lastIndexOf(standingLead);
  if (!text.startsWith(lead) || begin < 0) return [];
  return [text.slice(begin + standingLead.length, text.indexOf(`\n\n${end}`, begin)).trim()];
}

/**
 * The fields of the request beside the prompt. The same as in the reply's, so that its prefix is found in the cache, but for what gives a
 * reply another form than text. Another model may know none of them.
 */
export function requestFieldsFor({ request, model, compact }: Agent): RequestFields {
  if (model !== compact.model) {
    const { metadata, inference_geo: geo } = request;
    return {
      ...(metadata === undefined ? {} : { metadata }),
      ...(geo === undefined ? {} : { inference_geo: geo }),
    };
  }
  const { stop_sequences: _stops, output_config: config, ...rest } = request;
  if (config === undefined) return rest;
  const { format: _format, ...others } = config;
  return { ...rest, output_config: others };
}

/**
 * Asks for a summary of the messages before `cut`: the same prompt as ever, and a last word. What doesn't fit the window is cut out of
 * the longest tool results, in this request alone.
 * @param summariser the agent as it asks for summaries, see `summariserOf`
 * @param room tokens that the prompt may have
 */
export function buildSummaryRequest(
  state: State,
  agent: Agent,
  summariser: Agent & PreparedAgent,
  cut: number,
  room: number,
  maxTokens: number,
): ModelRequest {
  const before = state.messages.slice(0, cut);
  const isForeign = agent.model !== summariser.model;
  const readable = isForeign
    ? before.map(withoutThinking).map(withoutSystem).reduce<readonly Message[]>(appendMessage, [])
    : before;
  const history = shortenResults(readable, state, summariser, room);
  // Behind a changed message no thought is taken back, and a turn without its own is taken by no model that has to think.
  const { thinking, ...others } = summariser.request;
  const isEnabled = thinking?.type === "enabled";
  const isBare = history !== readable || (isEnabled && history.some(callsWithoutThought));
  const thought = isEnabled ? thinking.budget_tokens : 0;
  const request = isBare && isEnabled ? others : summariser.request;
  const messages = appendMessage(
    isBare ? history.map(withoutThinking) : history,
    instructionFor(agent, maxTokens - thought),
  );
  // Not a run's first step, for which alone a forced choice of tools holds.
  const run = state.run === undefined ? undefined : { ...state.run, steps: Math.max(2, state.run.steps) };
  const container = isForeign ? undefined : state.container;
  return buildRequest({ ...state, run, container, messages }, { ...summariser, request }, maxTokens);
}

/** As those that an earlier compaction has kept. */
function callsWithoutThought({ role, content }: Message): boolean {
  if (role !== "assistant" || typeof content === "string") return false;
  const isThought = content[0]?.type === "thinking" || content[0]?.type === "redacted_thinking";
  return !isThought && content.some(({ type }) => type === "tool_use");
}

/** Older models know no system messages in a conversation. */
function withoutSystem(message: Message): Message {
  return message.role === "system"
    ? { role: "user", content: `[Instructions:]\n${textOf(message)}` }
    : message;
}
