import { NumberSupply } from "./fill-number.js";
import { fillValue, type Filling } from "./fill-value.js";
import { fits } from "./fits.js";
import { propertiesOf, requiredOf, resolve, type Schema } from "./schema.js";
import type { Material } from "./slots.js";

export type Filled =
  | { readonly ok: true; readonly input: Readonly<Record<string, unknown>> }
  /** The parameters that nothing is known for. */
  | { readonly ok: false; readonly missing: readonly string[] };

/**
 * Fills in a tool's input from what is known. What it gives is valid against the schema; it is never a guess, but
 * for what `assume` allows: plain values for required parameters of which nothing is known.
 */
export function fillInput(schema: Schema, context: string, material: Material, assume = false): Filled {
  const numbers = new NumberSupply(material.question.numbers);
  const filling: Filling = { root: schema, context, material, numbers, assume, depth: 0 };
  const required = requiredOf(schema);
  const missing: string[] = [];
  const needed: Record<string, unknown> = {};
  const further: Record<string, unknown> = {};
  const properties = propertiesOf(schema);
  // What must be there takes its pick first.
  for (const [name, inner] of properties.filter(([name]) => required.includes(name))) {
    const value = fillValue(name, resolve(inner, schema), true, filling);
    if (value === undefined) missing.push(name);
    else needed[name] = value;
  }
  if (missing.length > 0) return { ok: false, missing };
  for (const [name, inner] of properties.filter(([name]) => !required.includes(name))) {
    // A tool with a single parameter is about that parameter, required or not.
    const value = fillValue(name, resolve(inner, schema), properties.length === 1 && "only", filling);
    if (value !== undefined) further[name] = value;
  }
  const whole = [{ ...needed, ...further }, needed].find((input) => fits(input, schema, schema));
  return whole ? { ok: true, input: whole } : { ok: false, missing: required };
}
