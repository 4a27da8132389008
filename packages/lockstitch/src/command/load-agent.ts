import type { Agent, Claude } from "@lockstitch/core";
import { importModule } from "./import-module.js";

export interface Loaded {
  readonly agent: Agent;
  readonly claude: Claude | undefined;
}

/** The agent that a module exports. It may also export the way to the model, as `claude`, e.g. a scripted one. */
export async function loadAgent(path: string): Promise<Loaded> {
  const { agent, default: byDefault, claude } = await importModule(path);
  const found = agent ?? byDefault;
  if (typeof found !== "object" || found === null) {
    throw new Error(
      `${path} exports no agent. Export it as \`agent\` or by default, e.g. export const agent = { tools: [...] }.`,
    );
  }
  return { agent: found as Agent, claude: claude as Claude | undefined };
}
