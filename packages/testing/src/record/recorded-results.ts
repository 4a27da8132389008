import type { Agent, Reconciled, Tool, ToolResult } from "@lockstitch/core";
import { ToolError } from "@lockstitch/core";
import type { CassetteCall } from "./cassette.js";
import { difference } from "./compare.js";
import { ReplayError } from "./errors.js";
import { normalContent } from "./normal-form.js";

/** A call that was answered while it was recorded: the request after it shows how. */
interface AnsweredCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly result: ToolResult;
  served: boolean;
}

/** The results of tools, as the recorded requests show them. */
export interface RecordedResults {
  /** What a call gave when it was recorded. Throws `ReplayError` for one that was not. */
  resultOf(id: string, name: string, input: unknown): ToolResult;
}

/**
 * A call is known by its id, and where the loop gave it another one this time, by its name and input: the first that
 * was not served yet.
 */
export function recordedResults(calls: readonly CassetteCall[]): RecordedResults {
  const answered = answeredCalls(calls);
  return {
    resultOf(id, name, input) {
      const alike = answered.filter(
        (call) => call.name === name && difference([], call.input, input) === undefined,
      );
      const byId = alike.filter((call) => call.id === id);
      // The very same call may be asked for again: a run that is resumed runs it again.
      const found = byId.find(({ served }) => !served) ?? byId[0] ?? alike.find(({ served }) => !served);
      if (found === undefined) throw notRecorded(name, input);
      found.served = true;
      return found.result;
    },
  };
}

function notRecorded(name: string, input: unknown): ReplayError {
  return new ReplayError(
    "tool_not_recorded",
    `The recording has no result of ${name} with the input ${JSON.stringify(input)?.slice(0, 200)}. It was not called like this, or the recording ended before its result was sent. Record it again.`,
  );
}

function answeredCalls(calls: readonly CassetteCall[]): readonly AnsweredCall[] {
  const found = new Map<string, AnsweredCall>();
  for (const { request } of calls) {
    const open = new Map<string, { readonly name: string; readonly input: unknown }>();
    for (const block of request.messages.flatMap(({ content }) =>
      typeof content === "string" ? [] : content,
    )) {
      if (block.type === "tool_use") open.set(block.id, block);
      const call = block.type === "tool_result" ? open.get(block.tool_use_id) : undefined;
      if (block.type !== "tool_result" || call === undefined) continue;
      const { type: _type, tool_use_id: id, cache_control: _marker, ...result } = block;
      const { name, input } = call;
      // Every later request of the conversation says it again.
      const key = JSON.stringify([id, name, input, normalContent(result.content), result.is_error]);
      if (!found.has(key)) found.set(key, { id, name, input, result, served: false });
    }
  }
  return [...found.values()];
}

/** What a call gave, by its id, its tool's name, and what the model sent. */
export type ResultOf = (id: string, name: string, input: unknown) => ToolResult | Promise<ToolResult>;

/** What a served tool's input becomes: the recording knows a call by what the model sent. */
interface Parsed {
  readonly sent: unknown;
  readonly parsed: unknown;
}

export interface Serving {
  readonly reconcile?: Tool["reconcile"];
  /** In characters; none by default: results were cut when they were recorded, and cut again they would say so twice. */
  readonly maxResultLength?: number;
}

/** An agent whose tools give what `resultOf` says, and do nothing. Everything else of them stays: input is parsed, people are asked. */
export function servedAgent(
  agent: Agent,
  resultOf: ResultOf,
  { reconcile = notDone, maxResultLength = Number.POSITIVE_INFINITY }: Serving = {},
): Agent {
  const served = withTools(agent, (tool) => servedTool(tool, resultOf, reconcile));
  return { ...served, limits: { ...agent.limits, maxResultLength } };
}

/** The same agent with other tools; what is no tool that can be run is left as it is, for the loop to look at. */
export function withTools(agent: Agent, change: (tool: Tool) => Tool): Agent {
  const { tools } = agent;
  if (!Array.isArray(tools)) return agent;
  return { ...agent, tools: tools.map((tool) => (isRunnable(tool) ? change(tool) : tool)) };
}

function isRunnable(tool: unknown): tool is Tool {
  return typeof tool === "object" && tool !== null && "run" in tool && typeof tool.run === "function";
}

function notDone(): Reconciled {
  return { status: "not_done" };
}

function servedTool(tool: Tool, resultOf: ResultOf, reconcile: Tool["reconcile"]): Tool {
  const { needsApproval } = tool;
  return {
    ...tool,
    parse: async (sent): Promise<Parsed> => ({ sent: structuredClone(sent), parsed: await tool.parse(sent) }),
    ...(typeof needsApproval === "function"
      ? { needsApproval: (input: unknown) => needsApproval((input as Parsed).parsed) }
      : {}),
    // It may look into the world, so it is not asked: what was recorded tells.
    ...(tool.reconcile === undefined || reconcile === undefined ? {} : { reconcile }),
    run: async (input, { toolUseId }) => {
      const { content = "", is_error: isError } = await resultOf(
        toolUseId,
        tool.name,
        (input as Parsed).sent,
      );
      if (isError === true) throw new ToolError(content as string);
      return content;
    },
  };
}
