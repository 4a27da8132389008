import { NumberSupply } from "./fill-number.js";
import { type Filling, fillValue } from "./fill-value.js";
import { fits } from "./fits.js";
import { asSchema, propertiesOf, requiredOf, resolve, type Schema } from "./schema.js";
import type { Material } from "./slots.js";

export type Filled =
  | { readonly ok: true; readonly input: Readonly<Record<string, unknown>> }
  /** The parameters that nothing is known for. */
  | { readonly ok: false; readonly missing: readonly string[] };

/**
 * How much to fill in: everything that is `known`; only what is `required`, for a tool that the question does not
 * speak of; or, `assumed`, plain values as well for required parameters of which nothing is known.
 */
export type Extent = "known" | "required" | "assumed";

/** Fills in a tool's input from what is known. What it gives is valid against the schema. */
export function fillInput(
  schema: Schema,
  context: string,
  material: Material,
  extent: Extent = "known",
): Filled {
  const numbers = new NumberSupply(material.question.numbers);
  const assume = extent === "assumed";
  const filling: Filling = { root: schema, context, material, numbers, assume, depth: 0, nesting: 0 };
  const required = requiredOf(schema);
  const properties = propertiesOf(schema);
  const needed: Record<string, unknown> = {};
  // What must be there takes its pick first.
  for (const name of required) {
    const inner = asSchema(asSchema(schema.properties)[name]);
    const value = fillValue(name, resolve(inner, schema), true, filling);
    if (value !== undefined) needed[name] = value;
  }
  const missing = required.filter((name) => !Object.hasOwn(needed, name));
  if (missing.length > 0) return { ok: false, missing };
  const further: Record<string, unknown> = {};
  for (const [name, inner] of properties) {
    if (required.includes(name) || extent === "required") continue;
    // A tool with a single parameter is about that parameter, required or not.
    const value = fillValue(name, resolve(inner, schema), properties.length === 1 && "only", filling);
    if (value !== undefined) further[name] = value;
  }
  const whole = [{ ...needed, ...further }, needed].find((input) => fits(input, schema, schema));
  return whole ? { ok: true, input: whole } : { ok: false, missing: required };
}
