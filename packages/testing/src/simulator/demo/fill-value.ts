import { spend } from "../json-schema/effort.js";
import { fits } from "../json-schema/fits.js";
import {
  asSchema,
  propertiesOf,
  requiredOf,
  resolve,
  type Schema,
  typeOf,
  variantsOf,
} from "../json-schema/schema.js";
import { factFor } from "./facts.js";
import { assumedNumber, type NumberSupply, plainNumber, saidNumber } from "./fill-number.js";
import { isOfFormat } from "./formats.js";
import { inventString } from "./invent.js";
import { isSaid } from "./said-choice.js";
import { hasWord, type Material, roleOf, type Slot, slotOf } from "./slots.js";
import { beginning, meaningfulStems, plain, titleCase } from "./words.js";

export interface Filling {
  readonly root: Schema;
  /** The tool's name and description. */
  readonly context: string;
  readonly material: Material;
  readonly numbers: NumberSupply;
  /** Whether to make up plain values rather than leave a required parameter out. */
  readonly assume: boolean;
  /** How many objects deep inside the input. */
  readonly depth: number;
  /** How many objects deep it may go: a schema that contains itself is not followed for ever. */
  readonly deepest: number;
  /** How many values deep, those of lists and of alternatives included. */
  readonly nesting: number;
}

const deepestNesting = 50;
const mostItems = 100;

/** `only`: not required, but the only thing the tool can be told. */
type Need = boolean | "only";

type Fill = (slot: Slot, need: Need, filling: Filling) => unknown;

/** A value for one parameter that is valid against its schema, or nothing. */
export function fillValue(name: string, schema: Schema, need: Need, filling: Filling): unknown {
  if (filling.nesting > deepestNesting || !spend(filling.root)) return undefined;
  for (const value of candidates(name, schema, need, filling)) {
    if (value !== undefined && fits(value, schema, filling.root)) return value;
  }
  return undefined;
}

/** What may do, the best first: whoever makes up values would rather have any that is valid than none. */
function* candidates(name: string, schema: Schema, need: Need, filling: Filling): Generator<unknown> {
  const variants = alternatives(schema, filling.root);
  // The variant that the question names, else the first that can be filled in.
  const said = variants.filter((variant) => isNamed(variant, filling));
  const inside: Filling = { ...filling, nesting: filling.nesting + 1 };
  for (const variant of [...said, ...variants]) yield fillValue(name, variant, need, inside);
  const mayInvent = need === true && filling.assume;
  if (variants.length === 0) {
    const slot = slotOf(name, withoutWrongDefault(schema, filling.root), filling.context);
    for (const type of mayInvent ? kindsOf(schema) : [firstKind(schema)]) {
      yield fillPlain(slot, type, need, filling);
    }
  }
  if (mayInvent) yield* simplest;
}

const simplest: readonly unknown[] = [null, false, true, 0, 1, "", "a", [], {}];

function firstKind(schema: Schema): string {
  return typeOf(schema) ?? "string";
}

/** The types to try, the likeliest first; null is no type to fill in, but one of the simplest values. */
function kindsOf(schema: Schema): Set<string> {
  const { type = ["object", "array", "integer", "number"] } = schema;
  const others = (Array.isArray(type) ? type : []).map(String).filter((name) => name !== "null");
  return new Set([firstKind(schema), ...others]);
}

/** Whoever relies on a default that the schema itself forbids would have nothing. */
function withoutWrongDefault(schema: Schema, root: Schema): Schema {
  const { default: usual, ...rest } = schema;
  return usual === undefined || fits(usual, schema, root) ? schema : rest;
}

/** The alternatives of `anyOf` or `oneOf`, each with what the schema says beside them, and without null. */
function alternatives(schema: Schema, root: Schema): Schema[] {
  const { properties, required } = schema;
  return variantsOf(schema, root).map((variant) => ({
    ...variant,
    ...(properties === undefined
      ? {}
      : { properties: { ...asSchema(properties), ...asSchema(variant.properties) } }),
    ...(required === undefined ? {} : { required: [...requiredOf(schema), ...requiredOf(variant)] }),
  }));
}

function isNamed(variant: Schema, { material }: Filling): boolean {
  return propertiesOf(variant).some(([, inner]) => isSaid(inner.const, material));
}

function fillPlain(slot: Slot, type: string, need: Need, filling: Filling): unknown {
  const { schema } = slot;
  if ("const" in schema) return need ? schema.const : undefined;
  if (Array.isArray(schema.enum)) return fillChoice(slot, need, filling);
  const value = fillers[type]?.(slot, need, filling);
  if (value !== undefined || need !== true) return value;
  if ("default" in schema) return schema.default;
  const { examples } = schema;
  return filling.assume && Array.isArray(examples) ? examples[0] : undefined;
}

const fillers: Readonly<Record<string, Fill>> = {
  string: fillString,
  number: fillNumber,
  integer: fillNumber,
  boolean: fillBoolean,
  array: fillList,
  object: fillObject,
  null: (_slot, need) => (need ? null : undefined),
};

function fillString(slot: Slot, need: Need, filling: Filling): string | undefined {
  const { material, root } = filling;
  const role = roleOf(slot);
  const accepts = (text: string): boolean =>
    text !== "" && isOfFormat(text, slot.schema.format) && fits(text, slot.schema, root);
  const isFree = ["query", "message", "title", "text"].includes(role.name);
  // Free text is said once, for what must be there; for anything else it would only be said again.
  const said = need || !isFree ? pick(role.said(material, slot), accepts) : undefined;
  if (said !== undefined || !need) return said;
  const fact = factFor(slot, material.facts, (value) => typeof value === "string" && accepts(value));
  if (fact !== undefined) return fact as string;
  const fallback = "default" in slot.schema ? undefined : pick(role.assumed?.(material, slot) ?? [], accepts);
  if (fallback !== undefined || !filling.assume || need !== true) return fallback;
  // To read a long pattern for each of many texts takes time as well.
  const { pattern } = slot.schema;
  if (typeof pattern === "string" && !spend(root, pattern.length)) return undefined;
  return inventString(slot.schema, material.question, accepts);
}

/** The first text that is acceptable as it is, in another case, or cut to length. */
function pick(texts: readonly string[], accepts: (text: string) => boolean): string | undefined {
  return texts
    .flatMap((text) => [
      text,
      text.toLowerCase(),
      text.toUpperCase(),
      titleCase(text),
      plain(text),
      beginning(text, 60),
    ])
    .find(accepts);
}

function fillNumber(slot: Slot, need: Need, filling: Filling): number | undefined {
  const { material, numbers, root, assume } = filling;
  const accepts = (value: unknown): boolean => fits(value, slot.schema, root);
  const said = saidNumber(slot, material, numbers, accepts);
  if ((said !== undefined && accepts(said)) || !need) return said;
  const fact = factFor(slot, material.facts, (value) => typeof value === "number" && accepts(value));
  if (fact !== undefined) return fact as number;
  if ("default" in slot.schema) return undefined;
  const assumed = assumedNumber(slot, numbers, accepts);
  if (!assume || (assumed !== undefined && accepts(assumed))) return assumed;
  return plainNumber(slot.schema, accepts);
}

function fillBoolean(slot: Slot, need: Need, { material, assume }: Filling): boolean | undefined {
  const topic = meaningfulStems(slot.name).filter((word) => !["include", "show", "enable"].includes(word));
  const said = topic.length > 0 && topic.every((word) => material.question.words.has(word));
  if (said) {
    const denial = new RegExp(String.raw`\b(?:no|not|without|don't|skip)\b[^.,]*\b${topic[0]}`, "i");
    return !denial.test(plain(material.question.text));
  }
  return need === true && (assume || !("default" in slot.schema)) ? false : undefined;
}

function fillChoice(slot: Slot, need: Need, { material, root }: Filling): unknown {
  const choices = (slot.schema.enum as readonly unknown[]).filter((choice) =>
    fits(choice, slot.schema, root),
  );
  const said = choices.find((choice) => isSaid(choice, material));
  if (said !== undefined || need !== true) return said;
  const fact = factFor(slot, material.facts, (value) => choices.includes(value));
  if (fact !== undefined) return fact;
  // The first choice is the author's own; null would be no answer.
  return "default" in slot.schema ? slot.schema.default : choices.find((choice) => choice !== null);
}

function fillList(slot: Slot, need: Need, filling: Filling): unknown[] | undefined {
  const { schema } = slot;
  const { maxItems, minItems = 0 } = schema as { maxItems?: number; minItems?: number };
  const prefix: readonly unknown[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  const items = resolve(schema.items, filling.root);
  const found = prefix.length > 0 ? [] : listItems(slot, items, need, filling);
  const list = [...new Set(found)].filter((item) => fits(item, items, filling.root)).slice(0, maxItems);
  if (list.length === 0 && !need) return undefined;
  const inside: Filling = { ...filling, nesting: filling.nesting + 1 };
  const add = (wanted: unknown): boolean => {
    const item = fillValue(slot.name, resolve(wanted, filling.root), true, inside);
    return item !== undefined && list.push(item) > 0;
  };
  const isThere = (item: unknown): boolean => fits(item, schema.contains, filling.root);
  if (filling.assume && schema.contains !== undefined && prefix.length === 0 && !list.some(isThere)) {
    add(schema.contains);
  }
  while (filling.assume && list.length < Math.min(minItems, mostItems)) {
    if (!add(prefix[list.length] ?? items)) break;
  }
  return list.length === 0 && (need !== true || "default" in schema) ? undefined : list;
}

function listItems(slot: Slot, items: Schema, need: Need, filling: Filling): unknown[] {
  const { material, numbers } = filling;
  if (Array.isArray(items.enum)) return items.enum.filter((choice) => isSaid(choice, material));
  const type = typeOf(items);
  if (type === "number" || type === "integer") return numbers.takeAll();
  if (type === "object") {
    const each = material.places.length > 1 ? material.places.map((place) => [place]) : [material.places];
    return each.flatMap((places) => {
      const inside: Filling = { ...filling, material: { ...material, places }, nesting: filling.nesting + 1 };
      return fillValue(slot.name, items, need, inside) ?? [];
    });
  }
  if (type !== "string") return [];
  const inner: Slot = { ...slot, schema: items };
  const role = roleOf(inner);
  const said =
    role.name === "place" && !hasWord(slot, "from", "to")
      ? material.places.flatMap((place) => role.said({ ...material, places: [place] }, inner)[0] ?? [])
      : role.said(material, inner);
  if (said.length > 0 || !need) return [...said];
  return material.question.object.split(/\s*,\s*(?:and\s+)?|\s+and\s+/).filter(Boolean);
}

function fillObject(slot: Slot, need: Need, filling: Filling): Readonly<Record<string, unknown>> | undefined {
  const { schema } = slot;
  if (filling.depth > filling.deepest) return undefined;
  const inside: Filling = { ...filling, depth: filling.depth + 1, nesting: filling.nesting + 1 };
  const required = requiredOf(schema);
  const filled = fillProperties(schema, need === false ? [] : required, inside);
  if (filled === undefined || (need !== true && Object.keys(filled).length === 0)) return undefined;
  if (need !== true || !filling.assume || fits(filled, schema, filling.root)) return filled;
  // What is not required by name may be by number, or because of something else that is there.
  return fillProperties(schema, [...required, ...propertiesOf(schema).map(([name]) => name)], inside);
}

function fillProperties(
  schema: Schema,
  wanted: readonly string[],
  filling: Filling,
): Readonly<Record<string, unknown>> | undefined {
  const described = new Map<string, unknown>(propertiesOf(schema));
  const required = requiredOf(schema);
  const filled: [name: string, value: unknown][] = [];
  for (const name of new Set([...described.keys(), ...required])) {
    const inner = resolve(described.get(name) ?? schema.additionalProperties, filling.root);
    const value = fillValue(name, inner, wanted.includes(name), filling);
    if (value !== undefined) filled.push([name, value]);
    else if (required.includes(name)) return undefined;
  }
  // An assignment to `__proto__` would make no property.
  return Object.fromEntries(filled);
}
