import { once } from "node:events";
import { messageOf } from "@lockstitch/core";
import type { Simulator } from "@lockstitch/testing";
import type { Command, Terminal } from "./command.js";
import { lineOf } from "./simulate-line.js";
import { simulatorOptions } from "./simulate-options.js";

export const simulateCommand: Command = {
  usage:
    "lockstitch simulate [--port <number>] [--script <file>] [--faults <rules>] [--rate-limits <tier>] [--pace <pace>] [--key <key>] [--seed <seed>] [--retired-models]",
  summary:
    'simulates the Messages API on this machine, for any client in any language, until it is interrupted; docs/testing.md has the words. Faults, e.g. 3:reset, 10%:529, "every 5:stall@2", session=alice:cut: a status (400 to 599; 429@7, 429@date+7, "503 no-retry", "429 spent"), overloaded, html, empty, reset, stall, pings, end, cut, trickle, error, malformed, delta-without-start, double-start, flip, utf8, duplicate',

  async run(words, terminal) {
    try {
      // Not before it is asked for: whoever imports lockstitch pays nothing for the simulator.
      const { createSimulator } = await import("@lockstitch/testing");
      const options = await simulatorOptions(words);
      const simulator = await createSimulator({
        ...options,
        onRequest: (request) => terminal.error(lineOf(request)),
      });
      // Before anybody is told the address: from then on a signal ends it in good order.
      const interrupted = interruption();
      greet(simulator, options.apiKey === undefined ? "any" : "<the key given with --key>", terminal);
      await interrupted;
      await simulator.close();
      return 0;
    } catch (error) {
      terminal.error(advise(error));
      return isBadUsage(error) ? 2 : 1;
    }
  },
};

function greet({ url }: Simulator, key: string, terminal: Terminal): void {
  terminal.say(
    [
      `The simulator listens at ${url} (a page there shows what it saw). Point a client at it:`,
      `  export ANTHROPIC_BASE_URL=${url}`,
      `  export ANTHROPIC_API_KEY=${key}`,
      "Ctrl+C ends it.",
    ].join("\n"),
  );
}

async function interruption(): Promise<void> {
  const over = new AbortController();
  const signals = ["SIGINT", "SIGTERM"].map((name) => once(process, name, { signal: over.signal }));
  await Promise.race(signals);
  over.abort();
}

function advise(error: unknown): string {
  if (isBadUsage(error)) return `${messageOf(error)}\nUsage: ${simulateCommand.usage}`;
  if (codeOf(error) === "EADDRINUSE")
    return `${messageOf(error)}: something else has that port. Take another with --port, or none, for any free one.`;
  if (codeOf(error) === "EACCES")
    return `${messageOf(error)}: this port is not for everybody. Take one from 1024 on, or none, for any free one.`;
  return messageOf(error);
}

/** The simulator's own for values and faults that can't be meant, and Node's for words that there are not. */
function isBadUsage(error: unknown): boolean {
  if (error instanceof RangeError || error instanceof SyntaxError) return true;
  return codeOf(error)?.startsWith("ERR_PARSE_ARGS") ?? false;
}

function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}
