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

/** What follows a comma must be true of the city: the weather of Paris, France is no answer about Paris, Texas. */
function cityNamed(query: string): City {
  const [wanted = "", ...around] = query.split(",").map(plain);
  const city = cities.find(({ name, aliases }) => [name, ...aliases].map(plain).includes(wanted));
  if (city !== undefined && around.every((part) => part === "" || liesIn(city, part))) return city;
  const other = city === undefined ? "" : `, only ${labelOf(city)}`;
  const everySixth = cities.filter((_, index) => index % 6 === 0).map((known) => known.name);
  throw new ToolError(
    `Offline, "${query}" is not known${other}. Some places that are: ${everySixth.join(", ")}.`,
  );
}

/** What countries are called besides the name in the table. Their codes (`NO`) are known as well. */
const otherCountryNames: Readonly<Record<string, readonly string[]>> = {
  "United States": ["USA", "U.S.A.", "U.S.", "United States of America", "America"],
  "United Kingdom": ["UK", "U.K.", "Great Britain", "Britain"],
  "United Arab Emirates": ["UAE"],
  Netherlands: ["Holland", "The Netherlands"],
  Czechia: ["Czech Republic"],
  Turkey: ["Türkiye"],
  "South Korea": ["Korea", "Republic of Korea"],
  "DR Congo": ["Democratic Republic of the Congo", "DRC", "Congo - Kinshasa"],
  "Hong Kong": ["Hong Kong SAR China", "China"],
};

const countriesByCode = new Intl.DisplayNames("en", { type: "region" });

/** Whether a region or a country, in plain letters, is the city's own. */
function liesIn({ regions, country }: City, part: string): boolean {
  const known = [country, ...(otherCountryNames[country] ?? []), ...regions].map(plain);
  const byCode = /^[a-z]{2}$/.test(part) ? countriesByCode.of(part.toUpperCase()) : undefined;
  return known.includes(part) || (byCode !== undefined && known.includes(plain(byCode)));
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
