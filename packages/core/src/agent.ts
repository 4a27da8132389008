import type Anthropic from "@anthropic-ai/sdk";
import type { ModelRequest } from "./claude-function.js";
import { AgentError } from "./errors.js";
import type { System } from "./events.js";
import { checkLimits, defaultLimits, type Limits } from "./limits.js";
import { defaultMaxTokens, defaultModel } from "./models/models.js";
import type { State } from "./state.js";
import { checkTool, isTool, type Tool, type ToolDefinition, toDefinition } from "./tool.js";
import { wellFormed } from "./well-formed.js";

/** Any other field of the Messages API, passed through as it is. */
export type RequestFields = Partial<
  Omit<ModelRequest, "model" | "max_tokens" | "messages" | "system" | "tools">
>;

/** An agent is plain data. */
export interface Agent {
  /** Shown in traces. Default `"agent"`. */
  readonly name?: string;
  /** Default: `defaultModel`, a current mid-sized one. */
  readonly model?: string;
  /** The system prompt; stays the same for a whole session. */
  readonly system?: System;
  /** Our tools and the API's own definitions, side by side. */
  readonly tools?: readonly (Tool | ToolDefinition)[];
  /** Output tokens of one reply at most. Default 16,000. */
  readonly maxTokens?: number;
  readonly limits?: Limits;
  /** Start calls of tools with `effects: "none"` while the reply still streams. Default true. */
  readonly eager?: boolean;
  /**
   * Whether a call may run: `"deny"`, `"ask"` (a person) or `"allow"`. Asked once a call, with what the model sent; pure, so that
   * the same call in the same state always gets the same answer. The strictest of this and the tool's `needsApproval` holds.
   * Where it throws or answers anything else, the call is denied.
   */
  readonly permit?: Permit;
  /**
   * What becomes of a call with `effects: "once"` that was interrupted by the end of its process and can't be reconciled:
   * the model is told that its outcome is unknown, or a person is asked whether to run it again. Default `"model"`.
   */
  readonly unknownOutcome?: "model" | "ask";
  /** Other fields of the request, sent as they are. A forced `tool_choice` (`any`, `tool`) holds for a run's first step. */
  readonly request?: RequestFields;
}

export type Permit = (call: PermitCall, state: State) => "allow" | "ask" | "deny";

export interface PermitCall {
  readonly toolUseId: string;
  readonly name: string;
  /** What the model sent, not parsed. */
  readonly input: unknown;
}

/** What a person says to an agent: text, content blocks, or messages of a conversation so far. */
export type Input = string | readonly Anthropic.ContentBlockParam[] | readonly Anthropic.MessageParam[];

/** An agent that was checked, with its defaults filled in. */
export interface PreparedAgent {
  readonly name: string;
  readonly model: string;
  readonly maxTokens: number;
  readonly system: System | undefined;
  readonly definitions: readonly ToolDefinition[];
  /** By name. A map, not an object: a tool may be called `constructor`. */
  readonly tools: ReadonlyMap<string, Tool>;
  readonly limits: Limits & typeof defaultLimits;
  readonly eager: boolean;
  readonly permit: Permit | undefined;
  readonly unknownOutcome: "model" | "ask";
  readonly request: RequestFields;
}

const knownFields: ReadonlySet<string> = new Set<keyof Agent>([
  "name",
  "model",
  "system",
  "tools",
  "maxTokens",
  "limits",
  "eager",
  "permit",
  "unknownOutcome",
  "request",
]);

/** Checks an agent and fills in its defaults. Throws `AgentError`, or `ToolDefinitionError` for an illegal tool name. */
export function prepareAgent(agent: Agent): PreparedAgent {
  if (typeof agent !== "object" || agent === null || Array.isArray(agent))
    throw new AgentError("The agent must be an object, e.g. { tools: [getWeather] }.");
  for (const field of Object.keys(agent)) {
    if (!knownFields.has(field)) {
      throw new AgentError(
        `An agent has no field ${JSON.stringify(field)}. Its fields are: ${[...knownFields].join(", ")}. ` +
          "Other fields of the Messages API go into `request`.",
      );
    }
  }
  const {
    name = "agent",
    model = defaultModel,
    maxTokens = defaultMaxTokens,
    tools = [],
    limits = {},
  } = agent;
  if (typeof model !== "string" || model.trim() === "")
    throw new AgentError('agent.model must be a model\'s id, e.g. "claude-sonnet-5-5".');
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    throw new AgentError(
      `agent.maxTokens is ${String(maxTokens)}; it must be a positive whole number of output tokens.`,
    );
  }
  if (!Array.isArray(tools)) throw new AgentError("agent.tools must be a list, e.g. [getWeather].");
  for (const tool of tools) checkTool(tool);
  if (agent.system !== undefined && typeof agent.system !== "string" && !Array.isArray(agent.system)) {
    throw new AgentError("agent.system must be a string or a list of text blocks.");
  }
  if (!["model", "ask", undefined].includes(agent.unknownOutcome))
    throw new AgentError('agent.unknownOutcome is "model" or "ask".');
  if (agent.permit !== undefined && typeof agent.permit !== "function")
    throw new AgentError('agent.permit must be a function that answers "allow", "ask" or "deny".');
  if (typeof limits !== "object" || limits === null || Array.isArray(limits))
    throw new AgentError("agent.limits must be an object, e.g. { maxSteps: 10 }.");
  checkLimits(limits);
  return {
    name,
    model,
    maxTokens,
    system: agent.system === "" ? undefined : wellFormed(copy(agent.system)),
    definitions: wellFormed(copy(tools.map(toDefinition))),
    tools: byName(tools),
    limits: { ...defaultLimits, ...withoutUndefined(limits) },
    eager: agent.eager ?? true,
    permit: agent.permit,
    unknownOutcome: agent.unknownOutcome ?? "model",
    request: copy(agent.request) ?? {},
  };
}

function byName(tools: readonly (Tool | ToolDefinition)[]): ReadonlyMap<string, Tool> {
  const names = new Set<string>();
  const runnable = new Map<string, Tool>();
  for (const tool of tools) {
    // A toolset of the API has no name of its own.
    if (!("name" in tool) || typeof tool.name !== "string") continue;
    if (names.has(tool.name)) {
      throw new AgentError(
        `Two tools are called ${JSON.stringify(tool.name)}. Every tool of an agent needs a name of its own; rename one.`,
      );
    }
    names.add(tool.name);
    if (isTool(tool)) runnable.set(tool.name, tool);
  }
  return runnable;
}

/** The frozen prefix must not change when the caller changes an object later. */
function copy<Value>(value: Value): Value {
  return value === undefined ? value : structuredClone(value);
}

function withoutUndefined(limits: Limits): Limits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** Any input as messages. Throws `AgentError` for one that says nothing, or that the API would refuse. */
export function toMessages(input: Input): readonly Anthropic.MessageParam[] {
  const messages = wellFormed(asMessages(input));
  for (const { role, content } of messages) {
    if (!["user", "assistant", "system"].includes(role))
      throw new AgentError(
        `A message of the input has the role ${JSON.stringify(role)}; it must be user, assistant or system.`,
      );
    const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    if (!Array.isArray(blocks) || blocks.length === 0)
      throw new AgentError("A message of the input has no content.");
    for (const block of blocks) checkBlock(block, role);
  }
  return messages;
}

function asMessages(input: Input): readonly Anthropic.MessageParam[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input) || input.length === 0 || !input.every(isObject)) {
    throw new AgentError(
      "The input is empty or of an unknown kind. Give a string, content blocks, or messages.",
    );
  }
  const items = input as readonly (Anthropic.ContentBlockParam | Anthropic.MessageParam)[];
  const messages = items.filter((item): item is Anthropic.MessageParam => "role" in item);
  if (messages.length === items.length) return copy(messages);
  if (messages.length > 0)
    throw new AgentError(
      "The input mixes content blocks with messages. Put the blocks into a message of their own.",
    );
  return [{ role: "user", content: copy(items) as Anthropic.ContentBlockParam[] }];
}

/** What the API takes in a message that is not the assistant's; anything else would spoil the session for good. */
const said: ReadonlySet<string> = new Set<Anthropic.ContentBlockParam["type"]>([
  "text",
  "image",
  "document",
  "search_result",
  "tool_result",
  "container_upload",
]);

function checkBlock(block: unknown, role: string): void {
  if (!isObject(block) || !("type" in block) || typeof block.type !== "string") {
    throw new AgentError(
      `The input holds something that is no content block: ${JSON.stringify(block)?.slice(0, 80)}. A block has a type, e.g. { type: "text", text }.`,
    );
  }
  if (role !== "assistant" && !said.has(block.type))
    throw new AgentError(
      `The input holds a block of type ${JSON.stringify(block.type)}, which the API refuses from a user. These may be said: ${[...said].join(", ")}.`,
    );
  if (block.type !== "text") return;
  const text = "text" in block ? block.text : undefined;
  if (typeof text !== "string") throw new AgentError("The input holds a text block without text.");
  if (role === "assistant" ? text === "" : text.trim() === "")
    throw new AgentError("The input is empty. Say what the agent should do.");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
