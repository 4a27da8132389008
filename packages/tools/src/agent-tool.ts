import {
  type Agent,
  checkAgent,
  checkToolName,
  type EndedResult,
  type Input,
  messageOf,
  type Tool,
  type ToolCall,
  ToolDefinitionError,
  ToolError,
} from "@lockstitch/core";
import { InvalidInputError } from "./invalid-input-error.js";
import { bigintAsText, isObject } from "./json-schema.js";
import type { AnySchema, JsonInput, OutputOf, StandardSchema } from "./standard-schema.js";
import { tool } from "./tool.js";
import { refuseNone, refuseUnknown } from "./unknown-options.js";

/** What `agentTool()` makes a tool from, beside its input. */
interface Common<Value>
  extends Pick<
    Tool<Value>,
    "name" | "timeoutMs" | "alone" | "needsApproval" | "reads" | "acts" | "definition"
  > {
  /** What the agent does and when to ask it: the model chooses by this text. */
  readonly description: string;
  /** As in `tool()`. */
  readonly strict?: boolean;
  /** What the agent is told. Default: the input's text where it has nothing but one, otherwise the input as JSON. */
  readonly prompt?: (input: Value) => Input;
}

/** What `agentTool()` makes a tool from. */
export interface AgentToolOptions<Schema extends StandardSchema> extends Common<OutputOf<Schema>> {
  /** The schema of its input, as in `tool()`. Default: a `task`, in words. */
  readonly input?: Schema;
}

/** The same with a plain JSON Schema. */
export interface JsonAgentToolOptions<Value> extends Common<Value> {
  readonly input: JsonInput<Value>;
}

/** The input of an agent's tool that says nothing of its own. */
export interface AgentTask {
  readonly task: string;
}

/** Stands for its schema. */
export interface TaskInput extends StandardSchema {
  readonly "~standard": StandardSchema["~standard"] & {
    readonly types?: { readonly input: AgentTask; readonly output: AgentTask } | undefined;
  };
}

/**
 * An agent as a tool: each call runs it in a session of its own, below the call, and gives back the text of its last reply, or its
 * `output` where it has one. It starts from nothing, so the input must say all that it has to know.
 *
 * The model is told in words of an agent that failed, reached a limit, was stopped or refused. One that waits for a person suspends the
 * call. Its effects are `"idempotent"`: a call that is run again finds its agent where it was.
 *
 * Throws `ToolDefinitionError` as `tool()` does, and for an agent that no run would take. What depends on the models and prices of a run
 * is looked at in the run.
 */
export function agentTool<Value>(agent: Agent, options: JsonAgentToolOptions<Value>): Tool<Value>;
export function agentTool<Schema extends StandardSchema = TaskInput>(
  agent: Agent,
  options: AgentToolOptions<Schema>,
): Tool<OutputOf<Schema>>;
export function agentTool(agent: Agent, options: Common<unknown> & { readonly input?: AnySchema }): Tool {
  refuseNone("agentTool", options);
  checkToolName(options.name);
  const { prompt = wordsOf, input = taskInput(options.name), ...rest } = options;
  for (const given of ["run", "effects", "reconcile"])
    if (given in rest)
      throw new ToolDefinitionError(
        options.name,
        `${options.name} has an option ${JSON.stringify(given)}, which agentTool() decides itself. With tool({ … }) and \`call.run(agent, input)\` you decide it.`,
      );
  refuseUnknown("agentTool", options, known, options.name);
  if (typeof agent !== "object" || agent === null)
    throw new ToolDefinitionError(
      options.name,
      `${options.name} has no agent: agentTool(agent, { name, … }).`,
    );
  refuseBroken(options.name, agent);
  if (typeof prompt !== "function")
    throw new ToolDefinitionError(
      options.name,
      `${options.name} has a prompt that is no function. Give one of the input, e.g. prompt: (input) => input.topic, or leave it out.`,
    );
  return tool({
    ...rest,
    // Whichever it is: which types go with it the overloads say.
    input: input as JsonInput<unknown>,
    effects: "idempotent",
    run: (value, call) => runAgent(agent, prompt(value), call),
  });
}

const known = {
  name: true,
  description: true,
  input: true,
  prompt: true,
  timeoutMs: true,
  alone: true,
  needsApproval: true,
  reads: true,
  acts: true,
  strict: true,
  definition: true,
} satisfies Record<keyof AgentToolOptions<StandardSchema>, true>;

/** Here, and not when the model first calls it: nobody but the model would hear of it then. */
function refuseBroken(name: string, agent: Agent): void {
  try {
    checkAgent(agent);
  } catch (cause) {
    throw new ToolDefinitionError(name, `${name} has an agent that can't be run. ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function runAgent(agent: Agent, input: Input, call: ToolCall): Promise<unknown> {
  const who = agent.name ?? "The agent";
  let result: EndedResult;
  try {
    result = await call.run(agent, input);
  } catch (error) {
    if (call.signal.aborted) throw error;
    throw new ToolError(`${who} failed: ${messageOf(error)}`, { cause: error });
  }
  return answerOf(who, result);
}

function answerOf(who: string, result: EndedResult): unknown {
  const { reason, limit, output, text } = result;
  const soFar = text.trim() === "" ? "" : ` The last it said: ${text}`;
  switch (reason) {
    case "limit":
      throw new ToolError(`${who} reached its limit ${limit ?? ""} before it was done.${soFar}`);
    case "aborted":
      throw new ToolError(`${who} was stopped before it was done.${soFar}`);
    case "refusal":
      throw new ToolError(`${who} refused.${soFar}`);
    case "max_tokens":
    case "model_context_window_exceeded":
    case "pause_turn":
      throw new ToolError(`${who} was cut off (${reason}) before it was done.${soFar}`);
    default:
      if (output !== undefined) return output;
      return text.trim() === "" ? `${who} ended without a word.` : text;
  }
}

function wordsOf(input: unknown): string {
  const [value, ...more] = isObject(input) ? Object.values(input) : [input];
  if (typeof value === "string" && more.length === 0) return value;
  return JSON.stringify(input, bigintAsText, 2);
}

function taskInput(name: string): JsonInput<AgentTask> {
  const description = "What is to be done, with all that must be known for it: nothing else is passed on.";
  return {
    jsonSchema: {
      type: "object",
      properties: { task: { type: "string", description } },
      required: ["task"],
      additionalProperties: false,
    },
    parse(input) {
      const task = isObject(input) ? input.task : undefined;
      if (typeof task === "string" && task.trim() !== "") return { task };
      throw new InvalidInputError(name, [{ path: "task", message: "expected the task, in words" }]);
    },
  };
}
