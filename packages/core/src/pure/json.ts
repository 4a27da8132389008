import { messageOf } from "../errors.js";

/** Any value as JSON text: what JSON can't say (bigint, symbol, function, circular reference, map, set) is put into words. Never throws. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, replacer()) ?? String(value);
  } catch (error) {
    return `(a value that can't be shown: ${messageOf(error).toWellFormed()})`;
  }
}

function replacer(): (this: unknown, key: string, value: unknown) => unknown {
  // The path from the root to the value at hand, so that the same object twice side by side is no circle.
  const ancestors: unknown[] = [];
  return function replace(this: unknown, _key: string, value: unknown): unknown {
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
    const plain = toPlain(value);
    ancestors.push(plain);
    return plain;
  };
}

function toPlain(value: object): object {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), item]));
  if (value instanceof Set) return [...value];
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
}
