import type { Random } from "../chaos/random.js";

const operations = ["commit", "write", "sync", "rename", "remove"] as const;

/** What a store or its disk does. `sync` is fsync or fdatasync. */
export type Operation = (typeof operations)[number];

/**
 * Where a process dies: around a commit or a call to the file system, when an event or a delta is shown, when a tool starts, when its
 * effect has happened and the tool doesn't know it yet, when the run is about to commit its end, or after so many milliseconds.
 */
export type Place =
  | `${"before" | "after"} ${Operation}`
  | `at ${"event" | "start" | "effect" | "end" | "ms"}`;

const places: readonly Place[] = [
  ...operations.flatMap((operation): Place[] => [`before ${operation}`, `after ${operation}`]),
  "at event",
  "at start",
  "at effect",
  "at end",
  "at ms",
];

/** The nth time that a process comes to a place, counted from 1. */
export interface KillPoint {
  readonly place: Place;
  readonly count: number;
}

/** How often an uninterrupted process comes to each place. */
export type Visits = { readonly [place in Place]?: number };

export function isSamePoint(one: KillPoint, other: KillPoint): boolean {
  return one.place === other.place && one.count === other.count;
}

/** E.g. `"after sync 3"`. */
export function textOf({ place, count }: KillPoint): string {
  return `${place} ${count}`;
}

/** Throws a `RangeError` for a text that names no place. */
export function parseKillPoint(text: string): KillPoint {
  const [, named, count = ""] = /^(.+) (\d+)$/.exec(text) ?? [];
  const place = places.find((known) => known === named);
  if (place === undefined || Number(count) < 1)
    throw new RangeError(
      `${JSON.stringify(text)} is no kill point. It is one of these and a number from 1: ${places.join(", ")}.`,
    );
  return { place, count: Number(count) };
}

/** Every point that an uninterrupted process comes to, in an order that the seed draws; the clock's milliseconds are left to chance. */
export function allPoints(visits: Visits, random: Random): readonly KillPoint[] {
  const points = countedPlaces(visits).flatMap(([place, times]): KillPoint[] =>
    place === "at ms" ? [] : Array.from({ length: times }, (_, index) => ({ place, count: index + 1 })),
  );
  for (let index = points.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [points[index], points[other]] = [points[other] as KillPoint, points[index] as KillPoint];
  }
  return points;
}

/** Where a process dies that goes on with what another began: it has less to do, and so comes by less often. */
export function drawPoint(visits: Visits, random: Random): KillPoint {
  const [place, times] = random.pick(countedPlaces(visits));
  return { place, count: 1 + random.below(Math.ceil(times * random.next())) };
}

function countedPlaces(visits: Visits): readonly (readonly [Place, number])[] {
  return (Object.entries(visits) as [Place, number][]).filter(([, times]) => times > 0);
}
