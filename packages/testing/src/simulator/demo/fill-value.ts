import { spend } from "./effort.js";
import { factFor } from "./facts.js";
import { assumedNumber, type NumberSupply, saidNumber } from "./fill-number.js";
import { fits } from "./fits.js";
import { inventString } from "./invent.js";
import { propertiesOf, requiredOf, resolve, type Schema, typeOf, variantsOf } from "./schema.js";
import { hasWord, type Material, roleOf, type Slot, slotOf } from "./slots.js";
import { beginning, meaningfulStems, plain, stem, stems, titleCase } from "./words.js";

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
  /** How many values deep, those of lists and of alternatives included. */
  readonly nesting: number;
}

const deepest = 50;
const mostItems = 100;

/** `only`: not required, but the only thing the tool can be told. */
type Need = boolean | "only";

type Fill = (slot: Slot, need: Need, filling: Filling) => unknown;

/** A value for one parameter that is valid against its schema, or nothing. */
export function fillValue(name: string, schema: Schema, need: Need, filling: Filling): unknown {
  if (filling.nesting > deepest || !spend(filling.root)) return undefined;
  const variants = variantsOf(schema, filling.root);
  if (variants.length > 0) return fillVariant(name, schema, variants, need, filling);
  const slot = slotOf(name, schema, filling.context);
  const value = fillPlain(slot, need, filling);
  return value !== undefined && fits(value, schema, filling.root) ? value : undefined;
}

/** The variant that the question names, else the first that can be filled in. */
function fillVariant(
  name: string,
  schema: Schema,
  variants: readonly Schema[],
  need: Need,
  filling: Filling,
): unknown {
  const said = variants.filter((variant) => isNamed(variant, filling));
  for (const variant of [...said, ...variants]) {
    const value = fillValue(name, variant, need, { ...filling, nesting: filling.nesting + 1 });
    if (value !== undefined && fits(value, schema, filling.root)) return value;
  }
  return undefined;
}

function isNamed(variant: Schema, { material }: Filling): boolean {
  return propertiesOf(variant).some(([, inner]) => isSaid(inner.const, material));
}

function fillPlain(slot: Slot, need: Need, filling: Filling): unknown {
  const { schema } = slot;
  if ("const" in schema) return need ? schema.const : undefined;
  if (Array.isArray(schema.enum)) return fillChoice(slot, need, filling);
  const fill = fillers[typeOf(schema) ?? "string"];
  const value = fill?.(slot, need, filling);
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
  const accepts = (text: string): boolean => text !== "" && fits(text, slot.schema, root);
  const isFree = ["query", "message", "title", "text"].includes(role.name);
  // Free text is said once, for what must be there; for anything else it would only be said again.
  const said = need || !isFree ? pick(role.said(material, slot), accepts) : undefined;
  if (said !== undefined || !need) return said;
  const fact = factFor(slot, material.facts, (value) => typeof value === "string" && accepts(value));
  if (fact !== undefined) return fact as string;
  const fallback = "default" in slot.schema ? undefined : pick(role.assumed?.(material, slot) ?? [], accepts);
  return (
    fallback ??
    (filling.assume && need === true ? inventString(slot.schema, material.question, accepts) : undefined)
  );
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
  if (said !== undefined || !need) return said;
  const fact = factFor(slot, material.facts, (value) => typeof value === "number" && accepts(value));
  if (fact !== undefined) return fact as number;
  if ("default" in slot.schema) return undefined;
  const assumed = assumedNumber(slot, numbers, accepts);
  return assumed ?? (assume ? plainNumber(slot.schema, accepts) : undefined);
}

function plainNumber(schema: Schema, accepts: (value: unknown) => boolean): number | undefined {
  const {
    minimum = 1,
    exclusiveMinimum = 0,
    maximum = 1,
    exclusiveMaximum = 2,
    multipleOf = 1,
  } = schema as Record<string, number>;
  const bounds = [
    minimum,
    maximum,
    exclusiveMinimum + 1,
    exclusiveMaximum - 1,
    (exclusiveMinimum + exclusiveMaximum) / 2,
  ];
  const step = (value: number): number => Math.ceil(value / multipleOf) * multipleOf;
  return [1, 0, multipleOf, ...bounds, ...bounds.map(step)].find(accepts);
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

function fillChoice(slot: Slot, need: Need, { material }: Filling): unknown {
  const choices = slot.schema.enum as readonly unknown[];
  const said = choices.find((choice) => isSaid(choice, material));
  if (said !== undefined || need !== true) return said;
  const fact = factFor(slot, material.facts, (value) => choices.includes(value));
  if (fact !== undefined) return fact;
  // The first choice is the author's own; null would be no answer.
  return "default" in slot.schema ? slot.schema.default : choices.find((choice) => choice !== null);
}

const synonyms: readonly (readonly string[])[] = [
  ["celsius", "c", "metric", "°c", "centigrade"],
  ["fahrenheit", "f", "imperial", "us", "°f"],
  ["kelvin", "k"],
  ["add", "addition", "plus", "sum", "+"],
  ["subtract", "subtraction", "minus", "-"],
  ["multiply", "multiplication", "time", "*", "product"],
  ["divide", "division", "divided", "/"],
  ["high", "urgent", "important"],
  ["done", "complete", "completed", "finished", "finish", "closed", "close"],
  ["open", "pending", "unfinished"],
].map((group) => group.map(stem));

function isSaid(choice: unknown, { question }: Material): boolean {
  if (typeof choice !== "string" && typeof choice !== "number") return false;
  const text = plain(String(choice));
  const words = stems(text);
  if (words.length > 0 && words.every((word) => question.words.has(word)))
    return words.join("").length > 1 || words[0] !== "a";
  const group = synonyms.find(
    (others) => others.includes(text) || (words.length === 1 && others.includes(words[0] ?? "")),
  );
  // A letter alone, such as the unit C, is too short to be taken from a word of the question.
  return (
    group?.some(
      (other) => question.units.includes(other) || (other.length > 2 && question.words.has(other)),
    ) ?? false
  );
}

function fillList(slot: Slot, need: Need, filling: Filling): unknown[] | undefined {
  const { schema } = slot;
  const items = resolve(schema.items, filling.root);
  const found = Array.isArray(schema.prefixItems) ? [] : listItems(slot, items, need, filling);
  const { maxItems, minItems = 0 } = schema as { maxItems?: number; minItems?: number };
  const list = [...new Set(found)].filter((item) => fits(item, items, filling.root)).slice(0, maxItems);
  if (list.length === 0 && !need) return undefined;
  const inside: Filling = { ...filling, nesting: filling.nesting + 1 };
  while (filling.assume && list.length < Math.min(minItems, mostItems)) {
    const item = fillValue(slot.name, items, true, inside);
    if (item === undefined) break;
    list.push(item);
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

function fillObject(slot: Slot, need: Need, filling: Filling): Record<string, unknown> | undefined {
  const { schema } = slot;
  const required = requiredOf(schema);
  const filled: Record<string, unknown> = {};
  // A schema that contains itself is not followed for ever.
  if (filling.depth > 4) return undefined;
  const inside: Filling = { ...filling, depth: filling.depth + 1, nesting: filling.nesting + 1 };
  for (const [name, inner] of propertiesOf(schema)) {
    const value = fillValue(
      name,
      resolve(inner, filling.root),
      need !== false && required.includes(name),
      inside,
    );
    if (value !== undefined) filled[name] = value;
    else if (required.includes(name)) return undefined;
  }
  return Object.keys(filled).length === 0 && need !== true ? undefined : filled;
}
