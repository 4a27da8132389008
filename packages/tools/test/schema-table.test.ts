import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { StandardSchema } from "@lockstitch/tools";
import { describe, expect, test } from "vitest";
import { z as z4 } from "zod";
import { zodToJsonSchema } from "zod-to-json-schema";
import { z as z3 } from "zod-v3";
import { type SchemaRow, zod3Rows, zod4Rows } from "./schema-rows.js";
import { compile, inputSchemaOf } from "./support.js";

type Json = Readonly<Record<string, unknown>>;
type Said = { readonly json: unknown } | { readonly refused: string };

interface Library {
  readonly heading: string;
  readonly rows: readonly SchemaRow[];
  /** An object whose property `value` is what the row says. */
  readonly inputOf: (construct: string) => StandardSchema;
  /** What the library itself, as it is documented, makes of that object. */
  readonly own: (input: StandardSchema) => object;
}

const make = (construct: string, z: unknown) =>
  new Function("z", `return z.object({ value: ${construct} });`)(z);

const libraries: readonly Library[] = [
  {
    heading: "Zod 4",
    rows: zod4Rows,
    inputOf: (construct) => make(construct, z4) as z4.ZodType,
    own: (input) => z4.toJSONSchema(input as z4.ZodType, { io: "input" }),
  },
  {
    heading: "Zod 3",
    rows: zod3Rows,
    inputOf: (construct) => make(construct, z3) as z3.ZodTypeAny,
    own: (input) => zodToJsonSchema(input as never, { $refStrategy: "none" }),
  },
];

/** What the model is told of the property, and whether it must be sent. */
function saidOf(derive: () => object): Said {
  try {
    const { properties, required } = derive() as { properties: Json; required?: readonly string[] };
    const isFree = required?.includes("value") !== true;
    return { json: { json: properties.value, isFree } };
  } catch (error) {
    const [what = ""] = (error as Error).message.replace(/^.*: value is /, "").split(". ");
    return { refused: what };
  }
}

const sameAs = (left: Said, right: Said) =>
  "refused" in left ? "refused" in right : isDeepStrictEqual(left, right);

describe.each(libraries)("a tool's input_schema, of $heading", ({ rows, inputOf, own }) => {
  const named = rows.map(([construct, why]) => ({ construct, why }));
  test.each(named)("$construct: as the library says, or otherwise for a reason", ({ construct, why }) => {
    const input = inputOf(construct);
    const [ours, theirs] = [saidOf(() => inputSchemaOf(input)), saidOf(() => own(input))];
    expect(sameAs(ours, theirs), JSON.stringify({ ours, theirs })).toBe(why === undefined);
    if ("json" in ours) expect(() => compile(inputSchemaOf(input))).not.toThrow();
  });
});

const page = new URL("../../../docs/schemas.md", import.meta.url);
const marks = ["<!-- made by packages/tools/test/schema-table.test.ts -->\n", "<!-- end -->\n"] as const;

test("the table in docs/schemas.md is what the code does; UPDATE_SCHEMA_TABLE=1 writes it anew", () => {
  const before = readFileSync(page, "utf8");
  const [begin, end] = marks.map((mark) => before.indexOf(mark)) as [number, number];
  expect(Math.min(begin, end)).toBeGreaterThan(0);
  const tables = libraries.map(table).join("\n");
  const now = `${before.slice(0, begin)}${marks[0]}\n${tables}\n${before.slice(end)}`;
  if (process.env.UPDATE_SCHEMA_TABLE === "1") writeFileSync(page, now);
  else expect(before, "run the tests of packages/tools with UPDATE_SCHEMA_TABLE=1").toBe(now);
  expect(libraries.reduce((sum, { rows }) => sum + rows.length, 0)).toBeGreaterThan(70);
});

function table({ heading, rows, inputOf }: Library): string {
  const cells = rows.map(([construct, why = ""]) => {
    const said = saidOf(() => inputSchemaOf(inputOf(construct)));
    return [code(construct), "refused" in said ? `refused: ${said.refused}` : words(said.json), why];
  });
  const heads = ["construct", "what the model is told", "unlike the library itself, because"];
  // Columns stand in line, as the formatter has them.
  const widths = heads.map((_, column) =>
    Math.max(...[heads, ...cells].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [`### ${heading}`, "", ...[heads, rule, ...cells].map(line), ""].join("\n");
}

function words(said: unknown): string {
  const { json, isFree } = said as { readonly json: unknown; readonly isFree: boolean };
  const text = JSON.stringify(json, (key, value) => (key === "pattern" ? short(String(value)) : value));
  return `${code(text)}${isFree ? ", may be left out" : ""}`;
}

/** Some patterns are longer than all the rest of a table. */
function short(pattern: string): string {
  return pattern.length <= 40 ? pattern : `${pattern.slice(0, 40)}…`;
}

/** A backtick or a pipe would end the cell. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}
