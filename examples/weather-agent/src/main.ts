import Anthropic from "@anthropic-ai/sdk";
import { createSimulator, type Simulator } from "@lockstitch/testing";
import { claude, consoleSink, createTracer, run } from "lockstitch";
import { weatherAgent } from "./agent.js";
import { type Command, parseCommandLine, USAGE } from "./command-line.js";
import { explainFailure, UnfinishedError } from "./failure.js";
import { offlineWeather } from "./offline-weather.js";
import { openMeteo } from "./open-meteo.js";
import { askQuestion } from "./question.js";
import { type WeatherService, withFallback } from "./weather-service.js";

process.exitCode = await main(parseCommandLine(process.argv.slice(2)));

/** Does what the command line says and returns the exit code. */
async function main(command: Command): Promise<number> {
  switch (command.kind) {
    case "help":
      process.stdout.write(USAGE);
      return 0;
    case "wrong_usage":
      process.stderr.write(`${command.problem}\n\n${USAGE}`);
      return 2;
    case "ask":
      return answer(command);
    default:
      return command satisfies never;
  }
}

async function answer({ model, json, ...given }: Extract<Command, { kind: "ask" }>): Promise<number> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const simulator = hasKey() ? undefined : await startSimulator();
  try {
    const question = given.question ?? (await askQuestion(interrupt));
    const tracer = createTracer({ sinks: [consoleSink()] });
    const result = await run(weatherAgent(weatherService(), model), question, {
      claude: simulator ? claude({ client: clientOf(simulator) }) : claude(),
      onEvent: tracer.onEvent,
      signal: interrupt.signal,
    });
    if (result.status !== "ended" || result.reason !== "end_turn") throw new UnfinishedError(result);
    const { text, steps, usage, cost } = result;
    const report = { question, answer: text, steps, usage, cost, model, simulated: simulator !== undefined };
    process.stderr.write("\n");
    process.stdout.write(`${json ? JSON.stringify(report) : text}\n`);
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) {
      process.stderr.write("\nInterrupted.\n");
      return 130;
    }
    process.stderr.write(`No answer: ${explainFailure(error)}\n`);
    return 1;
  } finally {
    await simulator?.close();
  }
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
