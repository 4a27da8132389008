import { expect } from "vitest";
import { type Stage, session } from "./stage.js";

/** Who says that the run is to stop. */
export const callers: Readonly<Record<string, (stage: Stage) => void>> = {
  "run.abort()": ({ running }) => running.abort(),
  "the caller's signal": ({ controller }) => controller.abort(),
  "a posted run.abort": ({ store }) => void store.post(session, [{ type: "run.abort", by: "an outsider" }]),
};

/** Milliseconds of real time that a run may take to settle once it is told to. */
const atOnceMs = 100;

/** Tells the run to stop; gives how long it then takes to settle, in milliseconds of real time. */
export async function timeToSettle(stage: Stage, abort: (stage: Stage) => void): Promise<number> {
  const since = performance.now();
  abort(stage);
  await stage.running.then(
    () => {},
    () => {},
  );
  return performance.now() - since;
}

/** A machine may be busy with something else for a moment, so a play that was slow gets two more chances. */
export async function expectAtOnce(where: string, playOnce: () => Promise<number>): Promise<void> {
  let took = await playOnce();
  for (let chance = 0; chance < 2 && took > atOnceMs; chance++) took = Math.min(took, await playOnce());
  expect(took, where).toBeLessThan(atOnceMs);
}
