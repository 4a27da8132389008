import { ToolError } from "lockstitch";
import { z } from "zod";
import { describeSky } from "./weather-codes.js";
import {
  type Position,
  symbols,
  type Units,
  UnreachableError,
  type WeatherService,
} from "./weather-service.js";

export interface OpenMeteoOptions {
  /** Where the services are. Default: the public ones. */
  readonly geocodingUrl?: string;
  readonly forecastUrl?: string;
  /** Milliseconds without an answer before a service counts as unreachable. Default 4,000. */
  readonly timeLimit?: number;
}

/** Open-Meteo's public services, which need no key (https://open-meteo.com/en/docs). */
export function openMeteo({
  geocodingUrl = "https://geocoding-api.open-meteo.com",
  forecastUrl = "https://api.open-meteo.com",
  timeLimit = 4_000,
}: OpenMeteoOptions = {}): WeatherService {
  return {
    async findPlace(query, signal) {
      // The service knows bare names only: "Paris, Texas" finds nothing, "Paris" finds that one too.
      const [name = query, region] = query.split(",").map((part) => part.trim());
      const url = withParameters(`${geocodingUrl}/v1/search`, { name, count: 10, language: "en" });
      const { results } = await getJson(url, foundPlaces, signal, timeLimit);
      const place = results.find((found) => liesIn(found, region)) ?? results[0];
      if (place === undefined)
        throw new ToolError(`No place named "${name}" was found. Is it spelled right?`);
      const { country, latitude, longitude } = place;
      return { name: place.name, country, latitude, longitude };
    },

    async currentWeather(position, units, signal) {
      const wanted = { current: Object.keys(currentFields).join() };
      const url = weatherUrl(forecastUrl, position, units, wanted);
      const { current } = await getJson(url, currentAnswer, signal, timeLimit);
      return {
        time: `${current.time.replace("T", " ")} local time`,
        sky: describeSky(current.weather_code),
        temperature: `${current.temperature_2m} ${symbols[units]}`,
        feels_like: `${current.apparent_temperature} ${symbols[units]}`,
        humidity: `${current.relative_humidity_2m} %`,
        wind: `${current.wind_speed_10m} km/h`,
      };
    },

    async forecast(position, days, units, signal) {
      const wanted = { daily: Object.keys(dailyFields).join(), forecast_days: days };
      const url = weatherUrl(forecastUrl, position, units, wanted);
      const { daily } = await getJson(url, dailyAnswer, signal, timeLimit);
      return {
        days: daily.time.map((date, day) => ({
          day: withWeekday(date),
          sky: describeSky(daily.weather_code[day] ?? Number.NaN),
          low: `${daily.temperature_2m_min[day]} ${symbols[units]}`,
          high: `${daily.temperature_2m_max[day]} ${symbols[units]}`,
          rain: `${daily.precipitation_sum[day]} mm`,
          chance_of_rain: `${daily.precipitation_probability_max[day]} %`,
        })),
      };
    },
  };
}

const foundPlace = z.object({
  name: z.string(),
  country: z.string().default(""),
  country_code: z.string().default(""),
  admin1: z.string().default(""),
  latitude: z.number(),
  longitude: z.number(),
});

// `results` is left out altogether where nothing was found.
const foundPlaces = z.object({ results: z.array(foundPlace).default([]) });

const currentFields = {
  weather_code: z.number(),
  temperature_2m: z.number(),
  apparent_temperature: z.number(),
  relative_humidity_2m: z.number(),
  wind_speed_10m: z.number(),
};
const currentAnswer = z.object({ current: z.object({ time: z.string(), ...currentFields }) });

const dailyFields = {
  weather_code: z.array(z.number()),
  temperature_2m_min: z.array(z.number()),
  temperature_2m_max: z.array(z.number()),
  precipitation_sum: z.array(z.number()),
  precipitation_probability_max: z.array(z.number()),
};
const dailyAnswer = z.object({ daily: z.object({ time: z.array(z.string()), ...dailyFields }) });

function liesIn(place: z.infer<typeof foundPlace>, region: string | undefined): boolean {
  const names = [place.country, place.country_code, place.admin1].map((name) => name.toLowerCase());
  return region !== undefined && names.includes(region.toLowerCase());
}

/** "2026-11-23" → "Monday 2026-11-23": people ask about weekends, and models miscount weekdays. */
function withWeekday(date: string): string {
  return `${new Date(date).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" })} ${date}`;
}

type Parameters = Readonly<Record<string, string | number>>;

function weatherUrl(base: string, position: Position, units: Units, wanted: Parameters): URL {
  const { latitude, longitude } = position;
  const everywhere = { latitude, longitude, temperature_unit: units, timezone: "auto" };
  return withParameters(`${base}/v1/forecast`, { ...everywhere, ...wanted });
}

function withParameters(address: string, parameters: Parameters): URL {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value));
  return url;
}

/** The answer, checked against `schema`. Throws `UnreachableError` for every way of not getting one. */
async function getJson<Schema extends z.ZodType>(
  url: URL,
  schema: Schema,
  signal: AbortSignal,
  timeLimit: number,
): Promise<z.infer<Schema>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]) });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return schema.parse(await response.json());
  } catch (cause) {
    signal.throwIfAborted(); // That the run was given up says nothing about the service.
    throw new UnreachableError(`${url.host} gave no usable answer.`, { cause });
  }
}
