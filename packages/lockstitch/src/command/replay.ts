import { type AgentEvent, messageOf, NoSessionError, type Store } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import type { SessionReplay } from "@lockstitch/testing";
import type { Command, Terminal } from "./command.js";
import { loadAgent } from "./load-agent.js";
import { sessionWords } from "./session-words.js";

export const replayCommand: Command = {
  usage: "lockstitch replay <module> <session> --store <directory> [--json]",
  summary:
    "runs an agent through a session that was logged, with the model's replies and the tools' results from the log, and shows where it departs; calls nothing, writes nothing; exit code 1: it departs",

  async run(words, terminal) {
    const parsed = sessionWords("replay", words);
    if (typeof parsed === "string") {
      terminal.error(`${parsed}\nUsage: ${replayCommand.usage}`);
      return 2;
    }
    try {
      const { agent } = await loadAgent(parsed.module);
      const events = await eventsOf(fileStore(parsed.store), parsed.session);
      // Not before it is asked for: whoever imports lockstitch pays nothing for it.
      const { replaySession } = await import("@lockstitch/testing");
      return tell(await replaySession(agent, events), parsed.json, terminal);
    } catch (error) {
      terminal.error(messageOf(error));
      return 1;
    }
  },
};

async function eventsOf(store: Store, session: string): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  if (events.length === 0) throw new NoSessionError(session);
  return events;
}

function tell(replay: SessionReplay, json: boolean, terminal: Terminal): number {
  const { session, runs, steps, toolCalls, departures } = replay;
  if (json) {
    terminal.say(JSON.stringify(replay));
  } else if (departures.length === 0) {
    const what = [counted(runs, "run"), counted(steps, "step"), counted(toolCalls, "tool call")].join(", ");
    terminal.say(`Session ${session} is replayed as it was logged: ${what}.`);
  } else {
    terminal.say(`Session ${session}: the agent departs from the log.`);
    for (const { words, seq } of departures)
      terminal.say(`  ${words}${seq === undefined ? "" : ` [event ${seq}]`}`);
  }
  return departures.length === 0 ? 0 : 1;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
