// A lead has three researchers work at once; one of them wants to buy a report, and a person is asked.
//   node dist/main.js        the person says yes
//   node dist/main.js no     the person says no
import Anthropic from "@anthropic-ai/sdk";
import { createSimulator } from "@lockstitch/testing";
import { approve, claude, createCostReport, memoryStore, type Result, resume, run } from "lockstitch";
import { lead } from "./agents.js";
import { offlineMind } from "./offline-mind.js";

const [word = "yes"] = process.argv.slice(2);
const hasKey = Boolean(process.env.ANTHROPIC_API_KEY || process.env.ANTHROPIC_AUTH_TOKEN);
const simulator = hasKey ? undefined : await createSimulator({ mind: offlineMind });
const report = createCostReport();
const store = memoryStore();
let working = 0;
let most = 0;
const options = {
  store,
  claude: simulator ? claude({ client: new Anthropic({ baseURL: simulator.url, apiKey: "any" }) }) : claude(),
  // All that happens comes here, whichever of them it happens to.
  onEvent: (event: Parameters<typeof report.onEvent>[0]) => {
    report.onEvent(event);
    if (event.type === "subagent.start") most = Math.max(most, ++working);
    if (event.type === "subagent.end") working -= 1;
  },
};

try {
  let result: Result = await run(lead, "Should Bergholm build a tram?", { ...options, session: "tram" });
  console.log(`${most} researchers at once`);
  while (result.status === "waiting") {
    // Here the process may end: with a fileStore, another could answer and go on.
    for (const { session, toolUseId, tool, input } of result.approvals) {
      console.log(`a person is asked: ${tool} ${JSON.stringify(input)}? ${word}`);
      await approve(store, session, toolUseId, { approved: word === "yes" });
    }
    result = await resume(lead, "tram", options);
  }
  console.log(result.text);
  for (const [agent, { calls }] of report.figures().byAgent) console.log(`${agent}: ${calls} model calls`);
} finally {
  await simulator?.close();
}
