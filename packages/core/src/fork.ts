import { noCost } from "./cost.js";
import { type Environment, realEnvironment } from "./environment.js";
import { AgentError, NoSessionError, StoreError } from "./errors.js";
import type { AgentEvent, EventBody } from "./events.js";
import { noSpending } from "./spending.js";
import type { Store } from "./store/store.js";
import { noUsage } from "./usage.js";

/**
 * Branches a session at a finished step, into a new session that has the same history up to there and goes on by itself.
 * What the shared part cost stays with the first: the branch counts only its own. Gives the new session's id.
 * @param seq of a `step.end` or `run.end`: anywhere else a call could end up running in both
 */
export async function fork(
  store: Store,
  session: string,
  seq: number,
  options: { readonly id?: string; readonly environment?: Environment } = {},
): Promise<string> {
  const environment = options.environment ?? realEnvironment;
  const id = options.id ?? environment.id();
  if (typeof id !== "string" || id.trim() === "")
    throw new AgentError("options.id must be a non-empty string. Leave it out for a new one.");
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  if (events.length === 0) throw new NoSessionError(session);
  const places = events.flatMap(({ type, seq: at }) =>
    type === "step.end" || type === "run.end" ? [at] : [],
  );
  if (!places.includes(seq)) {
    throw new StoreError(
      `Session ${session} can't be forked at ${seq}: only at the seq of a step.end or run.end event. ${placesOf(places)}`,
    );
  }
  const shared = events.slice(0, seq);
  const log = await store.open(id, environment.id());
  try {
    if ((await log.append([])).length > 0)
      throw new StoreError(`There is a session ${id} already; fork into a new one.`);
    await log.append(
      shared.map((event) => copied(event, { session, seq })),
      { barrier: true },
    );
  } finally {
    await log.close();
  }
  return id;
}

function placesOf(places: readonly number[]): string {
  if (places.length === 0) return "It has none yet.";
  const newest = places.slice(-10).join(", ");
  return places.length > 10 ? `The newest of these are at ${newest}.` : `These are at ${newest}.`;
}

function copied(
  { session: _session, seq: _seq, at: _at, ...body }: AgentEvent,
  forkedFrom: { readonly session: string; readonly seq: number },
): EventBody {
  switch (body.type) {
    case "session.start": {
      // A branch of a subagent's works for nobody.
      const { parent: _parent, ...free } = body;
      return { ...free, forkedFrom };
    }
    case "model.end": {
      const { usage: _usage, cost: _cost, charged: _charged, ...free } = body;
      return free;
    }
    case "model.start": {
      const { reserved: _reserved, ...free } = body;
      return free;
    }
    case "subagent.start": {
      const { granted: _granted, ...free } = body;
      return free;
    }
    case "subagent.end":
      return { ...body, usage: noUsage, cost: noCost, charged: noSpending };
    case "step.end":
    case "run.end":
      // Sums over the logs of both must not count it twice.
      return { ...body, usage: noUsage, cost: noCost };
    default:
      return body;
  }
}
