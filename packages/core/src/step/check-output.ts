import type { EventBody } from "../events.js";
import { answerIn, type PreparedOutput, type Reading } from "../output.js";
import { wholeCharacters } from "../pure/tool-result/read-on.js";
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

/** Characters of the whole text. A problem may be as long as the check of the answer, anybody's code, makes it, and stays in the conversation. */
const maxLength = 2_000;

function askAgain(problem: string): EventBody {
  const before = "[Your answer does not have the form that was asked for: ";
  const behind = ". Give the whole answer again, in that form, and nothing else.]";
  const words = shortened(problem.toWellFormed(), maxLength - before.length - behind.length);
  return { type: "input", purpose: "output", messages: [{ role: "user", content: before + words + behind }] };
}

/** What was left out is counted; no character is cut in half. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const room = length - `… (and ${text.length} characters more)`.length;
  const kept = text.slice(0, wholeCharacters(text, room));
  return `${kept}… (and ${text.length - kept.length} characters more)`;
}
