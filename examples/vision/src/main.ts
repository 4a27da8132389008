// node dist/main.js [image] asks Claude about a chart; node dist/main.js draw draws the example's own anew.
import { writeFile } from "node:fs/promises";
import Anthropic from "@anthropic-ai/sdk";
import { createSimulator } from "@lockstitch/testing";
import { claude, image, MediaError, run } from "lockstitch";
import { agent } from "./agent.js";
import { drawChart } from "./draw-chart.js";
import { offlineMind } from "./offline-mind.js";

const ownChart = new URL("../chart.png", import.meta.url);
const quarters = [34, 52, 47, 88].map((value, index) => ({ label: `Q${index + 1}`, value }));

const [file] = process.argv.slice(2);
if (file === "draw") await writeFile(ownChart, drawChart(quarters));
else await analyse(file ?? ownChart);

async function analyse(source: string | URL): Promise<void> {
  const hasKey = Boolean(process.env.ANTHROPIC_API_KEY || process.env.ANTHROPIC_AUTH_TOKEN);
  const simulator = hasKey ? undefined : await createSimulator({ mind: offlineMind });
  try {
    const question = { type: "text" as const, text: "What does this chart tell?" };
    // Checked here, before anything is sent: what it is, how large, how many pixels.
    const result = await run(agent, [await image(source), question], {
      claude: simulator
        ? claude({ client: new Anthropic({ baseURL: simulator.url, apiKey: "any" }) })
        : claude(),
    });
    console.log(result.text);
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await simulator?.close();
  }
}
