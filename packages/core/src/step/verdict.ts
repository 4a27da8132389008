import type { Tool } from "../agent.js";
import type { ToolOutcome } from "../events.js";
import { askPermit, type Permitted } from "../permission/permit.js";
import type { PreparedAgent } from "../prepare-agent.js";
import { deniedWords } from "../pure/calls/denied.js";
import { isInvalidJson } from "../pure/reply/reply.js";
import { errorResult } from "../pure/tool-result/tool-result.js";
import type { CallState, State } from "../state.js";
import { isDeferred } from "../tool-definition.js";
import type { Verdict } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import { withinTime } from "./within-time.js";

type CallToCheck = Pick<CallState, "toolUseId" | "name" | "input">;

/**
 * Finds the call's tool, parses its input, and asks for permission: the strictest answer holds.
 * The tool gets a copy of the input: what it does to it must not change the history.
 * @param stateNow what the permission goes by; of a call whose reply still streams, with the calls of that reply
 */
export async function verdictOf(
  run: LiveRun,
  call: CallToCheck,
  signal: AbortSignal = run.signal,
  stateNow: () => State = () => run.state,
): Promise<Verdict> {
  const { name, input } = call;
  const tool = run.agent.tools.get(name);
  if (tool === undefined) return refused("unknown_tool", unknownTool(name, run.agent));
  if (isInvalidJson(input)) {
    return refused(
      "invalid_input",
      `The input of ${name} was not valid JSON. Call it again with one JSON object that follows its schema.`,
    );
  }
  try {
    const parsed = await withinTime(run, tool.timeoutMs, signal, () => tool.parse(structuredClone(input)));
    const permitted = permitOf(run, call, parsed, stateNow);
    return await permission(run, permitted, { tool, input: parsed, sent: input }, signal);
  } catch (error) {
    if (signal.aborted) return { verdict: "none" };
    return {
      verdict: "deny",
      outcome: "invalid_input",
      rule: "invalid_input",
      tool,
      result: errorResult(error, run.agent.limits.maxResultLength),
    };
  }
}

function refused(outcome: ToolOutcome, words: string): Verdict {
  return { verdict: "deny", outcome, rule: outcome, result: { content: words, is_error: true } };
}

async function permission(
  run: LiveRun,
  { verdict, rule }: Permitted,
  { tool, input, sent }: { readonly tool: Tool; readonly input: unknown; readonly sent: unknown },
  signal: AbortSignal,
): Promise<Verdict> {
  if (verdict === "deny")
    return {
      verdict,
      outcome: "denied",
      rule: rule ?? "permit",
      tool,
      input: { value: input },
      result: { content: deniedWords(tool.name, rule), is_error: true },
    };
  if (verdict === "ask") return { verdict, tool, input, rule: rule ?? "permit" };
  if (await wantsApproval(run, tool, sent, signal))
    return { verdict: "ask", tool, input, rule: "needsApproval" };
  return { verdict: "allow", tool, input, ...(rule === undefined ? {} : { rule }) };
}

function permitOf(
  { agent: { permit } }: LiveRun,
  { toolUseId, name, input }: CallToCheck,
  parsed: unknown,
  stateNow: () => State,
): Permitted {
  if (permit === undefined) return { verdict: "allow" };
  return askPermit(permit, { toolUseId, name, input: structuredClone(input), parsed }, stateNow());
}

/** Fails closed: where it can't be told whether a person is needed, one is. */
async function wantsApproval(run: LiveRun, tool: Tool, sent: unknown, signal: AbortSignal): Promise<boolean> {
  const { needsApproval = false } = tool;
  if (typeof needsApproval === "boolean") return needsApproval;
  // Parsed again: what it does to its input must not change the tool's, and a copy would lose what a class has.
  const ask = async () => needsApproval(await tool.parse(structuredClone(sent)));
  try {
    return (await withinTime(run, tool.timeoutMs, signal, ask)) !== false;
  } catch (error) {
    if (signal.aborted) throw error;
    return true;
  }
}

function unknownTool(name: string, { tools, definitions }: PreparedAgent): string {
  const isDefined = definitions.some((definition) => "name" in definition && definition.name === name);
  const what = isDefined
    ? `The tool ${name} can't be run: there is only its definition, without a function.`
    : `There is no tool called ${JSON.stringify(name)}.`;
  // Of deferred ones the model knows what its search has found, and names of all would fill the history.
  const names = [...tools.values()]
    .filter(({ definition = {} }) => !isDeferred(definition))
    .map((tool) => tool.name);
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : "";
  const available =
    names.length === 0
      ? "There are no tools to call."
      : `Available tools: ${names.slice(0, mostNamed).join(", ")}${more}.`;
  return `${what} ${available}`;
}

const mostNamed = 50;
