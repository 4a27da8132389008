import type { EventBody } from "../events.js";
import { answerIn, type PreparedOutput, type Reading } from "../output.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";

/**
 * Whether the run's answer is what `agent.output` asks for. Where it isn't, the model is told why, as an input of the run's own: so a
 * crash after it goes on with it, and what people say comes beside it.
 */
export async function checkOutput(live: LiveRun): Promise<boolean> {
  const { state, agent } = live;
  if (agent.output === undefined) return true;
  const reading = await readAnswer(live, agent.output);
  if (reading?.fits === false) await live.commit([askAgain(reading.problem)], { ifSeq: state.seq });
  return reading?.fits === true;
}

/** `undefined` where the run is stopped in the meantime: a check is anybody's code, and may take for ever. */
async function readAnswer({ state, signal }: LiveRun, output: PreparedOutput): Promise<Reading | undefined> {
  const answer = answerIn({ messages: state.messages, text: state.run?.text ?? "" });
  try {
    return await raceAbort(signal, () => output.read(answer));
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function askAgain(problem: string): EventBody {
  const content = `[Your answer does not have the form that was asked for: ${problem}. Give the whole answer again, in that form, and nothing else.]`;
  return { type: "input", purpose: "output", messages: [{ role: "user", content: content.toWellFormed() }] };
}
