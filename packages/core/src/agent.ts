import type Anthropic from "@anthropic-ai/sdk";
import type { ModelRequest } from "./claude-function.js";
import { AgentError } from "./errors.js";
import type { System } from "./events.js";
import { checkLimits, defaultLimits, type Limits } from "./limits.js";
import { defaultMaxTokens, defaultModel } from "./models/models.js";
import { checkToolName, isTool, type Tool, type ToolDefinition, toDefinition } from "./tool.js";
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
  /** Other fields of the request, sent as they are. A forced `tool_choice` (`any`, `tool`) holds for a run's first step. */
  readonly request?: RequestFields;
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
  "request",
]);

/** Checks an agent and fills in its defaults. Throws `AgentError`, or `ToolDefinitionError` for an illegal tool name. */
export function prepareAgent(agent: Agent): PreparedAgent {
  if (typeof agent !== "object" || agent === null)
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
  checkLimits(limits);
  return {
    name,
    model,
    maxTokens,
    system: agent.system === "" ? undefined : copy(agent.system),
    definitions: copy(tools.map(toDefinition)),
    tools: byName(tools),
    limits: { ...defaultLimits, ...withoutUndefined(limits) },
    eager: agent.eager ?? true,
    request: agent.request ?? {},
  };
}

function byName(tools: readonly (Tool | ToolDefinition)[]): ReadonlyMap<string, Tool> {
  const names = new Set<string>();
  const runnable = new Map<string, Tool>();
  for (const tool of tools) {
    // A toolset of the API has no name of its own.
    if (isTool(tool)) checkToolName(tool.name);
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

/** Any input as messages. Throws `AgentError` for one that says nothing. */
export function toMessages(input: Input): readonly Anthropic.MessageParam[] {
  if (typeof input === "string") {
    if (input.trim() === "") throw new AgentError("The input is empty. Say what the agent should do.");
    return [{ role: "user", content: wellFormed(input) }];
  }
  if (!Array.isArray(input) || input.length === 0) {
    throw new AgentError(
      "The input is empty or of an unknown kind. Give a string, content blocks, or messages.",
    );
  }
  const items = input as readonly (Anthropic.ContentBlockParam | Anthropic.MessageParam)[];
  const messages = items.filter((item): item is Anthropic.MessageParam => "role" in item);
  if (messages.length === items.length) return wellFormed(copy(messages));
  if (messages.length > 0)
    throw new AgentError(
      "The input mixes content blocks with messages. Put the blocks into a message of their own.",
    );
  return [{ role: "user", content: wellFormed(copy(items)) as Anthropic.ContentBlockParam[] }];
}
