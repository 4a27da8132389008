import { describe, expect, it } from "vitest";
import { cities } from "../src/climate-table.js";

const JANUARY = 0;
const JULY = 6;

describe("the table of typical weather", () => {
  it("knows at least forty cities, on every inhabited continent", () => {
    expect(cities.length).toBeGreaterThanOrEqual(40);
    expect(new Set(cities.map((city) => city.continent))).toEqual(
      new Set(["Europe", "Asia", "Africa", "North America", "South America", "Oceania"]),
    );
  });

  it("names every place once", () => {
    const names = cities.flatMap((city) => [city.name, ...city.aliases]).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(cities.map((city) => [city.name, city] as const))("has a sane year for %s", (_name, city) => {
    expect(city.country).toMatch(/^\p{Letter}[\p{Letter} ]+$/u);
    expect(city.latitude).toBeGreaterThan(-60);
    expect(city.latitude).toBeLessThan(70);
    expect(Math.abs(city.longitude)).toBeLessThanOrEqual(180);
    for (const column of [city.low, city.high, city.rainyDays]) {
      expect(column).toHaveLength(12);
      expect(column.every(Number.isInteger)).toBe(true);
    }
    city.high.forEach((high, month) => {
      const low = city.low[month] ?? Number.NaN;
      expect(high - low).toBeGreaterThanOrEqual(2);
      expect(high - low).toBeLessThanOrEqual(20);
      expect(low).toBeGreaterThan(-30);
      expect(high).toBeLessThan(46);
    });
    expect(Math.min(...city.rainyDays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...city.rainyDays)).toBeLessThanOrEqual(25);
  });

  it("moves smoothly from month to month", () => {
    for (const { name, low, high } of cities) {
      for (const column of [low, high]) {
        const steps = column.map((value, month) =>
          Math.abs(value - (column[(month + 1) % 12] ?? Number.NaN)),
        );
        expect(Math.max(...steps), name).toBeLessThanOrEqual(10);
      }
    }
  });

  it("has its summer in July in the north and in January in the south", () => {
    for (const { name, latitude, high } of cities) {
      const summer = (high[JULY] ?? 0) - (high[JANUARY] ?? 0);
      if (latitude > 24) expect(summer, name).toBeGreaterThan(0);
      if (latitude < -24) expect(summer, name).toBeLessThan(0);
    }
  });
});
