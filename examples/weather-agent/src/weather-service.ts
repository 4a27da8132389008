/** Where something is, in degrees; north and east are positive. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

interface Place extends Position {
  readonly name: string;
  readonly country: string;
}

export type Units = "celsius" | "fahrenheit";

export const symbols: Readonly<Record<Units, string>> = { celsius: "°C", fahrenheit: "°F" };

/** Values carry their units ("4 °C", "12 km/h"): nothing is left for the model to guess. */
interface CurrentWeather {
  readonly time: string;
  readonly sky: string;
  readonly temperature: string;
  readonly feels_like: string;
  readonly humidity: string;
  readonly wind: string;
}

interface Forecast {
  readonly days: readonly {
    readonly day: string;
    readonly sky: string;
    readonly low: string;
    readonly high: string;
    readonly rain: string;
    readonly chance_of_rain: string;
  }[];
}

/** What this time of the year is usually like. It stands in for both of the above where there is no network. */
export interface TypicalWeather {
  readonly place: string;
  readonly month: string;
  readonly typical_low: string;
  readonly typical_high: string;
  readonly rainy_days: string;
  readonly note: string;
}

/** Each call throws `ToolError`, with words for the model, where it has no answer. */
export interface WeatherService {
  findPlace(name: string, signal: AbortSignal): Promise<Place>;
  currentWeather(
    position: Position,
    units: Units,
    signal: AbortSignal,
  ): Promise<CurrentWeather | TypicalWeather>;
  forecast(
    position: Position,
    days: number,
    units: Units,
    signal: AbortSignal,
  ): Promise<Forecast | TypicalWeather>;
}

/** The service gave no usable answer: no network, too slow, out of order. */
export class UnreachableError extends Error {
  override name = "UnreachableError";
}

/**
 * Asks `online` until it can't be reached, and `offline` from then on:
 * one wait for a dead network is enough, so the failure is remembered for as long as this service lives.
 */
export function withFallback(online: WeatherService, offline: WeatherService): WeatherService {
  let reachable = true;

  async function ask<Answer>(question: (service: WeatherService) => Promise<Answer>): Promise<Answer> {
    if (!reachable) return question(offline);
    try {
      return await question(online);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      reachable = false;
      return question(offline);
    }
  }

  return {
    findPlace: (name, signal) => ask((service) => service.findPlace(name, signal)),
    currentWeather: (position, units, signal) =>
      ask((service) => service.currentWeather(position, units, signal)),
    forecast: (position, days, units, signal) =>
      ask((service) => service.forecast(position, days, units, signal)),
  };
}
