import type Anthropic from "@anthropic-ai/sdk";
import { oncePerFrozen } from "../../freeze.js";
import type { PreparedAgent } from "../../prepare-agent.js";
import type { State } from "../../state.js";
import { isDefinedByApi, type ToolDefinition } from "../../tool-definition.js";
import { addedSince } from "../conversation/extent.js";
import { jsonBytes } from "../conversation/json-bytes.js";
import { referredTools } from "./referred-tools.js";

type Messages = readonly Anthropic.MessageParam[];

/**
 * Tokens that the next prompt can't exceed, but for what a window holds: what the API counted last, and of what is new each byte of its
 * JSON as a token (no token is less than a byte, and no text longer than its JSON), with the definitions that it refers to. A call that would be longer than the window is refused, and costs nothing.
 * @param window tokens that the model's context window holds
 */
export function promptBound(state: State, agent: PreparedAgent, window: number, more: Messages = []): number {
  const { prompt, messages, inbox, tools } = state;
  const isKnown = prompt !== undefined && prompt.model === agent.model;
  // A reply comes back as it was counted, or as its bytes: of tool calls the API counts more than they show, so both are added.
  const known = isKnown ? prompt.tokens + prompt.output : prefixBound(state);
  const added = [...(isKnown ? addedSince(prompt, messages) : messages), ...inbox, ...more];
  const bound =
    known +
    settingsBound(agent.request) +
    messagesBound(added) +
    definitionsBound(referredTools(added, tools));
  return Math.min(window, bound);
}

function definitionsBound(tools: State["tools"]): number {
  return tools.reduce((sum, tool) => sum + definitionBytes(tool), 0);
}

const definitionBytes = oncePerFrozen((tool: ToolDefinition): number => jsonBytes(tool));

/** The system prompt and the tools, with what the API adds of its own to explain them. */
function prefixBound({ system, tools }: State): number {
  const own = tools.filter(isDefinedByApi).length * apiToolTokens;
  return (tools.length === 0 ? 0 : toolUseTokens) + own + jsonBytes([system ?? "", tools]);
}

/** The API's own words about tools: at most 804 for any model that it has told of. */
const toolUseTokens = 1_000;
/** A definition that the API writes itself: at most 735 for any that it has told of, but web search was recorded with about 1,600. */
const apiToolTokens = 2_500;

/** An output format becomes a part of the prompt, and the API may put words of its own around what it is set to. */
function settingsBound(request: object): number {
  return Object.keys(request).length === 0 ? ownTokens : ownTokens + settingsTokens + jsonBytes(request);
}

const ownTokens = 100;
const settingsTokens = 500;

function messagesBound(messages: Messages): number {
  return messages.reduce((sum, message) => sum + messageBound(message), 0);
}

const messageBound = oncePerFrozen(
  ({ content }: Anthropic.MessageParam): number => messageTokens + contentBound(content),
);

/** What stands around a message, and around each block. */
const messageTokens = 16;
/** Around a list or an object, also an empty one. */
const bracketBytes = 2;

/** @param holdsBlocks what a model has put into a call's input is JSON, whatever it looks like */
function contentBound(value: unknown, holdsBlocks = true): number {
  if (typeof value !== "object" || value === null) return jsonBytes(value);
  if (Array.isArray(value))
    return value.reduce(
      (sum: number, item) => sum + messageTokens + contentBound(item, holdsBlocks),
      bracketBytes,
    );
  const unseen = holdsBlocks ? boundOfUnseen(value) : undefined;
  if (unseen !== undefined) return unseen;
  const explained = holdsBlocks && "citations" in value ? citationTokens : 0;
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + jsonBytes(name) + 4 + contentBound(item, holdsBlocks && name !== "input"),
    bracketBytes + explained,
  );
}

/** Of a block that doesn't show how much it is; `undefined` for any other. */
function boundOfUnseen(block: object): number | undefined {
  const { type, source } = block as {
    readonly type?: unknown;
    readonly source?: { readonly type?: unknown };
  };
  if (type === "image") return imageTokens;
  // How many pages a file has is not to be seen from here.
  if (type === "document" && source?.type !== "text" && source?.type !== "content")
    return Number.POSITIVE_INFINITY;
  return type === "container_upload" ? Number.POSITIVE_INFINITY : undefined;
}

/** With citations the API explains to the model how to cite: about 560 tokens in recorded calls. */
const citationTokens = 1_000;

/** The most that one image comes to, for any model. Source: the API's vision documentation. */
const imageTokens = 4_784;
