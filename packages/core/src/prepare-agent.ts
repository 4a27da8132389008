import type { Agent, Permit, RequestFields, Tool } from "./agent.js";
import { type PreparedCompaction, prepareCompaction } from "./compaction-options.js";
import { AgentError } from "./errors.js";
import type { System } from "./events.js";
import { checkLimits, defaultLimits, type Limits } from "./limits.js";
import { defaultMaxTokens, defaultModel, findModel, type Model, models } from "./models/models.js";
import { findPrice, officialPrices, type PriceBook } from "./models/prices.js";
import { refusalOf } from "./models/refusals.js";
import { strictProblem } from "./strict-tools.js";
import { checkTool, isTool, toDefinition } from "./tool.js";
import { runsAtApi, type ToolDefinition } from "./tool-definition.js";
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
}

const knownFields: ReadonlySet<string> = new Set<keyof Agent>([
  "name",
  "model",
  "system",
  "tools",
  "maxTokens",
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
    unknownOutcome: agent.unknownOutcome ?? "model",
    request: copy(agent.request) ?? {},
    cache: agent.cache ?? "5m",
    compact: prepareCompaction(agent.compact, model),
    prices: books.prices ?? officialPrices,
    catalogue: books.models ?? models,
  };
  checkRefusals(prepared);
  checkStrict(prepared);
  checkMoney(prepared);
  return prepared;
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

/** After every row of a book has begun to hold. */
const anyDay = Date.UTC(9999, 11, 31);

/** A cap in dollars holds only where all that is paid for can be known beforehand. */
function checkMoney({ limits, model, compact, prices, catalogue, definitions }: PreparedAgent): void {
  if (limits.usd === undefined) return;
  const asked = compact === false ? [model] : [model, compact.model];
  const unpriced = asked.find((id) => findPrice(prices, id, anyDay, catalogue) === undefined);
  if (unpriced !== undefined)
    throw new AgentError(
      `limits.usd needs the price of ${JSON.stringify(unpriced)}, and the price book has none. Give it with options.prices, e.g. ` +
        "extendPrices(officialPrices, [{ models, input, output, … }]).",
    );
  const server = definitions.find(runsAtApi);
  if (server !== undefined && limits.softCap !== true)
    throw new AgentError(
      `The API runs the tool ${JSON.stringify("name" in server ? server.name : server.type)} by itself, in a loop that bills by itself, ` +
        "so limits.usd can't be kept to the cent. Leave the tool out, or accept that with limits.softCap: true.",
    );
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
