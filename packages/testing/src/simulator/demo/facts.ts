import { isRecord } from "../json-schema/schema.js";
import { roleOf, type Slot } from "./slots.js";
import { plain } from "./words.js";

export type Facts = Readonly<Record<string, unknown>>;

/** Every object in a result, the outer ones first. Of a list no more than the first hundred are looked at. */
export function objectsIn(value: unknown): Facts[] {
  const found: Facts[] = [];
  const queue: unknown[] = [value];
  while (queue.length > 0 && found.length < 500) {
    const next = queue.shift();
    if (Array.isArray(next)) queue.push(...next.slice(0, 100));
    else if (isRecord(next)) {
      found.push(next);
      queue.push(...Object.values(next));
    }
  }
  return found;
}

/** What a result says under the name of a parameter. */
export function factFor(slot: Slot, facts: readonly Facts[], accepts: (value: unknown) => boolean): unknown {
  const wanted = keyOf(slot.name);
  const kind = roleOf(slot).name;
  const others = wanted.endsWith("id") ? ["id"] : kindsInResults.includes(kind) ? [kind] : [];
  for (const key of [wanted, ...others]) {
    for (const object of facts) {
      const found = Object.entries(object).find(([name, value]) => keyOf(name) === key && accepts(value));
      if (found) return found[1];
    }
  }
  return undefined;
}

/** Kinds of value that results have under their own name: what `to` wants stands there as `email`. */
const kindsInResults = ["email", "url", "timezone", "country", "currency"];

const aliases: Readonly<Record<string, string>> = {
  lat: "latitude",
  lon: "longitude",
  lng: "longitude",
  long: "longitude",
};

function keyOf(name: string): string {
  const key = plain(name).replace(/[^a-z0-9]/g, "");
  return Object.hasOwn(aliases, key) ? (aliases[key] ?? key) : key;
}
