import type { Random } from "../chaos/random.js";
import { type KillPoint, type Place, parseKillPoint, textOf, type Visits } from "./kill-point.js";

/** When somebody speaks: while the process is held up before a commit, or before its run's end, or whatever it is doing. */
const places: readonly Place[] = ["before commit", "at end", "at ms"];

const prefix = "steer ";

/** E.g. `"steer at end 1"`. */
export function textOfSteer(point: KillPoint): string {
  return prefix + textOf(point);
}

/** Splits what a finding says into when somebody spoke, and where processes were killed. Throws a `RangeError` for what is neither. */
export function parsePoints(at: readonly string[]): {
  readonly steers: readonly KillPoint[];
  readonly points: readonly KillPoint[];
} {
  const isSteer = (text: string): boolean => text.startsWith(prefix);
  return {
    steers: at.filter(isSteer).map(parseSteer),
    points: at.filter((text) => !isSteer(text)).map(parseKillPoint),
  };
}

function parseSteer(text: string): KillPoint {
  const point = parseKillPoint(text.slice(prefix.length));
  if (places.includes(point.place)) return point;
  throw new RangeError(
    `Nobody can be heard at ${JSON.stringify(textOf(point))}. A session is steered at one of these: ${places.join(", ")}.`,
  );
}

/** When a game is steered: half of them are not at all, so that these can be compared to the letter. */
export function drawSteers(visits: Visits, random: Random): readonly KillPoint[] {
  if (!random.chance(0.5)) return [];
  return Array.from({ length: 1 + random.below(3) }, () => {
    const place = random.pick(places);
    return { place, count: 1 + random.below(visits[place] ?? 1) };
  });
}
