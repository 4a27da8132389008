import { type JsonSchema, mapSubschemas, without } from "./json-schema.js";

/** Whether a default can stand in a JSON Schema. */
export function hasJsonForm(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whether a default is made anew each time, like an id or the time (today's date too). Such a one must stay out of a tool's schema:
 * it would change the tool from one process to the next, and so void the prompt cache and the session's frozen tools.
 */
export function isMadeAnew(make: () => unknown): boolean {
  return JSON.stringify(make()) !== JSON.stringify(atAnotherTime(make));
}

/** The JSON Schema that a library makes, without those defaults that are made anew each time. */
export function withoutMadeAnew(make: () => JsonSchema): JsonSchema {
  const [now, later] = [make(), atAnotherTime(make)];
  const others = defaultsIn(later);
  const lasting = defaultsIn(now).map((one, index) => JSON.stringify(one) === JSON.stringify(others[index]));
  let at = 0;
  const walk = (schema: JsonSchema): JsonSchema => {
    const isLasting = lasting[at++];
    return mapSubschemas(isLasting ? schema : without(schema, "default"), walk);
  };
  return walk(now);
}

/** The default of each schema in one, in the order of a walk. */
function defaultsIn(schema: JsonSchema): unknown[] {
  const defaults: unknown[] = [];
  const walk = (inner: JsonSchema): JsonSchema => {
    defaults.push(inner.default);
    return mapSubschemas(inner, walk);
  };
  walk(schema);
  return defaults;
}

/** So far away that no part of a date is the same: year, quarter, month, day, day of the week, hour, minute, second. */
const awayMs = 500 * 86_400_000 + 5 * 3_600_000 + 7 * 60_000 + 11_013;

/**
 * Does `work`, which must not wait for anything, under another clock. No library tells a default that it was given from one that it makes
 * by a function, and two readings of a clock within one millisecond are the same. By what it says, a clock can't be known either: a
 * default that names a day would leave the schema on that very day. Of a clock that was taken hold of earlier (`const { now } = Date`)
 * nothing is known.
 */
function atAnotherTime<Result>(work: () => Result): Result {
  const { Date: own } = globalThis;
  const now = () => own.now() + awayMs;
  const other = new Proxy(own, {
    apply: () => new own(now()).toString(),
    construct: (target, given, made) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, made) as Date,
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  // Where it can't be replaced, nobody can be told another time, and it stays.
  Reflect.set(globalThis, "Date", other);
  try {
    return work();
  } finally {
    Reflect.set(globalThis, "Date", own);
  }
}
