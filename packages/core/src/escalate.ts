import type { Agent } from "./agent.js";
import { addCost, type Cost, noCost } from "./cost.js";
import { realEnvironment } from "./environment.js";
import { AgentError } from "./errors.js";
import type { Input } from "./input.js";
import type { Limits } from "./limits.js";
import type { RunOptions } from "./options.js";
import { prepareAgent } from "./prepare-agent.js";
import { chargedAndHeld } from "./pure/fold/spend.js";
import { endedEarly } from "./pure/reply/stop-reason.js";
import { partialOf, type Result, rememberPartial } from "./result.js";
import { run } from "./run.js";
import { addSpending, noSpending, type Spending } from "./spending.js";
import { stateOf } from "./state-of.js";
import { memoryStore } from "./store/memory-store.js";
import { addUsage, noUsage, type Usage } from "./usage.js";

export interface EscalateOptions<Output = unknown> extends RunOptions {
  /** In the order in which they are asked, the cheapest first. */
  readonly to: readonly string[];
  /** Whether an answer will do. `false`, and whatever it throws, asks the next model. */
  readonly check: (result: Result<Output>) => boolean | Promise<boolean>;
  /** Takes an agent whose tools have effects, which may then happen once for each model. Default false: such an agent is refused. */
  readonly repeatEffects?: boolean;
}

/** What one of the models came to. */
export interface EscalationAttempt {
  readonly model: string;
  readonly session: string;
  readonly passed: boolean;
  readonly usage: Usage;
  readonly cost: Cost;
  /** What the check threw. */
  readonly error?: unknown;
}

/** The last answer; usage, cost and steps are those of all attempts together. */
export type Escalated<Output = unknown> = Result<Output> & {
  /** Which model gave the answer. */
  readonly model: string;
  /** Whether the check liked it. */
  readonly passed: boolean;
  readonly attempts: readonly EscalationAttempt[];
};

/**
 * Asks a cheap model first, and a dearer one where `check` doesn't like the answer. An answer that did not come to its own end (a
 * refusal, a limit, a cut-off) is not checked: the next model is asked. An abort, or a call that waits for a person, ends it there.
 *
 * Each attempt is a run of its own on the same input, in a session of its own: `<session>:1`, `<session>:2` … The agent's `usd` and
 * `maxTotalTokens` hold for all of them together.
 * Rejects as `run()` does, with `AgentError` also for an agent whose tools have effects. A model call that failed for good is no answer
 * to check: it rejects, and `partialOf(error)` has the sum of all attempts.
 */
export async function escalate<Output = undefined>(
  agent: Agent<Output>,
  input: Input,
  options: EscalateOptions<Output>,
): Promise<Escalated<Output>> {
  const { to, check, repeatEffects: _accepted, ...given } = options ?? {};
  checkEscalation(agent, options ?? {});
  const { environment = realEnvironment, session = environment.id() } = given;
  const store = given.store ?? memoryStore({ now: () => environment.now() });
  const attempts: EscalationAttempt[] = [];
  let sum: Sum = { usage: noUsage, cost: noCost, steps: 0 };
  let charged = noSpending;
  let last: Result<Output> | undefined;

  for (const [index, model] of to.entries()) {
    const limits = leave(agent.limits, charged);
    if (limits === undefined) break;
    const name = `${session}:${index + 1}`;
    const attempt = run({ ...agent, model, limits }, input, { ...given, store, session: name });
    last = await attempt.catch((error: unknown) => {
      const partial = partialOf(error);
      if (partial !== undefined) rememberPartial(error, { ...partial, ...addUp(sum, partial) });
      throw error;
    });
    sum = addUp(sum, last);
    const { run: ended } = await stateOf(store, name);
    charged = addSpending(charged, ended === undefined ? noSpending : chargedAndHeld(ended));
    const { usage, cost } = last;
    attempts.push({ model, session: name, usage, cost, ...(await judge(last, check)) });
    if (attempts.at(-1)?.passed || isUpToSomebodyElse(last)) break;
  }
  const { model, passed } = attempts.at(-1) as EscalationAttempt;
  return { ...(last as Result<Output>), ...sum, model, passed, attempts };
}

function checkEscalation<Output>(
  agent: Agent<Output>,
  { to, check, repeatEffects, ...given }: EscalateOptions<Output>,
): void {
  if (!Array.isArray(to) || to.length === 0)
    throw new AgentError(
      'escalate() needs the models to ask, e.g. to: ["claude-haiku-5-5", "claude-opus-5-5"].',
    );
  if (typeof check !== "function")
    throw new AgentError("escalate() needs a check: a function of the result that says whether it will do.");
  if (agent.model !== undefined)
    throw new AgentError(
      `escalate() asks the models of \`to\`, so agent.model (${JSON.stringify(agent.model)}) would be ignored. Leave it out.`,
    );
  for (const model of to) {
    const { tools } = prepareAgent({ ...agent, model }, given);
    const tool = [...tools.values()].find(({ effects }) => effects !== "none");
    if (tool !== undefined && repeatEffects !== true)
      throw new AgentError(
        `The tool ${JSON.stringify(tool.name)} may have effects (${JSON.stringify(tool.effects)}), and each model that is asked would have them again. ` +
          'Leave it out, declare effects: "none" if it only reads, or accept that with repeatEffects: true.',
      );
  }
}

type Sum = Pick<Result, "usage" | "cost" | "steps">;

function addUp(a: Sum, b: Sum): Sum {
  return { usage: addUsage(a.usage, b.usage), cost: addCost(a.cost, b.cost), steps: a.steps + b.steps };
}

/** What the attempts so far leave of an agent's limits; `undefined` where that is nothing. */
function leave(limits: Limits = {}, { usd: spent, tokens }: Spending): Limits | undefined {
  const usd = limits.usd === undefined ? undefined : spent === null ? 0 : limits.usd - spent;
  const maxTotalTokens = limits.maxTotalTokens === undefined ? undefined : limits.maxTotalTokens - tokens;
  if ((usd ?? 1) <= 0 || (maxTotalTokens ?? 1) <= 0) return undefined;
  return {
    ...limits,
    ...(usd === undefined ? {} : { usd }),
    ...(maxTotalTokens === undefined ? {} : { maxTotalTokens }),
  };
}

/** Only what came to its own end is put before the check. */
async function judge<Output>(
  result: Result<Output>,
  check: EscalateOptions<Output>["check"],
): Promise<Pick<EscalationAttempt, "passed" | "error">> {
  if (result.status !== "ended" || !["end_turn", "stop_sequence", endedEarly].includes(result.reason))
    return { passed: false };
  try {
    return { passed: (await check(result)) === true };
  } catch (error) {
    return { passed: false, error };
  }
}

/** A person's answer is awaited, or the caller wants no more of it. */
function isUpToSomebodyElse(result: Result): boolean {
  return result.status === "waiting" || result.reason === "aborted";
}
