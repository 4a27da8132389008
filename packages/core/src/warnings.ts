import { messageOf } from "./errors.js";
import type { AgentEvent, Delta } from "./events.js";
import { findModel, models } from "./models/models.js";

const warned = new Set<string>();

/** A model that the catalogue doesn't know may well exist: it is passed on, with one warning a process. */
export function warnOfUnknownModel(model: string): void {
  if (findModel(model) !== undefined || warned.has(model)) return;
  warned.add(model);
  const known = models.map(({ id }) => id).join(", ");
  console.warn(
    `Lockstitch doesn't know the model ${JSON.stringify(model)}; it is passed on, and its cost will be unknown. Known: ${known}.`,
  );
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
