import type { Agent, Permit, RequestFields, Tool } from "./agent.js";
import { checkMoney } from "./check-money.js";
import { type PreparedCompaction, prepareCompaction } from "./compaction-options.js";
import { deferredProblem } from "./deferred-tools.js";
import { AgentError } from "./errors.js";
import type { System } from "./events.js";
import { checkLimits, defaultLimits, type Limits } from "./limits.js";
import { defaultMaxTokens, defaultModel, findModel, type Model, models } from "./models/models.js";
import { officialPrices, type PriceBook } from "./models/prices.js";
import { refusalOf } from "./models/refusals.js";
import { type PreparedOutput, prepareOutput } from "./output.js";
import { strictProblem } from "./strict-tools.js";
import { checkTool, isTool, toDefinition } from "./tool.js";
import type { ToolDefinition } from "./tool-definition.js";
import { wellFormed } from "./well-formed.js";

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
  readonly output: PreparedOutput | undefined;
  readonly unknownOutcome: "model" | "ask";
  readonly request: RequestFields;
  readonly cache: "5m" | "1h" | false;
  readonly compact: PreparedCompaction | false;
  readonly prices: PriceBook;
  readonly catalogue: readonly Model[];
}

/** What is known of models and their prices. */
export interface Books {
  readonly prices?: PriceBook;
  readonly models?: readonly Model[];
  /** When the agent is to run: prices have their days. */
  readonly now?: number;
}

/** After every row of a book has begun to hold. */
const anyDay = Date.UTC(9999, 11, 31);

const knownFields: ReadonlySet<string> = new Set<keyof Agent>([
  "name",
  "model",
  "system",
  "tools",
  "maxTokens",
  "output",
  "limits",
  "cache",
  "compact",
  "eager",
  "permit",
  "unknownOutcome",
  "request",
]);

/** Checks an agent and fills in its defaults. Throws `AgentError`, or `ToolDefinitionError` for an illegal tool name. */
export function prepareAgent(agent: Agent, books: Books = {}): PreparedAgent {
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
  if (!["5m", "1h", false, undefined].includes(agent.cache))
    throw new AgentError('agent.cache is "5m", "1h" or false.');
  const output = prepareOutput(agent.output);
  const prepared: PreparedAgent = {
    name,
    model,
    maxTokens,
    system: agent.system === "" ? undefined : wellFormed(copy(agent.system)),
    definitions: wellFormed(copy(tools.map(toDefinition))),
    tools: byName(tools),
    limits: { ...defaultLimits, ...withoutUndefined(limits) },
    eager: agent.eager ?? true,
    permit: agent.permit,
    output,
    unknownOutcome: agent.unknownOutcome ?? "model",
    request: withFormat(copy(agent.request) ?? {}, output),
    cache: agent.cache ?? "5m",
    compact: prepareCompaction(agent.compact, model),
    prices: books.prices ?? officialPrices,
    catalogue: books.models ?? models,
  };
  checkRefusals(prepared);
  checkStrict(prepared);
  checkDeferred(prepared);
  checkMoney(prepared, books.now ?? anyDay);
  return prepared;
}

/** The schema of the answer stands in the request, where all that looks at requests finds it. */
function withFormat(request: RequestFields, output: PreparedOutput | undefined): RequestFields {
  if (output === undefined) return request;
  const { output_config: config } = request;
  if (config?.format !== undefined && config.format !== null)
    throw new AgentError(
      "The agent has an `output` and a request.output_config.format. Leave the latter out: the format is made from `output`.",
    );
  return { ...request, output_config: { ...config, format: wellFormed(output.format) } };
}

/** Of a model that the catalogue doesn't know nothing is refused. */
function checkRefusals(prepared: PreparedAgent): void {
  const model = findModel(prepared.model, prepared.catalogue);
  const refusal = model === undefined ? undefined : refusalOf(prepared, model);
  if (refusal !== undefined) throw new AgentError(refusal);
}

function checkStrict({ definitions, request }: PreparedAgent): void {
  const problem = strictProblem(definitions, request.output_config?.format?.schema);
  if (problem !== undefined) throw new AgentError(problem);
}

function checkDeferred({ definitions }: PreparedAgent): void {
  const problem = deferredProblem(definitions);
  if (problem !== undefined) throw new AgentError(problem);
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
