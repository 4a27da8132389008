import { messageOf, type Result, resume } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import type { Command, Terminal } from "./command.js";
import { loadAgent } from "./load-agent.js";
import { sessionWords } from "./session-words.js";

export const resumeCommand: Command = {
  usage: "lockstitch resume <module> <session> --store <directory> [--json]",
  summary:
    "goes on with a session where it stopped; the module (JavaScript) exports the agent, as `agent` or by default; exit code 1: it failed, or a limit or an abort ended it; 3: it waits for a person",

  async run(words, terminal) {
    const parsed = sessionWords("resume", words);
    if (typeof parsed === "string") {
      terminal.error(`${parsed}\nUsage: ${resumeCommand.usage}`);
      return 2;
    }
    try {
      const { agent, claude } = await loadAgent(parsed.module);
      const store = fileStore(parsed.store);
      const result = await resume(agent, parsed.session, {
        store,
        onEvent: (event) => {
          if (event.type === "wait") terminal.error(`waiting: ${event.error ?? event.reason}`);
        },
        ...(claude === undefined ? {} : { claude }),
      });
      return tell(result, parsed.json, terminal);
    } catch (error) {
      terminal.error(messageOf(error));
      return 1;
    }
  },
};

function tell(result: Result, json: boolean, terminal: Terminal): number {
  if (json) terminal.say(JSON.stringify(result));
  if (result.status === "waiting") {
    if (!json)
      for (const { toolUseId, tool, input } of result.approvals)
        terminal.error(`waits for a person: ${toolUseId} ${tool} ${JSON.stringify(input)}`);
    return 3;
  }
  const cause = cutShortBy(result);
  // What was said before the end is not what was asked for, and an empty line says nothing.
  if (!json && (cause === undefined || result.text !== "")) terminal.say(result.text);
  if (cause === undefined) return 0;
  terminal.error(cause);
  return 1;
}

/** Why the run did not come to its own end, where it did not. */
function cutShortBy({ reason, limit }: Extract<Result, { status: "ended" }>): string | undefined {
  switch (reason) {
    case "limit":
      return `ended by a limit: ${limit ?? "unknown"}. Raise it in the agent, or resume again for as much once more.`;
    case "aborted":
      return "ended by an abort. Resume again to go on.";
    default:
      return undefined;
  }
}
