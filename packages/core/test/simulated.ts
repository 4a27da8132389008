import Anthropic from "@anthropic-ai/sdk";
import { claude, memoryStore, type RunOptions } from "@lockstitch/core";
import { createSimulator, type Mind, type Simulator } from "@lockstitch/testing";
import { onTestFinished } from "vitest";
import { virtualTime } from "./helpers.js";

/** The simulated API over HTTP until the test ends, and the options of runs that ask it: each tries a request once, in the session "s". */
export async function simulated(mind: Mind) {
  const simulator: Simulator = await createSimulator({ mind });
  onTestFinished(() => simulator.close());
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0, logLevel: "off" });
  const options = {
    claude: claude({ client, governor: false }),
    store: memoryStore(),
    session: "s",
    environment: virtualTime(),
  } satisfies RunOptions;
  return { simulator, options, statuses: () => simulator.requests.map(({ status }) => status) };
}
