import { canonical, type McpDefinition } from "./definition.js";
import { quotedName } from "./names.js";

/** A tool of a server that is not what it was when its definition was pinned. */
export interface ToolChange {
  readonly server: string;
  /** As the server calls it. */
  readonly tool: string;
  readonly kind: "added" | "changed" | "removed";
  /** Which parts of a changed definition changed, e.g. `description`, `inputSchema`. */
  readonly parts: readonly (keyof McpDefinition)[];
  /** What changed, for a person to judge. It quotes the server. */
  readonly words: string;
  readonly before?: McpDefinition;
  readonly after?: McpDefinition;
}

export function changeOf(
  server: string,
  before: McpDefinition | undefined,
  after: McpDefinition | undefined,
): ToolChange | undefined {
  if (before === undefined) {
    if (after === undefined) return undefined;
    const words = `${quotedName(after.name)} of ${server} is new. It says of itself: ${quote(after.description)}.`;
    return { server, tool: after.name, kind: "added", parts: [], words, after };
  }
  const tool = before.name;
  const about = `${quotedName(tool)} of ${server}`;
  if (after === undefined)
    return { server, tool, kind: "removed", parts: [], words: `${about} is gone.`, before };
  const parts = definitionParts.filter(
    (part) => canonical(before[part] ?? null) !== canonical(after[part] ?? null),
  );
  if (parts.length === 0) return undefined;
  const words = `${about} is not what it was: ${differences(before, after).join("; ")}.`;
  return { server, tool, kind: "changed", parts, words, before, after };
}

const definitionParts = [
  "name",
  "title",
  "description",
  "inputSchema",
  "outputSchema",
  "annotations",
] as const;

function differences(before: McpDefinition, after: McpDefinition): readonly string[] {
  return [
    ...differenceIn("title", before.title, after.title),
    ...differenceIn("description", before.description, after.description),
    ...schemaDifferences("input", before.inputSchema, after.inputSchema),
    ...schemaDifferences("output", before.outputSchema, after.outputSchema),
    ...keysOf(before.annotations, after.annotations).flatMap((hint) =>
      differenceIn(hint, before.annotations?.[hint], after.annotations?.[hint]),
    ),
  ];
}

function differenceIn(field: string, before: unknown, after: unknown): readonly string[] {
  return canonical(before ?? null) === canonical(after ?? null)
    ? []
    : [`its ${field} was ${quote(before)} and is ${quote(after)}`];
}

type Schema = Readonly<Record<string, unknown>> | undefined;

function schemaDifferences(which: string, before: Schema, after: Schema): readonly string[] {
  if (canonical(before ?? null) === canonical(after ?? null)) return [];
  const [was, is] = [propertiesOf(before), propertiesOf(after)];
  const named = (label: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${label} ${names.map((name) => quote(name)).join(", ")}`];
  const all = keysOf(was, is);
  const parts = [
    ...named(
      "has gained",
      all.filter((name) => !Object.hasOwn(was, name)),
    ),
    ...named(
      "has lost",
      all.filter((name) => !Object.hasOwn(is, name)),
    ),
    ...named(
      "has changed",
      all.filter(
        (name) =>
          Object.hasOwn(was, name) && Object.hasOwn(is, name) && canonical(was[name]) !== canonical(is[name]),
      ),
    ),
  ];
  return [`its ${which} schema ${parts.length === 0 ? "has changed" : parts.join(" and ")}`];
}

function propertiesOf(schema: Schema): Readonly<Record<string, unknown>> {
  const { properties } = schema ?? {};
  return typeof properties === "object" && properties !== null ? { ...properties } : {};
}

function keysOf(...objects: readonly Schema[]): readonly string[] {
  return [...new Set(objects.flatMap((it) => Object.keys(it ?? {})))].sort();
}

/** Long enough for a poisoned sentence to show, and cut in the middle: both ends of a long text matter. */
function quote(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : canonical(value ?? null);
  return text.length <= 1_000 ? text : `${text.slice(0, 500)} … ${text.slice(-500)}`;
}
