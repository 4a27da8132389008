import { messageOf } from "../../errors.js";

/**
 * Any value as JSON text: what JSON can't say (bigint, symbol, function, circular reference, map, set) is put into words. Never throws.
 * @param enough characters after which the rest may be left out: a value may be larger than the time and memory there is
 */
export function toJson(value: unknown, enough: number = Number.POSITIVE_INFINITY): string {
  try {
    return JSON.stringify(value, replacer(enough)) ?? String(value);
  } catch (error) {
    return `(a value that can't be shown: ${messageOf(error).toWellFormed()})`;
  }
}

function replacer(enough: number): (this: unknown, key: string, value: unknown) => unknown {
  // At least so much of the text is still to be written: each value takes a character or more.
  let left = enough;
  // The path from the root to the value at hand, so that the same object twice side by side is no circle.
  const ancestors: unknown[] = [];
  return function replace(this: unknown, _key: string, value: unknown): unknown {
    if (left < 0) return undefined;
    left -= typeof value === "string" ? value.length : value === undefined ? 0 : 1;
    switch (typeof value) {
      case "bigint":
      case "symbol":
        return value.toString();
      case "function":
        return `[function ${value.name}]`;
      case "object":
        break;
      default:
        return value;
    }
    if (value === null) return null;
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(value)) return "[circular]";
    const whole = toPlain(value);
    const plain = Array.isArray(whole) && whole.length > left ? whole.slice(0, left + 1) : whole;
    ancestors.push(plain);
    return plain;
  };
}

function toPlain(value: object): object | string {
  if (value instanceof Map) return mapToPlain(value);
  if (value instanceof Set) return [...value];
  if (isError(value)) return { name: value.name, message: value.message };
  return isOpaque(value) ? `[${classOf(value)}]` : value;
}

/** Pairs where a key is no name, or two would have the same one: as fields, all but the last would be lost. */
function mapToPlain(map: ReadonlyMap<unknown, unknown>): object {
  const names = new Set([...map.keys()].flatMap((key) => (typeof key === "object" ? [] : [String(key)])));
  return names.size === map.size
    ? Object.fromEntries([...map].map(([key, item]) => [String(key), item]))
    : [...map];
}

/** Of this realm or another: one made in another has another `Error` as its class. */
function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** A response, a promise, a regular expression: JSON would make `{}` of it, which says that there was nothing. */
function isOpaque(value: object): boolean {
  if (Array.isArray(value) || "toJSON" in value || Object.keys(value).length > 0) return false;
  return !["", "Object", "Number", "String", "Boolean"].includes(classOf(value));
}

function classOf(value: object): string {
  return typeof value.constructor === "function" ? value.constructor.name : "";
}
