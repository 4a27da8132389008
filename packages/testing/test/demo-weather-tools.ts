import { type Conversation, converse, number, type RunTool, text, toolOf } from "./demo-driver.js";

const latitude = number("Latitude in degrees, as find_place returns it", {
  minimum: -90,
  maximum: 90,
});
const longitude = number("Longitude in degrees, as find_place returns it", {
  minimum: -180,
  maximum: 180,
});
const units = text("Units of the temperatures", {
  enum: ["celsius", "fahrenheit"],
  default: "celsius",
});

/** Tools that chain: the weather tools need coordinates, and only the first one knows them. */
export const chained = [
  toolOf("find_place", "Find a place by its name: its country, latitude and longitude.", {
    name: text("City or town, with its country where that helps, e.g. Oslo, Norway", { minLength: 1 }),
  }),
  toolOf(
    "current_weather",
    "Get the weather right now at a position: sky, temperature and wind.",
    { latitude, longitude, units },
    ["units"],
  ),
  toolOf(
    "forecast",
    "Get the weather forecast at a position for today and the days after: lows, highs and rain.",
    { latitude, longitude, days: { type: "integer", minimum: 1, maximum: 7, default: 3 }, units },
    ["days", "units"],
  ),
];

const places: Record<
  string,
  readonly [latitude: number, longitude: number, country: string, celsius: number]
> = {
  Oslo: [59.91, 10.75, "Norway", 3],
  Nairobi: [-1.29, 36.82, "Kenya", 24],
  Lima: [-12.05, -77.04, "Peru", 19],
  "São Paulo": [-23.55, -46.63, "Brazil", 26],
  "New York": [40.71, -74.01, "United States", 9],
  Cairo: [30.04, 31.24, "Egypt", 22],
  Sydney: [-33.87, 151.21, "Australia", 22],
  Reykjavik: [64.15, -21.94, "Iceland", -1],
};

export const runChained: RunTool = (name, input: Record<string, unknown>) => {
  if (name === "find_place") {
    const wanted = String(input.name).split(",")[0] ?? "";
    const place = places[wanted];
    if (!place) throw new Error(`No place named "${wanted}" was found. Did you mean "Cairo"?`);
    return { name: wanted, country: place[2], latitude: place[0], longitude: place[1] };
  }
  const place = Object.values(places).find(([known]) => known === input.latitude);
  const celsius = place?.[3] ?? Number.NaN;
  if (name === "current_weather")
    return { sky: "light rain", temperature: `${celsius}.5 °C`, wind: "14 km/h" };
  return {
    days: Array.from({ length: (input.days as number | undefined) ?? 3 }, (_, day) => ({
      day: `2026-11-${22 + day}`,
      sky: day === 1 ? "light rain" : "clear sky",
      low: `${celsius - 4} °C`,
      high: `${celsius + day} °C`,
      chance_of_rain: day === 1 ? "80 %" : "5 %",
    })),
  };
};

export const ask = (question: string, runTool = runChained): Conversation =>
  converse(chained, question, runTool);
export const namesOf = ({ rounds }: Conversation): string[][] =>
  rounds.map((calls) => calls.map(({ name }) => name));
export const placesFound = ({ rounds }: Conversation): unknown[] =>
  (rounds[0] ?? []).map(({ input }) => input.name);
