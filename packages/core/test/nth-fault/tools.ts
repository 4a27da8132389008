import type { Tool, ToolCall } from "@lockstitch/core";
import { turns } from "./clock.js";

/** One start of a tool, in the order in which they came. */
export interface ToolRun {
  readonly tool: string;
  readonly toolUseId: string;
  /** The log said that it starts before it did. */
  readonly committed: boolean;
  readonly signal: AbortSignal;
  settled: boolean;
}

/** What the nth call of the conversation does, counted from 1 in the order of the calls; by default it works. */
export type Behaviour = (nth: number, call: ToolCall) => unknown;

export interface ToolPlan {
  readonly run?: Behaviour;
  readonly parse?: (nth: number, input: unknown) => unknown;
  readonly more?: Partial<Tool>;
}

export interface Tools {
  readonly tools: readonly Tool[];
  readonly runs: readonly ToolRun[];
}

const order = ["toolu_a", "toolu_b", "toolu_c"];
const cities = ["Oslo", "Bergen"];

/** The conversation's tools, whose every start is noted. */
export function createTools(hasStarted: (toolUseId: string) => boolean, plan: ToolPlan = {}): Tools {
  const runs: ToolRun[] = [];

  const make = (tool: string, more: Partial<Tool>): Tool => ({
    name: tool,
    parse: (input) => (plan.parse === undefined ? input : plan.parse(nthByInput(input), input)),
    run: (_input, call) => {
      const { toolUseId, signal } = call;
      const started: ToolRun = { tool, toolUseId, signal, committed: hasStarted(toolUseId), settled: false };
      runs.push(started);
      const settle = (): void => {
        started.settled = true;
      };
      try {
        const returned = (plan.run ?? works)(nthById(toolUseId), call);
        if (!(returned instanceof Promise)) settle();
        else returned.then(settle, settle);
        return returned;
      } catch (error) {
        settle();
        throw error;
      }
    },
    ...more,
    ...plan.more,
  });

  return { runs, tools: [make("look", { effects: "none" }), make("pay", { effects: "once" })] };
}

/** Takes a moment, so that there is something to be interrupted. */
export const works: Behaviour = async (nth, { progress }) => {
  await turns(2);
  progress("half way");
  await turns(2);
  return `result ${nth}`;
};

function nthById(toolUseId: string): number {
  return order.indexOf(toolUseId) + 1;
}

/** Which call it is that this input is parsed for. */
function nthByInput(input: unknown): number {
  const { city } = input as { city?: string };
  return city === undefined ? 3 : cities.indexOf(city) + 1;
}
