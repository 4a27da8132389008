import type { Agent } from "./agent.js";
import { AgentError } from "./errors.js";
import { checkLimits } from "./limits.js";
import { checkTool } from "./tool.js";

const fields = {
  name: true,
  model: true,
  system: true,
  tools: true,
  maxTokens: true,
  output: true,
  limits: true,
  cache: true,
  compact: true,
  eager: true,
  permit: true,
  unknownOutcome: true,
  request: true,
} satisfies Record<keyof Agent, true>;

/** Throws `AgentError`, or `ToolDefinitionError`, for fields of an agent that can't be meant, each looked at by itself. */
export function checkFields(agent: Agent): void {
  if (!isObject(agent)) throw new AgentError("The agent must be an object, e.g. { tools: [getWeather] }.");
  const unknown = Object.keys(agent).find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined)
    throw new AgentError(
      `An agent has no field ${JSON.stringify(unknown)}. Its fields are: ${Object.keys(fields).join(", ")}. ` +
        "Other fields of the Messages API go into `request`.",
    );
  const { name, model, system, tools, maxTokens, limits, cache, eager, permit, unknownOutcome, request } =
    agent;
  if (name !== undefined && typeof name !== "string") throw new AgentError("agent.name must be a text.");
  if (model !== undefined && (typeof model !== "string" || model.trim() === ""))
    throw new AgentError('agent.model must be a model\'s id, e.g. "claude-sonnet-5-5".');
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 1))
    throw new AgentError(
      `agent.maxTokens is ${String(maxTokens)}; it must be a positive whole number of output tokens.`,
    );
  if (tools !== undefined && !Array.isArray(tools))
    throw new AgentError("agent.tools must be a list, e.g. [getWeather].");
  for (const tool of tools ?? []) checkTool(tool);
  if (system !== undefined && typeof system !== "string" && !Array.isArray(system))
    throw new AgentError("agent.system must be a string or a list of text blocks.");
  if (Array.isArray(system) && ![...system].every(isTextBlock))
    throw new AgentError(
      'agent.system holds something that is no text block. Its blocks are { type: "text", text }.',
    );
  if (!["model", "ask", undefined].includes(unknownOutcome))
    throw new AgentError('agent.unknownOutcome is "model" or "ask".');
  if (permit !== undefined && typeof permit !== "function")
    throw new AgentError('agent.permit must be a function that answers "allow", "ask" or "deny".');
  if (eager !== undefined && typeof eager !== "boolean")
    throw new AgentError("agent.eager must be true or false.");
  if (request !== undefined && !isObject(request))
    throw new AgentError(
      "agent.request must be an object with fields of the Messages API, e.g. { thinking }.",
    );
  if (limits !== undefined && !isObject(limits))
    throw new AgentError("agent.limits must be an object, e.g. { maxSteps: 10 }.");
  checkLimits(limits ?? {});
  if (!["5m", "1h", false, undefined].includes(cache))
    throw new AgentError('agent.cache is "5m", "1h" or false.');
}

/** Whatever the list is said to hold: a hole, say. */
function isTextBlock(block: unknown): boolean {
  return (
    isObject(block) &&
    "type" in block &&
    block.type === "text" &&
    "text" in block &&
    typeof block.text === "string"
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
