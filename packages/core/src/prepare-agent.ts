import type { Agent, Permit, RequestFields, Tool } from "./agent.js";
import { checkFields } from "./agent-fields.js";
import { checkMoney } from "./check-money.js";
import { callersProblem } from "./code-callers.js";
import { type PreparedCompaction, prepareCompaction } from "./compaction-options.js";
import { deferredProblem } from "./deferred-tools.js";
import { AgentError, messageOf } from "./errors.js";
import type { System } from "./events.js";
import { heldProblem } from "./held-schemas.js";
import { defaultLimits, type Limits } from "./limits.js";
import { defaultMaxTokens, defaultModel, findModel, type Model, models } from "./models/models.js";
import { officialPrices, type PriceBook } from "./models/prices.js";
import { refusalOf } from "./models/refusals.js";
import { type PreparedOutput, prepareOutput } from "./output.js";
import { formatProblem } from "./output-format.js";
import { hasFormat } from "./pure/conversation/citations.js";
import { saidMisfit } from "./pure/conversation/said-blocks.js";
import { isDeep } from "./pure/reply/nesting.js";
import { isTool, toDefinition } from "./tool.js";
import { definitionName, isDefinedByApi, type ToolDefinition } from "./tool-definition.js";
import { examplesProblem, inputSchemaProblem } from "./tool-schema.js";
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

/**
 * Throws `AgentError`, or `ToolDefinitionError`, for an agent that a run would refuse, as `run()` itself does. Without `books`, which only
 * a run has, what depends on models and their prices is not looked at: legal fields of the model, limits in dollars.
 */
export function checkAgent(agent: Agent, books?: Books): void {
  if (books === undefined) checkAlone(filledIn(agent, {}));
  else prepareAgent(agent, books);
}

/** Checks an agent and fills in its defaults. Throws `AgentError`, or `ToolDefinitionError` for a tool that can't be meant. */
export function prepareAgent(agent: Agent, books: Books = {}): PreparedAgent {
  const prepared = filledIn(agent, books);
  checkRefusals(prepared);
  checkAlone(prepared);
  checkMoney(prepared, books.now ?? anyDay);
  return prepared;
}

/** The fields are looked at here, each by itself. */
function filledIn(agent: Agent, books: Books): PreparedAgent {
  checkFields(agent);
  const { name = "agent", model = defaultModel, maxTokens = defaultMaxTokens, tools = [] } = agent;
  const output = prepareOutput(agent.output);
  return {
    name,
    model,
    maxTokens,
    system: systemOf(agent.system),
    definitions: wellFormed(tools.map(definitionOf)),
    tools: byName(tools),
    limits: { ...defaultLimits, ...withoutUndefined(agent.limits ?? {}) },
    eager: agent.eager ?? true,
    permit: agent.permit,
    output,
    unknownOutcome: agent.unknownOutcome ?? "model",
    request: withFormat(copied("agent.request", agent.request) ?? {}, output),
    cache: agent.cache ?? "5m",
    compact: prepareCompaction(agent.compact, model),
    prices: books.prices ?? officialPrices,
    catalogue: books.models ?? models,
  };
}

/** What can be told of an agent whatever model there is. */
function checkAlone(prepared: PreparedAgent): void {
  checkSchemas(prepared);
  checkHeld(prepared);
  checkTogether(prepared);
}

/** Without texts that say nothing, as of a template that came out empty: the API refuses them. */
function systemOf(given: System | undefined): System | undefined {
  const system = wellFormed(copied("agent.system", given));
  if (typeof system !== "object") return system?.trim() === "" ? undefined : system;
  for (const [index, block] of system.entries()) {
    const misfit = saidMisfit("system", { ...block });
    if (misfit !== undefined)
      throw new AgentError(
        `The API would refuse the system prompt: agent.system.${index}.${misfit.path} must be ${misfit.wanted}.`,
      );
  }
  const said = system.filter(({ text }) => text.trim() !== "");
  return said.length === 0 ? undefined : said;
}

function definitionOf(tool: Tool | ToolDefinition): ToolDefinition {
  const definition = toDefinition(tool);
  return copied(`The definition of ${definitionName(definition)}`, definition);
}

/** The schema of the answer stands in the request, where all that looks at requests finds it. */
function withFormat(request: RequestFields, output: PreparedOutput | undefined): RequestFields {
  if (output === undefined) return request;
  if (hasFormat(request))
    throw new AgentError(
      "The agent has an `output`, and a format in its request. Leave the latter out: the format is made from `output`.",
    );
  return { ...request, output_config: { ...request.output_config, format: wellFormed(output.format) } };
}

/** Of a model that the catalogue doesn't know nothing is refused. */
function checkRefusals(prepared: PreparedAgent): void {
  const model = findModel(prepared.model, prepared.catalogue);
  const refusal = model === undefined ? undefined : refusalOf(prepared, model);
  if (refusal !== undefined) throw new AgentError(refusal);
}

/** `tool()` has looked at those that it made; written by hand, a definition comes here as it is. */
function checkSchemas({ definitions }: PreparedAgent): void {
  for (const definition of definitions) {
    if (isDefinedByApi(definition) || !("input_schema" in definition)) continue;
    const problem =
      inputSchemaProblem(definition.name, definition.input_schema) ?? examplesProblem(definition);
    if (problem !== undefined) throw new AgentError(problem);
  }
}

/** A format that was made from an `output` was judged there. */
function checkHeld({ definitions, request, output }: PreparedAgent): void {
  const format = request.output_config?.format;
  const byHand = output === undefined ? formatProblem(format) : undefined;
  const problem = byHand ?? heldProblem(definitions, format?.schema);
  if (problem !== undefined) throw new AgentError(problem);
}

function checkTogether({ definitions }: PreparedAgent): void {
  const problem = deferredProblem(definitions) ?? callersProblem(definitions);
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

/** The frozen prefix must not change when the caller changes an object later. Throws `AgentError` for what can't be sent. */
function copied<Value>(what: string, value: Value): Value {
  if (value === undefined) return value;
  if (isDeep(value)) throw new AgentError(`${what} holds itself, or is nested too deep to be sent.`);
  try {
    const copy = structuredClone(value);
    // Whatever that takes is not all JSON.
    JSON.stringify(copy);
    return copy;
  } catch (error) {
    throw new AgentError(`${what} holds something that is no JSON, and can't be sent: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function withoutUndefined(limits: Limits): Limits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
