// Plays as many seeds as one likes: pnpm chaos --seeds 20000 [--from 1]
import { parseArgs } from "node:util";
import { chaos } from "@lockstitch/testing";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "2000" }, from: { type: "string", default: "1" } },
});
const { runs, recovered, ends, findings } = await chaos({
  seeds: Number(values.seeds),
  from: Number(values.from),
});

for (const { seed, problem } of findings.slice(0, 50)) console.error(`seed ${seed}: ${problem}`);
const reasons = Object.entries(ends).sort(([, a], [, b]) => b - a);
console.log(reasons.map(([reason, count]) => `${reason} ${count}`).join(", "));
console.log(`${runs} runs, ${recovered} recovered from faults, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
