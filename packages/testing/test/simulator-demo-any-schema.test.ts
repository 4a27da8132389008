import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fits } from "../src/simulator/json-schema/fits.js";
import { answerTo, closed, type JsonSchema, replyTo } from "./demo-driver.js";

const reference = fc.constantFrom(
  "#",
  "#/$defs/a",
  "#/$defs/b",
  "#/$defs/tree",
  "#/%E0%A4%A",
  "#/nowhere",
  "elsewhere",
);
const leaf = fc.constantFrom<JsonSchema>(
  ...["date", "date-time", "time", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"].map(
    (format) => ({ type: "string", format }),
  ),
  ...["^[A-Z]{3}-\\d+$", "^(a|b)\\1$", "[", "^v\\d+(?:\\.\\d+){2}$", "x*y", "^(?=a)\\w{4,}$"].map(
    (pattern) => ({ type: "string", pattern }),
  ),
  { type: "integer", minimum: 3, multipleOf: 4 },
  { type: ["null", "boolean"] },
  { type: "number", exclusiveMaximum: -2.5 },
  { enum: ["x", 1, null, { a: 1 }] },
  { const: [] },
  {},
);
const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthSize: "small", withCrossShrink: true },
    leaf,
    fc
      .record({ items: tie("schema"), minItems: fc.integer({ min: 0, max: 2 }) })
      .map((rules) => ({ type: "array", ...rules })),
    fc
      .array(tie("schema"), { minLength: 1, maxLength: 2 })
      .map((prefixItems) => ({ type: "array", prefixItems, minItems: prefixItems.length })),
    fc
      .dictionary(fc.constantFrom("name", "city", "days", "url", "__proto__"), tie("schema"), { maxKeys: 3 })
      .map((properties) => closed(properties)),
    fc
      .tuple(
        fc.constantFrom("anyOf", "oneOf", "allOf"),
        fc.array(tie("schema"), { minLength: 1, maxLength: 3 }),
      )
      .map(([keyword, list]) => ({ [keyword]: list })),
    fc.tuple(fc.constantFrom("not", "if"), tie("schema")).map(([keyword, inner]) => ({ [keyword]: inner })),
    reference.map(($ref) => ({ $ref })),
  ),
}));
const tree = { type: "object", properties: { children: { type: "array", items: { $ref: "#/$defs/tree" } } } };
const rooted = fc
  .tuple(anySchema, anySchema, anySchema)
  .map(([schema, a, b]): JsonSchema => ({ ...schema, $defs: { a, b, tree } }));
const question = fc.constantFrom(
  "Hello",
  "Weather in Oslo and Lima for 3 days?",
  "",
  "a@b.co https://x.y 17",
);

describe("whatever the schema", () => {
  test("an answer in JSON fits it, or it is an error that says why there is none", () => {
    let made = 0;
    fc.assert(
      fc.property(rooted, question, (schema, words) => {
        const answer = answerTo(words, { output_config: { format: { type: "json_schema", schema } } });
        if (answer.startsWith("400: output_config.format: ")) return;
        const value: unknown = JSON.parse(answer);
        expect([value, fits(value, schema, structuredClone(schema))]).toEqual([value, true]);
        made += 1;
      }),
      { numRuns: 500 },
    );
    expect(made).toBeGreaterThan(300);
  });

  test("so does the input of a tool that must be called", () => {
    let made = 0;
    fc.assert(
      fc.property(rooted, question, ({ $defs, ...x }, words) => {
        const input_schema = { type: "object" as const, properties: { x }, required: ["x"], $defs };
        const tools = [{ name: "look", input_schema }];
        const reply = replyTo(words, { tools, tool_choice: { type: "any" } });
        if ("error" in reply) {
          expect(reply.error.message).toMatch(/^tool_choice: /);
          return;
        }
        const [call] = reply.content.flatMap((block) => (block.type === "tool_use" ? [block.input] : []));
        expect([call, fits(call, input_schema, structuredClone(input_schema))]).toEqual([call, true]);
        made += 1;
      }),
      { numRuns: 300 },
    );
    expect(made).toBeGreaterThan(150);
  });
});
