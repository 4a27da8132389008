import type { AgentEvent, Delta } from "@lockstitch/core";
import { createReader } from "./cost/reader.js";
import { createSums, settled } from "./cost/sums.js";
import type { CostFigures } from "./cost/tables.js";
import { costText } from "./cost/text.js";

/**
 * What any number of runs cost. Every model call is counted once, by its `model.end`: whether it was a retry, a broken reply, a
 * summary or a subagent's, whether its event was seen live, in a log, or in both, and in whatever order logs are given. A subagent's
 * `subagent.end` counts where none of the subagent's own calls were seen, so give the logs of a tree of agents all, or the root's alone.
 * Remembered are sums and 10,000 sessions; never events.
 */
export interface CostReport {
  /** Goes into a run's options, or into a tracer's sinks, of as many runs as you like. Needs no `this`. */
  readonly onEvent: (event: AgentEvent | Delta) => void;
  /** Counts the events of a log, e.g. `store.read(session)`, or of several, each in order. */
  add(events: Iterable<AgentEvent> | AsyncIterable<AgentEvent>): Promise<void>;
  /** As of now. */
  figures(): CostFigures;
  /** The figures as tables for people. */
  toString(): string;
}

/** A report that has counted nothing yet. */
export function createCostReport(): CostReport {
  const sums = createSums();
  const live = createReader(sums);
  const figures = (): CostFigures => {
    const { totals, compaction, failed, untold, byModel, byAgent, byDay, byTool } = settled(sums);
    return { totals, compaction, failed, untold, byModel, byAgent, byDay, byTool };
  };
  return {
    onEvent: (event) => {
      if ("seq" in event) live(event);
    },
    add: async (events) => {
      const read = createReader(sums);
      for await (const event of events) read(event);
    },
    figures,
    toString: () => costText(figures()),
  };
}
