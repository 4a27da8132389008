/**
 * What was thrown, without these texts: a gateway may answer with the request that it got, the key in it. Errors stay what they are and are
 * changed in place, their causes too; of the plain data that they hold, what has to change is copied, for it may be somebody's own.
 */
export function redact(thrown: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0) return thrown;
  const seen = new Map<object, unknown>();

  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value === "string")
      return secrets.reduce((rest, secret) => rest.replaceAll(secret, hidden), value);
    if (typeof value !== "object" || value === null) return value;
    if (seen.has(value)) return seen.get(value);
    // Walked by recursion, and what comes from outside may be nested without end.
    if (depth > deepest) return hidden;
    const cleanPart = (part: unknown): unknown => clean(part, depth + 1);
    if (value instanceof Error) seen.set(value, value);
    const cleaned = value instanceof Error ? cleanError(value, cleanPart) : cleanData(value, cleanPart, seen);
    seen.set(value, cleaned);
    return cleaned;
  };
  return clean(thrown, 0);
}

const hidden = "[redacted]";
const deepest = 100;

type Clean = (part: unknown) => unknown;

function cleanError(error: Error, clean: Clean): Error {
  const changes: PropertyDescriptorMap = {};
  for (const name of Reflect.ownKeys(error) as string[]) {
    const { value, enumerable = false } = Object.getOwnPropertyDescriptor(error, name) ?? {};
    // The stack begins with the message; some engines have it behind a getter.
    const before = name === "stack" ? error.stack : value;
    const after = clean(before);
    if (after !== before) changes[name] = { value: after, enumerable, writable: true, configurable: true };
  }
  try {
    return Object.defineProperties(error, changes);
  } catch {
    // Frozen: another of its kind stands for it.
    const all = { ...Object.getOwnPropertyDescriptors(error), ...changes };
    return Object.create(Object.getPrototypeOf(error), all);
  }
}

/** Plain data and headers; whatever else there is belongs to somebody, and stays as it is. */
function cleanData(value: object, clean: Clean, seen: Map<object, unknown>): object {
  if (value instanceof Headers) {
    const entries = [...value].map(([name, text]): [string, string] => [name, String(clean(text))]);
    return entries.every(([name, text]) => value.get(name) === text) ? value : new Headers(entries);
  }
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value;
  const copy = Array.isArray(value) ? [] : {};
  // What is within may lead back here.
  seen.set(value, copy);
  let isSame = true;
  for (const [name, part] of Object.entries(value)) {
    const [newName, newPart] = [String(clean(name)), clean(part)];
    isSame &&= name === newName && part === newPart;
    const descriptor = { value: newPart, enumerable: true, writable: true, configurable: true };
    Object.defineProperty(copy, newName, descriptor);
  }
  return isSame ? value : copy;
}
