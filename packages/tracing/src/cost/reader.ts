import type { AgentEvent, Cost, EventBody } from "@lockstitch/core";
import { addCost } from "@lockstitch/core";
import {
  count,
  countTool,
  isNew,
  mostSessions,
  placeOf,
  type Sums,
  sessionOf,
  spend,
  tell,
  unknown,
} from "./sums.js";
import { addLine, noLine, noToolLine } from "./tables.js";

type Of<Type extends EventBody["type"]> = Extract<AgentEvent, { readonly type: Type }>;

/** Where a log is being read: what its next events are understood by. */
export interface Step {
  /** The attempt that has begun and not ended. */
  open: Of<"model.start"> | undefined;
  /** What the step's attempts at its reply have cost. */
  spent: Cost;
  /** The tools of the last reply's calls, by tool use id. */
  tools: ReadonlyMap<string, string>;
}

const nothing: Cost = { usd: 0 };

/** Reads the events of any number of sessions, each in order, into the sums. Live events and each log need a reader of their own. */
export function createReader(sums: Sums, steps: Map<string, Step> = new Map()): (event: AgentEvent) => void {
  return (event) => {
    const session = sessionOf(sums, event.session);
    if (event.type === "session.start") {
      session.agent = event.agent;
      session.copiedUpTo = event.forkedFrom?.seq ?? 0;
    }
    if (!isNew(session, event.seq)) return;
    const step = steps.get(event.session) ?? { open: undefined, spent: nothing, tools: new Map() };
    if (event.type === "run.end") steps.delete(event.session);
    else steps.set(event.session, step);
    // Runs that never end, because they wait for a person or their process died, must not pile up.
    if (steps.size > mostSessions) steps.delete(steps.keys().next().value ?? "");
    read(sums, step, session.agent, event);
    if (event.type === "model.end") spend(sums, event.session, session);
  };
}

function read(sums: Sums, step: Step, agent: string | undefined, event: AgentEvent): void {
  switch (event.type) {
    case "step.start":
      step.spent = nothing;
      return;
    case "model.start":
      if (step.open !== undefined) countLost(sums, step.open, agent);
      step.open = event;
      return;
    case "model.end":
      return countCall(sums, step, agent, event);
    case "message":
      return shareStep(sums, step, event);
    case "tool.end": {
      const { name, outcome, result, durationMs } = event;
      const errors = outcome !== "ok" || result.is_error === true ? 1 : 0;
      return countTool(sums, name, { ...noToolLine, calls: 1, errors, durationMs });
    }
    case "subagent.start":
      sessionOf(sums, event.child).agent ??= event.agent;
      return;
    case "subagent.end": {
      const { child, cost, usage, at } = event;
      countTool(sums, step.tools.get(event.toolUseId) ?? unknown, { ...noToolLine, cost, subagents: cost });
      return tell(sums, child, placeOf(unknown, sessionOf(sums, child).agent, at), { usage, cost, calls: 0 });
    }
    default:
      return;
  }
}

function countCall(sums: Sums, step: Step, agent: string | undefined, event: Of<"model.end">): void {
  const { model, usage, outcome } = event;
  const unpriced: Cost = { usd: null, unpriced: [model] };
  const line = { usage: usage ?? noLine.usage, cost: event.cost ?? (usage ? unpriced : nothing), calls: 1 };
  const place = placeOf(model, agent, event.at);
  count(sums, place, line);
  if (outcome !== "message") sums.failed++;
  // With a status the API has said no, and nothing is paid for that.
  if (usage === undefined && event.error?.status === undefined) sums.untold++;
  const isCompaction = step.open?.purpose === "compaction";
  step.open = undefined;
  if (isCompaction) sums.compaction = addLine(sums.compaction, line);
  else step.spent = addCost(step.spent, line.cost);
}

/** Its process died, and nobody knows what it used. */
function countLost(sums: Sums, { model, at }: Of<"model.start">, agent: string | undefined): void {
  count(sums, placeOf(model, agent, at), { ...noLine, calls: 1 });
  sums.failed++;
  sums.untold++;
}

/** What tokens a call took, in the reply and as a result in all prompts after it, can't be told apart; an equal share can. */
function shareStep(sums: Sums, step: Step, { message: { content } }: Of<"message">): void {
  const calls = typeof content === "string" ? [] : content.filter((block) => block.type === "tool_use");
  const { spent } = step;
  const cost: Cost = spent.usd === null ? spent : { usd: spent.usd / calls.length };
  for (const { name } of calls) countTool(sums, name, { ...noToolLine, cost });
  step.tools = new Map(calls.map(({ id, name }) => [id, name]));
}
