import type Anthropic from "@anthropic-ai/sdk";
import { AgentError, ToolDefinitionError } from "./errors.js";

/** A tool's input as JSON Schema, as the API takes it: an object at the root. */
export type InputSchema = Anthropic.Tool.InputSchema;

/** What stands in the request for one tool. */
export type ToolDefinition = Anthropic.ToolUnion;

/** Blocks that a tool result may hold. */
export type ResultBlock = Exclude<NonNullable<Anthropic.ToolResultBlockParam["content"]>, string>[number];

/**
 * What running a tool does to the world:
 * - `"none"`: it only reads. It may start while the reply still streams, and may run again.
 * - `"idempotent"`: it may run again with the same `idempotencyKey`.
 * - `"once"`: it must never start twice; that it starts is committed before it does.
 */
export type Effects = "none" | "idempotent" | "once";

/**
 * A tool is a plain object. `tool()` makes one from a schema; writing one by hand is as good.
 * A tool whose `definition` has a `type` is one that the API defines and we run (memory, bash, text editor).
 */
export interface Tool<Input = unknown> {
  /** Letters, digits, `_` and `-`, 1 to 64 of them. Unique within an agent. */
  readonly name: string;
  /** What it does and when to use it: the model chooses by this text. */
  readonly description?: string;
  /** JSON Schema of the input. Default: an object with no properties. */
  readonly inputSchema?: InputSchema;
  /** Default `"once"`, the careful choice. */
  readonly effects?: Effects;
  /** Milliseconds until the call is given up and the model is told so. Default: none. */
  readonly timeoutMs?: number;
  /** It must not run beside any other call. Default false. */
  readonly alone?: boolean;
  /** A person must say yes before it runs; asked with the parsed input. Where it throws, a person is asked. */
  readonly needsApproval?: boolean | NeedsApproval<Input>["ask"];
  /** Any other wire field of the definition, e.g. `strict`, `input_examples`, `defer_loading`. */
  readonly definition?: Partial<ToolDefinition>;
  /** Turns what the model sent into the input of `run`; throws, with words a model can use, where it can't. */
  parse(input: unknown): Input | Promise<Input>;
  /**
   * Does the work. A string, or an array of nothing but content blocks, goes to the model as it is; all else as JSON.
   * Throw `ToolError` to choose what the model reads about a failure.
   */
  run(input: Input, call: ToolCall): unknown;
  /** For `effects: "once"`: finds out whether a call that was interrupted has happened. `output` is then what `run` would have returned. */
  reconcile?(input: Input, call: ToolCall): Reconciled | Promise<Reconciled>;
}

/** Written as a method, so that a tool of any input is a `Tool`. */
interface NeedsApproval<Input> {
  ask(input: Input): boolean | Promise<boolean>;
}

export type Reconciled =
  | { readonly status: "done"; readonly output: unknown }
  | { readonly status: "not_done" }
  | { readonly status: "unknown" };

/** What a running tool knows about its call. */
export interface ToolCall {
  readonly session: string;
  readonly toolUseId: string;
  /** The same for every try of this call, in this process or another. Hand it to a backend that knows idempotency. */
  readonly idempotencyKey: string;
  /** Grows with every change of the session's owner: a backend that remembers the highest can refuse a process that was fenced off. */
  readonly fence: number;
  /** Aborts when the run is aborted, the call's time is up, or its result is no longer wanted. */
  readonly signal: AbortSignal;
  /** Shows `value` to whoever watches the run, as a live `tool.delta`. Never committed. */
  progress(value: unknown): void;
}

/** Thrown by a tool to choose what the model reads: the content becomes an `is_error` result. */
export class ToolError extends Error {
  readonly content: string | readonly ResultBlock[];

  constructor(content: string | readonly ResultBlock[], options?: ErrorOptions) {
    super(typeof content === "string" ? content : "The tool failed; its content blocks say how.", options);
    this.name = "ToolError";
    this.content = content;
  }
}

/** Names the API accepts for a tool. Source: the API's tool-use rules. */
const toolNamePattern: RegExp = /^[a-zA-Z0-9_-]{1,64}$/;

export function isLegalToolName(name: unknown): name is string {
  return typeof name === "string" && toolNamePattern.test(name);
}

/** Throws `ToolDefinitionError` for a name that the API would refuse. */
export function checkToolName(name: unknown): void {
  if (isLegalToolName(name)) return;
  throw new ToolDefinitionError(
    String(name),
    `${JSON.stringify(name) ?? String(name)} can't be a tool's name. Use 1 to 64 letters, digits, underscores or hyphens, e.g. "get_weather".`,
  );
}

/** Throws `AgentError` or `ToolDefinitionError` for something in `tools` that is neither a tool nor a definition of the API. */
export function checkTool(tool: unknown): void {
  if (typeof tool !== "object" || tool === null)
    throw new AgentError("agent.tools holds something that is no tool. Make tools with tool({ … }).");
  const { name, run, parse, timeoutMs, effects, type } = tool as Readonly<Record<string, unknown>>;
  if (run === undefined && (typeof type === "string" || "input_schema" in tool)) return;
  checkToolName(name);
  const wrong = (what: string): never => {
    throw new ToolDefinitionError(String(name), `The tool ${String(name)} ${what}`);
  };
  if (typeof run !== "function")
    wrong("has no `run` function. A definition of the API's own has a `type` instead.");
  if (typeof parse !== "function")
    wrong(
      "has no `parse` function. tool({ … }) makes one from its schema; by hand, `parse: (input) => input` takes anything.",
    );
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0))
    wrong(`has timeoutMs ${String(timeoutMs)}; it must be a positive number of milliseconds.`);
  if (effects !== undefined && !["none", "idempotent", "once"].includes(String(effects)))
    wrong(`has effects ${JSON.stringify(effects)}; they are "none", "idempotent" or "once".`);
}

/** Tells our tools, which can be run here, from the API's own definitions, which can't. */
export function isTool(tool: Tool | ToolDefinition): tool is Tool {
  return "run" in tool && typeof tool.run === "function";
}

/** What stands in the request for this tool. */
export function toDefinition(tool: Tool | ToolDefinition): ToolDefinition {
  if (!isTool(tool)) return tool;
  const definedByApi =
    tool.definition !== undefined &&
    typeof tool.definition.type === "string" &&
    tool.definition.type !== "custom";
  if (definedByApi) return { ...tool.definition, name: tool.name } as ToolDefinition;
  return {
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: tool.inputSchema ?? { type: "object", properties: {}, additionalProperties: false },
    ...tool.definition,
    // Last, whatever the definition says: by this name the call will come back.
    name: tool.name,
  } as ToolDefinition;
}
