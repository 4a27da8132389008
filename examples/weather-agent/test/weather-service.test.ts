import { ToolError } from "lockstitch";
import { afterEach, describe, expect, it } from "vitest";
import { cities } from "../src/climate-table.js";
import { OFFLINE_NOTE, offlineWeather } from "../src/offline-weather.js";
import { openMeteo } from "../src/open-meteo.js";
import { UnreachableError, type WeatherService, withFallback } from "../src/weather-service.js";
import { type Answer, closedUrl, type OpenMeteoServer, startOpenMeteoServer } from "./open-meteo-server.js";

const signal = new AbortController().signal;
const oslo = { latitude: 59.91, longitude: 10.75 };
const inJuly = () => new Date(2026, 6, 15);
const inJanuary = () => new Date(2026, 0, 15);

let server: OpenMeteoServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(answer: Answer): Promise<WeatherService> {
  server = await startOpenMeteoServer(answer);
  return openMeteo({ geocodingUrl: server.url, forecastUrl: server.url });
}

const currentBody = {
  current: {
    time: "2026-11-22T15:00",
    interval: 900,
    weather_code: 61,
    temperature_2m: 4.2,
    apparent_temperature: 1.1,
    relative_humidity_2m: 87,
    wind_speed_10m: 12.3,
  },
};

const dailyBody = {
  daily: {
    time: ["2026-11-22", "2026-11-23"],
    weather_code: [3, 71],
    temperature_2m_min: [1.5, -2],
    temperature_2m_max: [4.4, 0.3],
    precipitation_sum: [0, 3.1],
    precipitation_probability_max: [10, 85],
  },
};

describe("Open-Meteo", () => {
  it("finds a place by its name", async () => {
    const service = await serve(() => ({
      body: { results: [{ id: 1, name: "Oslo", country: "Norway", country_code: "NO", ...oslo }] },
    }));
    expect(await service.findPlace("Oslo", signal)).toEqual({ name: "Oslo", country: "Norway", ...oslo });
    expect(server?.requests[0]?.pathname).toBe("/v1/search");
    expect(server?.requests[0]?.searchParams.get("name")).toBe("Oslo");
  });

  it("searches for the bare name and picks the one in the region after the comma", async () => {
    const service = await serve(() => ({
      body: {
        results: [
          { name: "Paris", country: "France", country_code: "FR", latitude: 48.9, longitude: 2.4 },
          { name: "Paris", country: "United States", admin1: "Texas", latitude: 33.7, longitude: -95.6 },
        ],
      },
    }));
    expect(await service.findPlace("Paris, Texas", signal)).toMatchObject({ country: "United States" });
    expect(await service.findPlace("Paris, fr", signal)).toMatchObject({ country: "France" });
    expect(await service.findPlace("Paris, Île-de-France", signal)).toMatchObject({ country: "France" });
    expect(server?.requests.map((url) => url.searchParams.get("name"))).toEqual(["Paris", "Paris", "Paris"]);
  });

  it("tells the model that a place was not found", async () => {
    const service = await serve(() => ({ body: { generationtime_ms: 0.5 } }));
    const error = await service.findPlace("Xyzzy", signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolError);
    expect(String(error)).toContain("Xyzzy");
  });

  it("says what the weather is, in words and with units", async () => {
    const service = await serve(() => ({ body: currentBody }));
    expect(await service.currentWeather(oslo, "celsius", signal)).toEqual({
      time: "2026-11-22 15:00 local time",
      sky: "light rain",
      temperature: "4.2 °C",
      feels_like: "1.1 °C",
      humidity: "87 %",
      wind: "12.3 km/h",
    });
    const asked = server?.requests[0]?.searchParams;
    expect(asked?.get("latitude")).toBe("59.91");
    expect(asked?.get("longitude")).toBe("10.75");
    expect(asked?.get("current")?.split(",")).toContain("temperature_2m");
  });

  it("asks for the units it names", async () => {
    const service = await serve(() => ({ body: currentBody }));
    expect(await service.currentWeather(oslo, "fahrenheit", signal)).toMatchObject({ temperature: "4.2 °F" });
    expect(server?.requests[0]?.searchParams.get("temperature_unit")).toBe("fahrenheit");
  });

  it("forecasts day by day, with weekdays", async () => {
    const service = await serve(() => ({ body: dailyBody }));
    expect(await service.forecast(oslo, 2, "celsius", signal)).toEqual({
      days: [
        {
          day: "Sunday 2026-11-22",
          sky: "overcast",
          low: "1.5 °C",
          high: "4.4 °C",
          rain: "0 mm",
          chance_of_rain: "10 %",
        },
        {
          day: "Monday 2026-11-23",
          sky: "light snow",
          low: "-2 °C",
          high: "0.3 °C",
          rain: "3.1 mm",
          chance_of_rain: "85 %",
        },
      ],
    });
    expect(server?.requests[0]?.searchParams.get("forecast_days")).toBe("2");
  });

  it.each([
    ["a bad status", { status: 503, body: currentBody }],
    ["a page instead of data", { body: "<html>Please log in to the hotel's network</html>" }],
    ["data of another shape", { body: { current: "soon" } }],
  ])("counts %s as unreachable", async (_what, reply) => {
    const service = await serve(() => reply);
    await expect(service.currentWeather(oslo, "celsius", signal)).rejects.toThrow(UnreachableError);
  });

  it("counts a refused connection as unreachable", async () => {
    const service = openMeteo({ geocodingUrl: closedUrl });
    await expect(service.findPlace("Oslo", signal)).rejects.toThrow(UnreachableError);
  });

  it("counts silence as unreachable once its time is up", async () => {
    server = await startOpenMeteoServer(() => "hang");
    const service = openMeteo({ geocodingUrl: server.url, timeLimit: 20 });
    await expect(service.findPlace("Oslo", signal)).rejects.toThrow(UnreachableError);
  });

  it("ends with the run that asked, which is not the service's failure", async () => {
    const abort = new AbortController();
    const service = await serve(() => {
      abort.abort(new Error("the run was ended"));
      return "hang";
    });
    await expect(service.findPlace("Oslo", abort.signal)).rejects.toThrow("the run was ended");
  });
});

describe("without a network", () => {
  const offline = offlineWeather(inJuly);

  it.each(["São Paulo", "sao paulo", "SAO PAULO ", "São Paulo, Brazil"])(
    "finds %j in the table",
    async (query) => {
      expect(await offline.findPlace(query, signal)).toMatchObject({ name: "São Paulo", country: "Brazil" });
    },
  );

  it.each([
    ["NYC", "New York"],
    ["Kobenhavn", "Copenhagen"],
    ["Wien", "Vienna"],
    ["bombay", "Mumbai"],
  ])("knows %s as another name of %s", async (alias, name) => {
    expect(await offline.findPlace(alias, signal)).toMatchObject({ name });
  });

  it("names some places it knows where it does not know one", async () => {
    const error = await offline.findPlace("Atlantis", signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolError);
    expect(String(error)).toMatch(/"Atlantis".*Oslo.*Sydney/);
  });

  it.each([
    ["Oslo, norway", "Oslo"],
    ["Oslo, NO", "Oslo"],
    ["Chicago, Illinois", "Chicago"],
    ["Chicago, IL, USA", "Chicago"],
    ["Los Angeles, CA", "Los Angeles"],
    ["London, UK", "London"],
    ["London, England, United Kingdom", "London"],
    ["Istanbul, TR", "Istanbul"],
    ["Honolulu, Hawaii", "Honolulu"],
    ["Rome,", "Rome"],
  ])("takes what follows a comma where it is true: %s", async (query, name) => {
    expect(await offline.findPlace(query, signal)).toMatchObject({ name });
  });

  it.each([
    ["Paris, Texas", "Paris, France"],
    ["London, Ontario", "London, United Kingdom"],
    ["Paris, CA", "Paris, France"],
    ["Chicago, Illinois, Canada", "Chicago, United States"],
  ])("does not know %s, says what it knows instead, and names some places", async (query, known) => {
    const error = await offline.findPlace(query, signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolError);
    expect(String(error)).toContain(`"${query}" is not known, only ${known}. Some places that are: Oslo, `);
  });

  it("answers with typical values of the month, marked as such", async () => {
    expect(await offline.currentWeather(oslo, "celsius", signal)).toEqual({
      place: "Oslo, Norway",
      month: "July",
      typical_low: "13 °C",
      typical_high: "22 °C",
      rainy_days: "10 of 31 days",
      note: OFFLINE_NOTE,
    });
    expect(await offline.forecast(oslo, 3, "celsius", signal)).toMatchObject({ note: OFFLINE_NOTE });
  });

  it("has winter in Sydney when Oslo has summer, and the other way round", async () => {
    const sydney = { latitude: -33.87, longitude: 151.21 };
    const highs = async (service: WeatherService) => [
      await service.currentWeather(oslo, "celsius", signal),
      await service.currentWeather(sydney, "celsius", signal),
    ];
    expect(await highs(offline)).toMatchObject([{ typical_high: "22 °C" }, { typical_high: "18 °C" }]);
    expect(await highs(offlineWeather(inJanuary))).toMatchObject([
      { typical_high: "0 °C" },
      { typical_high: "27 °C" },
    ]);
  });

  it("converts to Fahrenheit", async () => {
    expect(await offline.currentWeather(oslo, "fahrenheit", signal)).toMatchObject({
      typical_low: "55 °F",
      typical_high: "72 °F",
    });
  });

  it("finds every city of its table again by the city's position", async () => {
    for (const { name, latitude, longitude } of cities) {
      expect(await offline.currentWeather({ latitude, longitude }, "celsius", signal)).toMatchObject({
        place: expect.stringContaining(name),
      });
    }
  });

  it("answers for a suburb and refuses far from any city, naming the nearest", async () => {
    const asker = { latitude: 59.83, longitude: 10.44 };
    expect(await offline.currentWeather(asker, "celsius", signal)).toMatchObject({ place: "Oslo, Norway" });
    const atlantic = { latitude: 0, longitude: -30 };
    const error = await offline
      .currentWeather(atlantic, "celsius", signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolError);
    expect(String(error)).toMatch(/nearest place known is .+, \d+ km away/);
  });
});

describe("the fallback", () => {
  it("answers offline when the service can't be reached, and does not try it again", async () => {
    const online = await serve(() => ({ status: 500, body: {} }));
    const service = withFallback(online, offlineWeather(inJuly));
    expect(await service.findPlace("Oslo", signal)).toMatchObject({ name: "Oslo" });
    expect(await service.currentWeather(oslo, "celsius", signal)).toMatchObject({ note: OFFLINE_NOTE });
    expect(await service.forecast(oslo, 3, "celsius", signal)).toMatchObject({ note: OFFLINE_NOTE });
    expect(server?.requests).toHaveLength(1);
  });

  it("keeps asking a service that answers", async () => {
    const online = await serve(() => ({ body: currentBody }));
    const service = withFallback(online, offlineWeather(inJuly));
    await service.currentWeather(oslo, "celsius", signal);
    expect(await service.currentWeather(oslo, "celsius", signal)).not.toHaveProperty("note");
    expect(server?.requests).toHaveLength(2);
  });

  it("takes an unknown place for what it is, not for a dead network", async () => {
    const online = await serve(() => ({ body: {} }));
    const service = withFallback(online, offlineWeather(inJuly));
    await expect(service.findPlace("Oslo", signal)).rejects.toThrow(ToolError);
    await expect(service.findPlace("Oslo", signal)).rejects.toThrow(ToolError);
    expect(server?.requests).toHaveLength(2);
  });
});
