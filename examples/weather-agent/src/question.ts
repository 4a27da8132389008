import { createInterface } from "node:readline/promises";
import { DEFAULT_QUESTION } from "./command-line.js";
import { pipedLine } from "./piped-line.js";

/** Where a person reads and types. Questions go to stderr: stdout is for the answer alone. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  /** Milliseconds to wait for what comes by a pipe. Default 200. */
  readonly patience?: number;
}

/**
 * What the person at the terminal types, or the line that comes by a pipe or from a file;
 * the default question on plain Enter, or where nothing comes.
 */
export async function askQuestion(
  interrupt: AbortController,
  { input, output, patience = 200 }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  if (input.isTTY !== true) {
    return (await pipedLine(input, interrupt.signal, patience)) ?? DEFAULT_QUESTION;
  }
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
