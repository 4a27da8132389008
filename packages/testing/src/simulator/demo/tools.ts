import type { MessageCreateParams, Tool } from "@anthropic-ai/sdk/resources/messages";
import {
  asSchema,
  isRecord,
  propertiesOf,
  requiredOf,
  resolve,
  type Schema,
  variantsOf,
} from "../json-schema/schema.js";
import { isCoordinate } from "./fill-number.js";
import { readableRoot } from "./root-schema.js";
import { isJourneysEnd, roleOf, type Slot, slotOf } from "./slots.js";
import { meaningfulStems, plain, stem, stems } from "./words.js";

/** A tool as the demo mind sees it. */
export interface KnownTool {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  readonly parameters: readonly Parameter[];
  /** The stems in its name, without those that every name has. */
  readonly nameStems: readonly string[];
  /** Everything it can be told, at whatever depth. */
  readonly slots: readonly DeepSlot[];
}

export interface Parameter {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly description: string;
}

interface DeepSlot {
  readonly slot: Slot;
  /** Whether it stands in a list, so that it can be told several. */
  readonly isMany: boolean;
}

/** The tools that the demo mind can call: those with a schema. Tools that the API defines are left alone. */
export function knownTools({ tools = [] }: Pick<MessageCreateParams, "tools">): KnownTool[] {
  return tools
    .filter((tool): tool is Tool => "input_schema" in tool && isRecord(tool.input_schema))
    .map(knownTool);
}

function knownTool({ name, description = "", input_schema }: Tool): KnownTool {
  const root = asSchema(input_schema);
  const schema = readableRoot(root);
  const required = requiredOf(schema);
  const parameters = propertiesOf(schema).map(([parameter, inner]): Parameter => {
    const resolved = resolve(inner, root);
    return {
      name: parameter,
      schema: resolved,
      required: required.includes(parameter),
      description: typeof resolved.description === "string" ? resolved.description : "",
    };
  });
  const context = plain(`${name} ${description}`);
  const slots = parameters.flatMap((parameter) =>
    slotsIn(parameter.name, parameter.schema, context, root, false, 0),
  );
  return { name, description, schema, parameters, nameStems: meaningfulStems(name), slots };
}

function slotsIn(
  name: string,
  schema: Schema,
  context: string,
  root: Schema,
  isMany: boolean,
  depth: number,
): DeepSlot[] {
  // A schema that contains itself is not followed for ever.
  if (depth > 4) return [];
  const variants = variantsOf(schema, root);
  if (variants.length > 0) {
    return variants.flatMap((variant) => slotsIn(name, variant, context, root, isMany, depth + 1));
  }
  const items = schema.items;
  if (isRecord(items)) return slotsIn(name, resolve(items, root), context, root, true, depth + 1);
  const properties = propertiesOf(schema);
  if (properties.length === 0) return [{ slot: slotOf(name, schema, context), isMany }];
  return properties.flatMap(([inner, innerSchema]) =>
    slotsIn(inner, resolve(innerSchema, root), context, root, isMany, depth + 1),
  );
}

/** Whether a place is something to tell this tool, by its name or as coordinates. */
export function takesPlaces({ slots }: KnownTool): boolean {
  return slots.some(
    ({ slot }) => isCoordinate(slot) || ["place", "timezone", "country"].includes(roleOf(slot).name),
  );
}

/** Whether one call takes in several places: it is told them all, or it is told one end of the journey between them. */
export function takesPlacesTogether({ slots }: KnownTool): boolean {
  const places = slots.filter(({ slot }) => roleOf(slot).name === "place");
  return places.length > 1 || places.some(({ slot, isMany }) => isMany || isJourneysEnd(slot));
}

/** Every stem that the tools use of themselves. */
export function vocabularyOf(tools: readonly KnownTool[]): Set<string> {
  return new Set(
    tools.flatMap(({ name, parameters }) => [name, ...parameters.flatMap(wordsOf)]).flatMap(stems),
  );
}

function wordsOf({ name, schema }: Parameter): string[] {
  const choices = Array.isArray(schema.enum) ? schema.enum : [];
  return [name, ...choices.filter((choice) => typeof choice === "string")];
}

const readingVerbs = new Set(
  "get list find search fetch read show lookup check query describe count".split(" ").map(stem),
);

const actionVerbs = new Set(
  `send create add delete remove update set cancel book buy order pay transfer post write complete mark schedule move
  rename upload deploy run execute reply publish invite assign close save insert submit start stop turn`
    .split(/\s+/)
    .map(stem),
);

/** The verb of a tool that changes something (`send_email`, `todo_add`); nothing for one that only reads. */
export function actionOf({ name }: KnownTool): string | undefined {
  const words = stems(name);
  if (readingVerbs.has(words[0] ?? "")) return undefined;
  return [words[0], words.at(-1)].find((word) => word !== undefined && actionVerbs.has(word));
}

/** What a tool says of itself, in plain letters. */
export function contextOf({ name, description }: KnownTool): string {
  return plain(`${name} ${description}`);
}
