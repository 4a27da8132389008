import type { Tool } from "./agent.js";
import { AgentError, ToolDefinitionError } from "./errors.js";
import { short } from "./schema/short.js";
import {
  checkToolName,
  definitionProblem,
  isDefinedByApi,
  type ResultBlock,
  type ToolDefinition,
} from "./tool-definition.js";

/** Thrown by a tool to choose what the model reads: the content becomes an `is_error` result. */
export class ToolError extends Error {
  readonly content: string | readonly ResultBlock[];

  constructor(content: string | readonly ResultBlock[], options?: ErrorOptions) {
    super(typeof content === "string" ? content : "The tool failed; its content blocks say how.", options);
    this.name = "ToolError";
    this.content = content;
  }
}

/**
 * Throws `AgentError` or `ToolDefinitionError` for something that is neither a tool nor a definition of the API.
 * @param where what holds it, in words
 */
export function checkTool(tool: unknown, where = "agent.tools"): void {
  if (typeof tool !== "object" || tool === null)
    throw new AgentError(`${where} holds something that is no tool. Make tools with tool({ … }).`);
  const { name, run, type } = tool as Readonly<Record<string, unknown>>;
  const isDefinition = run === undefined && (typeof type === "string" || "input_schema" in tool);
  // A toolset of the API has no name of its own.
  if (!isDefinition || name !== undefined) checkToolName(name);
  const wrong = (what: string): never => {
    throw new ToolDefinitionError(String(name), `The tool ${String(name)} ${what}`);
  };
  if (!isDefinition) return checkFields(tool, wrong);
  const problem = definitionProblem(tool, name);
  if (problem !== undefined) wrong(problem);
}

/** Those of a tool of ours. */
function checkFields(tool: object, wrong: (what: string) => never): void {
  const { name, description, run, parse, timeoutMs, effects, reads, needsApproval, reconcile, ...others } =
    tool as Readonly<Record<string, unknown>>;
  const { definition } = others;
  if (description !== undefined && typeof description !== "string")
    wrong("has a description that is no text. Say what it does and when to use it.");
  if (typeof run !== "function")
    wrong("has no `run` function. A definition of the API's own has a `type` instead.");
  if (typeof parse !== "function")
    wrong(
      "has no `parse` function. tool({ … }) makes one from its schema; by hand, `parse: (input) => input` takes anything.",
    );
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0))
    wrong(`has timeoutMs ${String(timeoutMs)}; it must be a positive number of milliseconds.`);
  if (effects !== undefined && !["none", "idempotent", "once"].includes(effects as string))
    wrong(`has effects ${short(effects)}; they are "none", "idempotent" or "once".`);
  if (reads !== undefined && ![reads].flat().every((kind) => kind === "untrusted" || kind === "private"))
    wrong(`has reads ${short(reads)}; it is "untrusted", "private", both in a list, or [] for neither.`);
  for (const field of ["acts", "alone", "readsResults"])
    if (!["boolean", "undefined"].includes(typeof others[field]))
      wrong(`has ${field} ${short(others[field])}; it is true or false.`);
  if (needsApproval !== undefined && !["boolean", "function"].includes(typeof needsApproval))
    wrong(`has needsApproval ${short(needsApproval)}; it is true, false or a function.`);
  if (reconcile !== undefined && typeof reconcile !== "function")
    wrong("has a `reconcile` that is no function.");
  const problem = definition === undefined ? undefined : definitionProblem(definition, name);
  if (problem !== undefined) wrong(problem);
  // Misspelt it would go unheard: a tool that was meant to need a person's yes would run without.
  const unknown = Object.keys(tool).find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined)
    wrong(`has no field ${JSON.stringify(unknown)}. Its fields are: ${Object.keys(fields).join(", ")}.`);
}

const fields = {
  name: true,
  description: true,
  inputSchema: true,
  effects: true,
  reads: true,
  acts: true,
  timeoutMs: true,
  alone: true,
  needsApproval: true,
  readsResults: true,
  definition: true,
  parse: true,
  run: true,
  reconcile: true,
} satisfies Record<keyof Tool, true>;

/** Tells our tools, which can be run here, from the API's own definitions, which can't. */
export function isTool(tool: Tool | ToolDefinition): tool is Tool {
  return "run" in tool && typeof tool.run === "function";
}

/** What stands in the request for this tool. */
export function toDefinition(tool: Tool | ToolDefinition): ToolDefinition {
  if (!isTool(tool)) return tool;
  if (isDefinedByApi(tool.definition ?? {})) return { ...tool.definition, name: tool.name } as ToolDefinition;
  return {
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: tool.inputSchema ?? { type: "object", properties: {}, additionalProperties: false },
    ...tool.definition,
    // Last, whatever the definition says: by this name the call will come back.
    name: tool.name,
  } as ToolDefinition;
}
