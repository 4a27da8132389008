import { describe, expect, test } from "vitest";
import { converse, number, text, toolOf } from "./demo-driver.js";
import { chained, runChained } from "./demo-weather-tools.js";

describe("with other weather tools", () => {
  test("it names the place where the tool asks for one", () => {
    const tools = [
      toolOf("get_weather", "Get the current weather for a location.", {
        location: text("City and country, e.g. Oslo, Norway"),
      }),
    ];
    const { rounds, answer } = converse(tools, "What should I wear in Oslo, Norway today?", () => ({
      temperature_c: 4,
      condition: "light rain",
      wind_kmh: 20,
      humidity_percent: 81,
    }));
    expect(rounds).toEqual([[{ name: "get_weather", input: { location: "Oslo, Norway" } }]]);
    expect(answer).toContain("wear a warm coat");
    expect(answer).toContain("Oslo: temperature 4 °C, light rain, wind 20 km/h, humidity 81 %.");
  });

  test("it names the unit as the tool calls it, and one that fits where none was said", () => {
    const weather = (unit: string) => [
      toolOf("get_weather", "Weather of a city", { city: text(), unit: text(unit) }),
    ];
    const inputOf = (unit: string, question: string) =>
      converse(weather(unit), question, () => "fine").rounds[0]?.[0]?.input;
    expect(inputOf("", "Weather in Oslo in Fahrenheit")).toEqual({ city: "Oslo", unit: "fahrenheit" });
    expect(inputOf("C or F", "Weather in Oslo in Fahrenheit")).toEqual({ city: "Oslo", unit: "F" });
    expect(inputOf("metric or imperial", "Weather in Oslo in °F")).toEqual({
      city: "Oslo",
      unit: "imperial",
    });
    expect(inputOf("", "Weather in Oslo")).toEqual({ city: "Oslo", unit: "celsius" });
  });

  test("it reads columns, and units that stand beside them", () => {
    const tools = [
      toolOf("geocode", "Geocode a city name to coordinates", { query: text("city name") }),
      toolOf("weather", "The weather at coordinates", { lat: number(), lon: number() }),
    ];
    const { rounds, answer } = converse(tools, "weather in Bergen", (name) =>
      name === "geocode"
        ? {
            results: [
              { name: "Bergen", lat: 60.39, lon: 5.32 },
              { name: "Bergen op Zoom", lat: 51.5, lon: 4.3 },
            ],
          }
        : {
            current_units: { temperature_2m: "°C" },
            current: { temperature_2m: 6.25 },
            daily_units: { temperature_2m_max: "°C" },
            daily: { time: ["2026-11-22", "2026-11-23"], temperature_2m_max: [7, 8.5] },
          },
    );
    expect(rounds[1]).toEqual([{ name: "weather", input: { lat: 60.39, lon: 5.32 } }]);
    expect(answer).toContain(
      "Bergen: temperature 6.25 °C.\n- 2026-11-22: temperature max 7 °C\n- 2026-11-23: temperature max 8.5 °C",
    );
  });

  test("it quotes a result that is plain text", () => {
    const tools = [toolOf("get_weather", "The weather of a city", { city: text() })];
    expect(
      converse(tools, "weather in Rome and Milan?", (_, input) => `It is 14 °C in ${input.city}.`).answer,
    ).toBe(
      "Rome: It is 14 °C in Rome.\nMilan: It is 14 °C in Milan.\n(Simulated reply: no language model was asked.)",
    );
  });

  test("it corrects a number that was out of bounds", () => {
    const tools = [
      toolOf("forecast", "Weather forecast", { place: text(), days: { type: "integer" } }, ["days"]),
    ];
    const { rounds } = converse(
      tools,
      "weather in Oslo for the next 10 days",
      (_, input: Record<string, unknown>) => {
        if (Number(input.days) > 7) throw new Error("days: Too big: expected number to be <=7");
        return { days: [{ date: "2026-11-22", high: 3 }] };
      },
    );
    expect(rounds.map(([call]) => call?.input.days)).toEqual([10, 7]);
  });

  test("it makes one call at a time where the request says so", () => {
    const { rounds } = converse(chained, "Compare the weather in Oslo and Lima", runChained, {
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    expect(rounds.map((calls) => calls.length)).toEqual([1, 1, 1, 1]);
  });
});
