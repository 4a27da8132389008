import { type Agent, tool } from "lockstitch";
import { z } from "zod";
import type { WeatherService } from "./weather-service.js";

const system = `You answer questions about the weather.
Find each place with find_place first, then ask for its weather with the coordinates you got.
When a question is about several places, call the tools for all of them at once.
Answer in a few sentences, with the numbers and their units.
If a result carries a note, say what it notes in your answer.`;

const latitude = z.number().min(-90).max(90).describe("Latitude in degrees, as find_place returns it");
const longitude = z.number().min(-180).max(180).describe("Longitude in degrees, as find_place returns it");
const units = z.enum(["celsius", "fahrenheit"]).default("celsius").describe("Units of the temperatures");

/** An agent is plain data: a model, a system prompt and tools, which here all read from one weather service. */
export function weatherAgent(service: WeatherService, model: string): Agent {
  const findPlace = tool({
    name: "find_place",
    description: "Find a place by its name: its country, latitude and longitude.",
    input: z.object({
      name: z.string().min(1).describe("City or town, with its country where that helps, e.g. Oslo, Norway"),
    }),
    effects: "none",
    run: ({ name }, call) => service.findPlace(name, call.signal),
  });

  const currentWeather = tool({
    name: "current_weather",
    description: "Get the weather right now at a position: sky, temperature, humidity and wind.",
    input: z.object({ latitude, longitude, units }),
    effects: "none",
    run: ({ units, ...position }, call) => service.currentWeather(position, units, call.signal),
  });

  const forecast = tool({
    name: "forecast",
    description: "Get the weather forecast at a position for today and the days after: lows, highs and rain.",
    input: z.object({
      latitude,
      longitude,
      days: z.int().min(1).max(7).default(3).describe("How many days, today included"),
      units,
    }),
    effects: "none",
    run: ({ days, units, ...position }, call) => service.forecast(position, days, units, call.signal),
  });

  return { name: "weather", model, system, tools: [findPlace, currentWeather, forecast] };
}
