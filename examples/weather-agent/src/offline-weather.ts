import { ToolError } from "lockstitch";
import { type City, cities } from "./climate-table.js";
import {
  type Position,
  symbols,
  type TypicalWeather,
  type Units,
  type WeatherService,
} from "./weather-service.js";

export const OFFLINE_NOTE = "offline: typical values, not a forecast";

/** Kilometres; farther away from a city its typical weather says too little. */
const NEAR = 100;

/** Answers from the bundled table of typical weather. `now` tells which month it is. */
export function offlineWeather(now: () => Date = () => new Date()): WeatherService {
  return {
    async findPlace(query) {
      const { name, country, latitude, longitude } = cityNamed(query);
      return { name, country, latitude, longitude };
    },
    currentWeather: async (position, units) => typicalWeather(cityNear(position), now(), units),
    forecast: async (position, _days, units) => typicalWeather(cityNear(position), now(), units),
  };
}

function typicalWeather(city: City, date: Date, units: Units): TypicalWeather {
  const month = date.getMonth();
  const daysInMonth = new Date(date.getFullYear(), month + 1, 0).getDate();
  return {
    place: labelOf(city),
    month: date.toLocaleString("en", { month: "long" }),
    typical_low: temperature(city.low[month], units),
    typical_high: temperature(city.high[month], units),
    rainy_days: `${city.rainyDays[month]} of ${daysInMonth} days`,
    note: OFFLINE_NOTE,
  };
}

function temperature(celsius = Number.NaN, units: Units): string {
  const degrees = units === "celsius" ? celsius : Math.round(celsius * 1.8 + 32);
  return `${degrees} ${symbols[units]}`;
}

/** What follows a comma ("Oslo, Norway") is not looked at: the answer names the country that was found. */
function cityNamed(query: string): City {
  const wanted = plain(query.split(",")[0] ?? query);
  const city = cities.find(({ name, aliases }) =>
    [name, ...aliases].some((known) => plain(known) === wanted),
  );
  if (city !== undefined) return city;
  const everySixth = cities.filter((_, index) => index % 6 === 0).map((known) => known.name);
  throw new ToolError(`Offline, "${query}" is not known. Some places that are: ${everySixth.join(", ")}.`);
}

/** Lower case, without accents: how names are compared. */
function plain(name: string): string {
  const withoutAccents = name.normalize("NFD").replace(/\p{Mark}/gu, "");
  return withoutAccents.toLowerCase().replaceAll("ø", "o").trim();
}

function cityNear(position: Position): City {
  const nearest = cities.reduce((best, city) =>
    distance(position, city) < distance(position, best) ? city : best,
  );
  const kilometres = Math.round(distance(position, nearest));
  if (kilometres <= NEAR) return nearest;
  throw new ToolError(
    `Offline, nothing is known of the weather there. The nearest place known is ${labelOf(nearest)}, ${kilometres} km away.`,
  );
}

/** Kilometres between two positions on the globe (the haversine formula). */
function distance(from: Position, to: Position): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const halfChord = (angle: number) => Math.sin(radians(angle) / 2) ** 2;
  const square =
    halfChord(to.latitude - from.latitude) +
    Math.cos(radians(from.latitude)) *
      Math.cos(radians(to.latitude)) *
      halfChord(to.longitude - from.longitude);
  return 2 * 6371 * Math.asin(Math.sqrt(square));
}

function labelOf({ name, country }: City): string {
  return name === country ? name : `${name}, ${country}`;
}
