import { turns } from "./clock.js";
import { type Stage, session } from "./stage.js";

/** Who says that the run is to stop. */
export const callers: Readonly<Record<string, (stage: Stage) => void>> = {
  "run.abort()": ({ running }) => running.abort(),
  "the caller's signal": ({ controller }) => controller.abort(),
  "a posted run.abort": ({ store }) => void store.post(session, [{ type: "run.abort", by: "an outsider" }]),
};

/**
 * Tells the run to stop; gives whether it settles within so many turns of the event loop. A turn takes microseconds, so whoever waits
 * for a timer or for the network comes too late; and on a machine that is busy with something else, turns take longer and are no more.
 */
export async function settlesWithin(
  most: number,
  stage: Stage,
  abort: (stage: Stage) => void,
): Promise<boolean> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  abort(stage);
  stage.running.then(settle, settle);
  for (let turn = 0; turn < most && !isSettled; turn++) await turns(1);
  return isSettled;
}
