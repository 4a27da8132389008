import { addCost, type Cost, noCost } from "../../cost.js";
import { addSpending, noSpending, type Spending, spendingOf } from "../../spending.js";
import type { RunState, State } from "../../state.js";
import { addUsage, noUsage, type Usage } from "../../usage.js";
import { inRun, inStep } from "./change.js";

/** What an attempt may come to is held until it ends. One that never did, because its process died, counts as fully spent. */
export function reserve(state: State, reserved: Spending | undefined): State {
  return inRun(state, ({ charged, held: { model: lost, ...others } }) => ({
    charged: lost === undefined ? charged : addSpending(charged, { ...noSpending, ...lost }),
    held: reserved === undefined ? others : { ...others, model: reserved },
  }));
}

/** What a run has spent, and what is held for all that it has begun. */
export function chargedAndHeld({ charged, held }: RunState): Spending {
  return Object.values(held).reduce<Spending>(
    (sum, open) => addSpending(sum, { ...noSpending, ...open }),
    charged,
  );
}

/** What was held for an attempt (`"model"`) or a subagent is let go of, and what it used is counted. */
export function settle(
  state: State,
  held: string,
  {
    usage = noUsage,
    cost = noCost,
    charged = spendingOf(cost, usage),
  }: Partial<Pick<RunState, "usage" | "cost" | "charged">>,
): State {
  const used = (sum: { usage: Usage; cost: Cost }) => ({
    usage: addUsage(sum.usage, usage),
    cost: addCost(sum.cost, cost),
  });
  const settled = inRun(state, (run) => {
    const { [held]: _settled, ...others } = run.held;
    return { ...used(run), charged: addSpending(run.charged, charged), held: others };
  });
  return inStep(settled, used);
}
