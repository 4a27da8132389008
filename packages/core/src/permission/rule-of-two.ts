import type { Permit, Reads, Tool } from "../agent.js";
import { AgentError } from "../errors.js";
import type { CallState, State } from "../state.js";
import { checkTool, isTool } from "../tool.js";
import type { ToolDefinition } from "../tool-definition.js";
import { refuseUnknown } from "./refuse-unknown.js";

export interface RuleOfTwoOptions {
  /** What becomes of a call that would bring the third together with the other two. Default `"ask"`. */
  readonly third?: "ask" | "deny";
  /** What the system prompt and what people say may hold. Default: neither. */
  readonly input?: Reads | readonly Reads[];
}

type Kind = Reads | "acts";

const allKinds: readonly Kind[] = ["untrusted", "private", "acts"];

/**
 * Makes a permission by which, within a session, untrusted content, private data and acting never come together without a person: whoever
 * wrote the content could have the agent send the data away. Each of the three counts from the first call that brings it, through every
 * run, compaction and fork. Once all three are there, every further call that brings one of them is asked about.
 *
 * It goes by what the tools say of themselves, see `Tool.reads` and `Tool.acts`. What is not known counts as all three: a tool that is not
 * among `tools`, and a tool of the API that this version doesn't know. Those that the API runs can't be held back, so they count from the
 * moment the session has them.
 *
 * @param tools of the agent, and of the agents that they run: `permit` binds these too. Of tools with the same name all is counted.
 *
 * Throws `AgentError` or `ToolDefinitionError` for what is no tool, and `AgentError` for an option that can't be meant.
 */
export function ruleOfTwo(tools: readonly (Tool | ToolDefinition)[], options: RuleOfTwoOptions = {}): Permit {
  if (!Array.isArray(tools)) throw new AgentError("ruleOfTwo needs a list of tools, e.g. ruleOfTwo(tools).");
  for (const tool of tools) checkTool(tool, "The list of ruleOfTwo");
  refuseUnknown("ruleOfTwo", options, ["third", "input"]);
  // Not by `??`: null would count as neither, which is weaker than whatever was meant.
  const { third = "ask", input: given = [] } = options;
  const input = readsOf(given);
  if (third !== "ask" && third !== "deny") throw new AgentError('third is "ask" or "deny" in ruleOfTwo.');
  const known = kindsByName(tools.filter(isTool));
  const kindsOf = (name: string): readonly Kind[] => known.get(name) ?? allKinds;
  return ({ toolUseId, name }, state) => {
    const own = kindsOf(name);
    const before = [
      ...state.apiTools.flatMap(kindsOfApiTool),
      ...[...state.startedTools, ...pendingBefore(state, toolUseId)].flatMap(kindsOf),
    ];
    const together = new Set([...input, ...before, ...own]);
    if (own.length === 0 || together.size < allKinds.length) return "allow";
    return {
      verdict: third,
      rule: `the rule of two: with ${name}, untrusted content, private data and acting come together`,
    };
  };
}

/** Two agents may have different tools of one name; which one was called a state doesn't say. */
function kindsByName(tools: readonly Tool[]): ReadonlyMap<string, readonly Kind[]> {
  const known = new Map<string, readonly Kind[]>();
  for (const tool of tools) known.set(tool.name, [...(known.get(tool.name) ?? []), ...kindsOfTool(tool)]);
  return known;
}

function kindsOfTool({ reads, acts, effects }: Tool): readonly Kind[] {
  const read = reads === undefined ? (["untrusted", "private"] as const) : readsOf(reads);
  return (acts ?? effects !== "none") ? [...read, "acts"] : read;
}

function readsOf(reads: unknown): readonly Reads[] {
  const kinds = [reads].flat();
  if (kinds.every((kind) => kind === "untrusted" || kind === "private")) return kinds;
  throw new AgentError('input is "untrusted", "private" or both in a list in ruleOfTwo.');
}

/**
 * By the beginning of the type. What a fetched address says goes out with it. The API's code runs without a network; what it reads came
 * into the conversation some other way.
 */
const apiTools: readonly (readonly [string, readonly Kind[]])[] = [
  ["web_search_", ["untrusted"]],
  ["web_fetch_", ["untrusted", "acts"]],
  ["code_execution_", []],
  ["tool_search_tool_", []],
];

function kindsOfApiTool(type: string): readonly Kind[] {
  return apiTools.find(([beginning]) => type.startsWith(beginning))?.[1] ?? allKinds;
}

/**
 * The calls of the same reply that stand before this one and may still run. By their order, not by what has started: so of any three the
 * last is held back, however they are checked and started side by side.
 */
function pendingBefore({ step }: State, toolUseId: string): readonly string[] {
  const calls = step?.calls ?? [];
  const own = calls.findIndex((call) => call.toolUseId === toolUseId);
  return (own < 0 ? calls : calls.slice(0, own)).filter(mayRun).map(({ name }) => name);
}

function mayRun({ result, verdict }: CallState): boolean {
  return result === undefined && verdict !== "deny";
}
