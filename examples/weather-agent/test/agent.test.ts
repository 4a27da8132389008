import Anthropic from "@anthropic-ai/sdk";
import { createSimulator, type Simulator } from "@lockstitch/testing";
import { type AgentEvent, claude, run } from "lockstitch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { weatherAgent } from "../src/agent.js";
import { DEFAULT_MODEL, DEFAULT_QUESTION } from "../src/command-line.js";
import { OFFLINE_NOTE, offlineWeather } from "../src/offline-weather.js";
import type { WeatherService } from "../src/weather-service.js";

const inJuly = () => new Date(2026, 6, 15);

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator();
});
afterEach(() => simulator.close());

async function ask(
  question: string,
  service: WeatherService = offlineWeather(inJuly),
  signal: AbortSignal = new AbortController().signal,
) {
  const events: AgentEvent[] = [];
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "any" });
  const result = await run(weatherAgent(service, DEFAULT_MODEL), question, {
    claude: claude({ client }),
    signal,
    onEvent: (event) => {
      if ("seq" in event) events.push(event);
    },
  });
  return { result, events };
}

/** The tool calls of each step: their names and inputs. */
function callsByStep(events: readonly AgentEvent[]) {
  return events
    .filter((event) => event.type === "message")
    .map(({ message }) => (typeof message.content === "string" ? [] : message.content))
    .map((content) => content.filter((block) => block.type === "tool_use"))
    .map((calls) => calls.map(({ name, input }) => ({ name, input })));
}

describe("the weather agent", () => {
  it("finds the place first, then asks for its weather with the coordinates found", async () => {
    const { result, events } = await ask("How warm is it in Oslo right now?");
    expect(callsByStep(events)).toEqual([
      [{ name: "find_place", input: { name: "Oslo" } }],
      [{ name: "current_weather", input: expect.objectContaining({ latitude: 59.91, longitude: 10.75 }) }],
      [],
    ]);
    expect(result.text).toContain("22 °C");
    expect(result.text).toContain(OFFLINE_NOTE);
  });

  it("asks for a forecast where the question is about days to come", async () => {
    const { events } = await ask("Will it rain in Tokyo in the next 5 days?");
    expect(callsByStep(events)[1]).toEqual([
      { name: "forecast", input: expect.objectContaining({ latitude: 35.68, longitude: 139.69, days: 5 }) },
    ]);
  });

  it("asks about two places in one step, and both calls run side by side", async () => {
    const { result, events } = await ask(DEFAULT_QUESTION, meeting(2));
    const steps = callsByStep(events);
    expect(steps[0]?.map(({ name }) => name)).toEqual(["find_place", "find_place"]);
    expect(steps[1]?.map(({ name }) => name)).toEqual(["current_weather", "current_weather"]);
    expect(result.text).toMatch(/Lisbon/);
    expect(result.text).toMatch(/Oslo/);
  });

  it("lets the model read why a place was not found", async () => {
    const { result, events } = await ask("How warm is it in Atlantis?");
    const results = events.filter((event) => event.type === "tool.end");
    expect(results[0]).toMatchObject({ outcome: "error", result: { is_error: true } });
    expect(JSON.stringify(results[0])).toContain("Atlantis");
    expect(result).toMatchObject({ status: "ended", reason: "end_turn" });
  });

  it("asks for Paris, Texas, and does not tell the weather of another Paris", async () => {
    const { result, events } = await ask("Will it rain in Paris, Texas?");
    expect(callsByStep(events)).toEqual([[{ name: "find_place", input: { name: "Paris, Texas" } }], []]);
    expect(result.text).toContain('"Paris, Texas" is not known');
  });

  it("answers honestly where no tool fits", async () => {
    const { result, events } = await ask("Tell me a joke");
    expect(callsByStep(events)).toEqual([[]]);
    expect(result.text).toContain("None of my tools fits this");
  });

  it("passes on the unit that was asked for", async () => {
    const { result } = await ask("How cold is it in New York in Fahrenheit?");
    expect(result.text).toMatch(/^New York: .* 84 °F/m);
  });

  it.each([
    ["findPlace", "How warm is it in Oslo right now?"],
    ["currentWeather", "How warm is it in Oslo right now?"],
    ["forecast", "Will it rain in Oslo tomorrow?"],
  ] as const)("gives up waiting for %s when the run is aborted", async (method, question) => {
    const abort = new AbortController();
    const { service, signals } = waiting(method, () => abort.abort());
    const { result } = await ask(question, service, abort.signal);
    expect(result).toMatchObject({ status: "ended", reason: "aborted" });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("describes every tool and every input to the model", () => {
    const { tools = [] } = weatherAgent(offlineWeather(inJuly), DEFAULT_MODEL);
    const described = tools.map((tool) => "inputSchema" in tool && tool.inputSchema?.properties);
    expect(described).toHaveLength(3);
    for (const properties of described) {
      for (const property of Object.values(properties || {})) {
        expect(property).toMatchObject({ description: expect.any(String) });
      }
    }
  });
});

/** A service whose place lookups wait until `size` of them are under way: one after the other would never end. */
function meeting(size: number): WeatherService {
  const offline = offlineWeather(inJuly);
  let arrived = 0;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    ...offline,
    async findPlace(name, signal) {
      arrived += 1;
      if (arrived === size) open();
      await gate;
      return offline.findPlace(name, signal);
    },
  };
}

/** A service whose `method` never answers. It tells that it was asked, and keeps the signals it was given. */
function waiting(method: keyof WeatherService, asked: () => void) {
  const signals: AbortSignal[] = [];
  const wait = (...given: unknown[]) => {
    signals.push(given.at(-1) as AbortSignal);
    asked();
    return new Promise<never>(() => {});
  };
  return { service: { ...offlineWeather(inJuly), [method]: wait }, signals };
}
