import { type Context, createContext, Script } from "node:vm";
import { exhaust } from "./effort.js";
import type { Schema } from "./record.js";

const timeout = 100;
const longText = 1_000;
const script = new Script('new RegExp(pattern, "u").test(value)');
let room: Context | undefined;

/**
 * Whether a text matches a schema's pattern; undefined for one in another dialect, which can't be checked. One that can take
 * for ever, such as `(a+)+b`, gets a tenth of a second; where that is not enough its schema is given up, or it would be
 * tried again with every other text.
 */
export function matches(value: string, pattern: string, root: Schema): boolean | undefined {
  try {
    if (isHarmless(value, pattern)) return new RegExp(pattern, "u").test(value);
    room ??= createContext(Object.create(null));
    Object.assign(room, { pattern, value });
    return script.runInContext(room, { timeout }) === true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") exhaust(root);
    return undefined;
  }
}

/** With one choice to make at most, there is little to go back to. */
function isHarmless(value: string, pattern: string): boolean {
  return value.length <= longText && (pattern.match(/[*+?|{]/g) ?? []).length < 2;
}
