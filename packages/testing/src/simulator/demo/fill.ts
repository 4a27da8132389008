import { fits } from "../json-schema/fits.js";
import { asSchema, propertiesOf, requiredOf, resolve, type Schema, typeOf } from "../json-schema/schema.js";
import { NumberSupply } from "./fill-number.js";
import { type Filling, fillValue } from "./fill-value.js";
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
  const filling = fillingOf(schema, context, material, extent === "assumed");
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

/** How many objects deep the values are that are made up: few at first, for a schema that contains itself. */
const depths = [4, 12] as const;

/** A value for a whole schema, of whatever type that is, with plain values where nothing is known; nothing if none can be found. */
export function fillWhole(schema: Schema, context: string, material: Material): unknown {
  const filled = typeOf(schema) === "object" ? fillInput(schema, context, material, "assumed") : undefined;
  if (filled?.ok) return filled.input;
  for (const deepest of depths) {
    const filling = fillingOf(schema, context, material, true, deepest);
    const value = fillValue("", schema, true, filling);
    if (value !== undefined) return value;
  }
  return undefined;
}

function fillingOf(
  root: Schema,
  context: string,
  material: Material,
  assume: boolean,
  deepest: number = depths[0],
): Filling {
  const numbers = new NumberSupply(material.question.numbers);
  return { root, context, material, numbers, assume, deepest, depth: 0, nesting: 0 };
}
