// Kills an agent's processes at every commit, write and sync and at random moments, and looks whether anything is lost or done twice:
// npm run crash -- --kills 1000
// A finding is played again by its seed and its points: npm run crash -- --seed 3 --at "after sync 2" --at "at ms 17"
// Exit codes: 0 all recovered and nothing found, 1 findings, 2 wrong usage.
import { parseArgs } from "node:util";
import { crashTest } from "@lockstitch/testing";
import { optionsOrExit, wholeNumber } from "./options.mjs";

const usage =
  'Usage: npm run crash -- [--kills 1000] [--seed 1] [--module agent.mjs] [--at "after sync 2" …]';

function readOptions() {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      module: { type: "string" },
      at: { type: "string", multiple: true },
    },
  });
  return {
    kills: wholeNumber("--kills", values.kills, 1),
    seed: wholeNumber("--seed", values.seed, 0),
    module: values.module ?? new URL("./crash-agent.mjs", import.meta.url),
    ...(values.at === undefined ? {} : { at: values.at }),
  };
}

const options = optionsOrExit(readOptions, usage);
let shown = 0;

function onProgress({ kills, findings }) {
  if (kills < shown + 50) return;
  shown = kills;
  console.error(`${kills} of ${options.kills} kills, ${findings.length} findings`);
}

const report = await crashTest({ ...options, onProgress }).catch((error) => {
  if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
  console.error(`${error.message}\n${usage}`);
  return process.exit(2);
});

for (const { kind, seed, at, problem } of report.findings) {
  const again = at.map((point) => ` --at "${point}"`).join("");
  console.error(`${kind}: ${problem}\n  again: npm run crash -- --seed ${seed}${again}`);
}
const { kills, recovered, effectsRepeated, lost, invalidHistories } = report;
console.log(
  `${kills} kills, ${recovered} recovered, ${effectsRepeated} effects repeated, ${lost} lost, ${invalidHistories} invalid histories`,
);
const isComplete = options.at !== undefined || (kills === options.kills && recovered === kills);
process.exit(report.findings.length === 0 && isComplete ? 0 : 1);
