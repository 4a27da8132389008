import { parseArgs } from "node:util";

export const DEFAULT_MODEL = "claude-haiku-5-5";

/** Two places, so that the first run shows two tool calls side by side. */
export const DEFAULT_QUESTION = "Is it warmer in Lisbon or in Oslo right now, and what should I wear there?";

export const USAGE: string = `Ask about the weather anywhere.

Usage: npm start -- [options] [question]

  npm start -- "Will it rain in Oslo tomorrow?"
  npm start -- --json Compare Tokyo and Sydney
  echo "Is it windy in Lisbon?" | npm start

Options:
  --model <id>  the Claude model to ask (default: ${DEFAULT_MODEL})
  --json        print one JSON object instead of the answer
  --help        print this text

Environment:
  ANTHROPIC_API_KEY  your key for Claude; without one a built-in simulator answers
  WEATHER_API_URL    another server that speaks Open-Meteo's API

Exit codes: 0 answered, 1 failed, 2 wrong usage, 130 interrupted.
`;

export type Command =
  | { readonly kind: "ask"; readonly question?: string; readonly model: string; readonly json: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "wrong_usage"; readonly problem: string };

/** What the words after the program's name ask for. */
export function parseCommandLine(words: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        model: { type: "string", default: DEFAULT_MODEL },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    const model = values.model.trim();
    if (model === "") {
      return { kind: "wrong_usage", problem: `--model needs a model's id, e.g. --model ${DEFAULT_MODEL}` };
    }
    const question = positionals.join(" ").trim();
    return { kind: "ask", ...(question && { question }), model, json: values.json };
  } catch (error) {
    return { kind: "wrong_usage", problem: error instanceof Error ? error.message : String(error) };
  }
}
