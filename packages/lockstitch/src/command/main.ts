import type { Command, Terminal } from "./command.js";
import { replayCommand } from "./replay.js";
import { resumeCommand } from "./resume.js";
import { simulateCommand } from "./simulate.js";

const commands: ReadonlyMap<string, Command> = new Map([
  ["replay", replayCommand],
  ["resume", resumeCommand],
  ["simulate", simulateCommand],
]);

/** The `lockstitch` command. Gives the exit code. */
export async function main(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name = "", ...rest] = words;
  if (name === "" || name === "--help" || name === "-h" || name === "help") {
    terminal.say(help());
    return name === "" ? 2 : 0;
  }
  const command = commands.get(name);
  if (command === undefined) {
    terminal.error(`There is no command ${JSON.stringify(name)}.\n${help()}`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.say(`${command.usage}\n${command.summary}`);
    return 0;
  }
  return command.run(rest, terminal);
}

function help(): string {
  return [
    "Usage:",
    ...[...commands.values()].map(({ usage, summary }) => `  ${usage}\n      ${summary}`),
  ].join("\n");
}
