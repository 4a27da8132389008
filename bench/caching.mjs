// What does prompt caching save? Twenty steps with a 20 KB system prompt against the simulator, whose cache keeps the API's rules,
// with markers and without, at the official prices: node bench/caching.mjs
import Anthropic from "@anthropic-ai/sdk";
import { claude, costOf, officialPrices, run } from "@lockstitch/core";
import { createSimulator } from "@lockstitch/testing";

/** Its minimum is known: 1,024 tokens. */
const model = "claude-sonnet-5";
const steps = 20;
const system = "You look after the harbour, and answer briefly. ".repeat(430).slice(0, 20_480);

const look = {
  name: "look",
  description: "Tells which ship lies at a berth.",
  inputSchema: { type: "object", properties: { berth: { type: "integer" } }, required: ["berth"] },
  effects: "none",
  parse: (input) => input,
  run: ({ berth }) => `At berth ${berth} lies the Aurora, 82 m, unloading timber.`,
};

/** Asks for so many berths in each step, and is done with the twentieth. */
const asking = (width) => async (request) => {
  const step = request.messages.filter(({ role }) => role === "assistant").length;
  if (step + 1 === steps) return { content: [{ type: "text", text: "All berths are taken." }] };
  return {
    content: Array.from({ length: width }, (_, at) => ({
      type: "tool_use",
      name: "look",
      input: { berth: step * width + at },
    })),
  };
};

async function spend(width, cache) {
  const simulator = await createSimulator({ mind: asking(width) });
  try {
    const client = new Anthropic({ apiKey: "bench", baseURL: simulator.url });
    const agent = { model, system, tools: [look], cache, limits: { maxSteps: steps } };
    const { usage, cost, reason } = await run(agent, "Which ships are in?", {
      claude: claude({ client }),
    });
    if (reason !== "end_turn") throw new Error(`The run ended with ${reason}.`);
    const input = costOf(officialPrices, model, { ...usage, output_tokens: 0 }, Date.now());
    return { input: input.usd, all: cost.usd };
  } finally {
    await simulator.close();
  }
}

let isGood = true;
for (const [name, width, goal] of [
  ["one call a step", 1, 0.17],
  ["twelve calls a step", 12, 0.21],
]) {
  const [with5m, with1h, without] = [
    await spend(width, "5m"),
    await spend(width, "1h"),
    await spend(width, false),
  ];
  const ratio = with5m.input / without.input;
  isGood &&= ratio <= goal;
  console.log(
    `${name}: input ${ratio.toFixed(3)} of uncached (goal ${goal}), with output ${(with5m.all / without.all).toFixed(3)}; ` +
      `1h ${(with1h.input / without.input).toFixed(3)}; $${with5m.all.toFixed(4)} instead of $${without.all.toFixed(4)}`,
  );
}
process.exit(isGood ? 0 : 1);
