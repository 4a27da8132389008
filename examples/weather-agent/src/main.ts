import Anthropic from "@anthropic-ai/sdk";
import { createSimulator, type Simulator } from "@lockstitch/testing";
import { claude, consoleSink, createTracer, run } from "lockstitch";
import { weatherAgent } from "./agent.js";
import { type Command, parseCommandLine, USAGE } from "./command-line.js";
import { explainFailure, UnfinishedError } from "./failure.js";
import { offlineWeather } from "./offline-weather.js";
import { openMeteo } from "./open-meteo.js";
import { ignoreFailures, OutputError, print } from "./output.js";
import { printable, printableJson } from "./printable.js";
import { askQuestion } from "./question.js";
import { type WeatherService, withFallback } from "./weather-service.js";

ignoreFailures(process.stderr);
process.exitCode = await main(parseCommandLine(process.argv.slice(2)));

/** Does what the command line says and returns the exit code. */
async function main(command: Command): Promise<number> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  try {
    switch (command.kind) {
      case "help":
        await print(USAGE);
        return 0;
      case "wrong_usage":
        process.stderr.write(`${printable(command.problem)}\n\n${USAGE}`);
        return 2;
      case "ask":
        await answer(command, interrupt);
        return 0;
      default:
        return command satisfies never;
    }
  } catch (error) {
    return fail(error, interrupt.signal);
  }
}

async function answer(
  { model, json, ...given }: Extract<Command, { kind: "ask" }>,
  interrupt: AbortController,
): Promise<void> {
  const simulator = hasKey() ? undefined : await startSimulator();
  try {
    const question = given.question ?? (await askQuestion(interrupt));
    // The simulator costs nothing: a sum in dollars would look like money that was spent.
    const tracer = createTracer({ sinks: [consoleSink({ cost: simulator === undefined })] });
    const result = await run(weatherAgent(weatherService(), model), question, {
      claude: simulator ? claude({ client: clientOf(simulator) }) : claude(),
      onEvent: tracer.onEvent,
      signal: interrupt.signal,
    });
    if (result.status !== "ended" || result.reason !== "end_turn") throw new UnfinishedError(result);
    const { text, steps, usage, cost } = result;
    const spent = simulator ? { simulated: true } : { cost, simulated: false };
    const report = { question, answer: text, steps, usage, model, ...spent };
    process.stderr.write("\n");
    await print(`${json ? printableJson(report) : printable(text)}\n`);
  } finally {
    await simulator?.close();
  }
}

/** Says in one line what went wrong, if anybody needs to know, and returns the exit code. */
function fail(error: unknown, interrupt: AbortSignal): number {
  if (interrupt.aborted) {
    process.stderr.write("\nInterrupted.\n");
    return 130;
  }
  if (error instanceof OutputError && error.isReaderGone) return 1;
  const what = error instanceof OutputError ? "Nothing printed" : "No answer";
  process.stderr.write(`${what}: ${printable(explainFailure(error))}\n`);
  return 1;
}

function hasKey(): boolean {
  return Boolean(process.env.ANTHROPIC_API_KEY || process.env.ANTHROPIC_AUTH_TOKEN);
}

async function startSimulator(): Promise<Simulator> {
  process.stderr.write("No ANTHROPIC_API_KEY: using the built-in simulator, which only imitates Claude.\n");
  return createSimulator();
}

/** The simulator speaks Claude's API: another address is all that it takes. */
function clientOf(simulator: Simulator): Anthropic {
  return new Anthropic({ baseURL: simulator.url, apiKey: "any" });
}

/** Open-Meteo, and a table of typical weather for when it can't be reached. */
function weatherService(): WeatherService {
  const url = process.env.WEATHER_API_URL;
  return withFallback(openMeteo(url ? { geocodingUrl: url, forecastUrl: url } : {}), offlineWeather());
}
