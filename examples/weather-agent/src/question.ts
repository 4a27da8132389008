import { createInterface } from "node:readline/promises";
import { DEFAULT_QUESTION } from "./command-line.js";

/** Where a person reads and types. Questions go to stderr: stdout is for the answer alone. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

const standardTerminal: Terminal = { input: process.stdin, output: process.stderr };

/** What the person at the terminal types; the default question on plain Enter, or where there is no terminal. */
export async function askQuestion(
  interrupt: AbortController,
  { input, output }: Terminal = standardTerminal,
): Promise<string> {
  if (input.isTTY !== true) return DEFAULT_QUESTION;
  const terminal = createInterface({ input, output });
  // A terminal that is being read keeps Ctrl-C to itself, and Ctrl-D closes it without ever answering.
  terminal.once("SIGINT", () => interrupt.abort());
  terminal.once("close", () => interrupt.abort());
  try {
    const prompt = `Your question about the weather? (Enter: ${DEFAULT_QUESTION})\n> `;
    const line = await terminal.question(prompt, { signal: interrupt.signal });
    return line.trim() || DEFAULT_QUESTION;
  } finally {
    terminal.removeAllListeners("close").close();
  }
}
