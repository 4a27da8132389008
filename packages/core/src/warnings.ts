import { messageOf } from "./errors.js";
import type { AgentEvent, Delta } from "./events.js";
import { findModel, type Model } from "./models/models.js";
import type { PreparedAgent } from "./prepare-agent.js";
import { isDefinedByApi, runsAtApi } from "./tool-definition.js";

const warned = new Set<string>();

/**
 * One warning a model and process. A model that the catalogue doesn't know may well exist: it is passed on. One whose end is announced
 * still answers, until it doesn't.
 */
export function warnOfModel(id: string, catalogue: readonly Model[], now: number): void {
  if (warned.has(id)) return;
  const model = findModel(id, catalogue);
  const warning = model === undefined ? unknown(id, catalogue) : ending(id, model, now);
  if (warning === undefined) return;
  warned.add(id);
  console.warn(warning);
}

function unknown(id: string, catalogue: readonly Model[]): string {
  const known = catalogue.map((model) => model.id).join(", ");
  return `Lockstitch doesn't know the model ${JSON.stringify(id)}; it is passed on, and its cost will be unknown. Known: ${known}.`;
}

function ending(id: string, { deprecated = "", retires, successor }: Model, now: number): string | undefined {
  const today = new Date(now).toISOString().slice(0, 10);
  const isAnnounced = (deprecated !== "" || retires !== undefined) && deprecated <= today;
  if (!isAnnounced) return undefined;
  const end =
    retires === undefined
      ? "is deprecated"
      : retires <= today
        ? `was retired on ${retires}: calls fail`
        : `is deprecated: from ${retires} on, calls fail`;
  return `The model ${id} ${end}.${successor === undefined ? "" : ` Take ${successor} instead.`}`;
}

/** One warning a name and process. The model would only be told that nothing runs the tool, and its developer would wonder. */
export function warnOfIdleTools({ definitions, tools }: Pick<PreparedAgent, "definitions" | "tools">): void {
  for (const definition of definitions) {
    // A toolset's members have names, it has none.
    const name = "name" in definition ? definition.name : undefined;
    if (name === undefined || runsAtApi(definition) || tools.has(name) || warned.has(`tool ${name}`))
      continue;
    warned.add(`tool ${name}`);
    console.warn(
      `Lockstitch: the tool ${name} has a definition, but no function, and the API doesn't run it either: every call of it will fail. ` +
        (isDefinedByApi(definition)
          ? "Give it as { name, definition, effects, parse, run }."
          : "Make it with tool({ … }), which takes the function, too."),
    );
  }
}

/** A listener whose faults are reported on the console, once a run, and stop nothing. */
export function safely(
  listener: ((event: AgentEvent | Delta) => unknown) | undefined,
): (event: AgentEvent | Delta) => void {
  if (listener === undefined) return () => {};
  let reported = false;
  const report = (error: unknown): void => {
    if (reported) return;
    reported = true;
    console.error(`Lockstitch: onEvent failed, the run goes on: ${messageOf(error)}`);
  };
  return (event) => {
    try {
      const returned = listener(event);
      // Whatever has a `then` is a promise, of this realm or another: Promise.resolve takes it in.
      if (typeof returned === "object" && returned !== null) Promise.resolve(returned).catch(report);
    } catch (error) {
      report(error);
    }
  };
}
