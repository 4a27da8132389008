import { CfWorkerJsonSchemaValidator } from "@modelcontextprotocol/client/validators/cf-worker";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { inputSchemaOf } from "../src/input-schema.js";
import type { Schema } from "../src/json-schema.js";

// Hundreds of schemas are compiled: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000 });

const of = (inputSchema: Schema) => inputSchemaOf({ name: "a", inputSchema });
const shownOf = (inputSchema: Schema): unknown => {
  const taken = of(inputSchema);
  return "problem" in taken ? taken : taken.inputSchema;
};
const draft = (version: string) => ({ $schema: `http://json-schema.org/draft-0${version}/schema#` });

/** Schemas that their draft allows: all that it says in a way of its own, and some of what says the same in every draft. */
const oldSchema = (version: "4" | "7") => {
  const { schema } = fc.letrec<{ schema: Schema }>((tie) => {
    const inner = tie("schema");
    const exclusive = version === "4" ? fc.boolean() : fc.integer({ min: -3, max: 3 });
    const key = fc.constantFrom("a", "b", "c");
    return {
      schema: fc.oneof(
        { maxDepth: 3 },
        fc.constant({}),
        fc.record(
          {
            type: fc.constantFrom("object", "array", "number", "string", "null"),
            minimum: fc.integer({ min: -3, max: 3 }),
            maximum: fc.integer({ min: -3, max: 3 }),
            exclusiveMinimum: exclusive,
            exclusiveMaximum: exclusive,
            items: fc.oneof(inner, fc.array(inner, { maxLength: 2, minLength: version === "4" ? 1 : 0 })),
            additionalItems: fc.oneof(inner, fc.boolean()),
            properties: fc.dictionary(key, inner, { maxKeys: 3 }),
            required: fc.uniqueArray(key, { minLength: 1 }),
            additionalProperties: fc.oneof(inner, fc.boolean()),
            dependencies: fc.dictionary(key, fc.uniqueArray(key, { minLength: 1 }), { maxKeys: 2 }),
            $ref: fc.constantFrom("#/definitions/a", "#/definitions/b"),
            not: inner,
            oneOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
          },
          { requiredKeys: [] },
        ),
      ) as fc.Arbitrary<Schema>,
    };
  });
  const plain = fc.constantFrom<Schema>({ type: "string" }, { minimum: 1 }, {});
  return fc
    .record({
      properties: fc.dictionary(fc.constantFrom("a", "b", "c"), schema, { minKeys: 1 }),
      a: plain,
      b: plain,
    })
    .map(({ properties, a, b }) => ({
      ...draft(version),
      type: "object",
      properties,
      definitions: { a, b },
    }));
};

const { value: inputValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<unknown>(null, "x", 0, 1, -3, 3, 2),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
  ),
}));
const anyInput = fc.dictionary(fc.constantFrom("a", "b", "c"), inputValue, { maxKeys: 3 });

/** A judge of schemas that shares nothing with what is judged. */
function judge(version: "4" | "7" | "2020-12", schema: unknown): (value: unknown) => boolean {
  const validate = new CfWorkerJsonSchemaValidator({ draft: version }).getValidator(schema as never);
  return (value) => validate(value).valid;
}

describe.each(["4", "7"] as const)("in today's words, a schema of draft %s", (version) => {
  it("is fit by the same inputs as before", () => {
    const seen = { right: 0, wrong: 0 };
    fc.assert(
      fc.property(
        oldSchema(version),
        fc.array(anyInput, { minLength: 5, maxLength: 10 }),
        (schema, inputs) => {
          const shown = shownOf(schema);
          expect(shown).not.toHaveProperty("problem");
          const [before, now] = [judge(version, schema), judge("2020-12", shown)];
          for (const input of inputs) {
            seen[before(input) ? "right" : "wrong"] += 1;
            expect(now(input)).toBe(before(input));
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect(Math.min(seen.right, seen.wrong)).toBeGreaterThan(500);
  });
});

describe("a schema that something was left out of", () => {
  it("is fit by every input that fitted before", () => {
    const part = fc.constantFrom<Schema>(
      { required: ["a"] },
      { properties: { a: { type: "string" } }, additionalProperties: false },
      { properties: { b: { minimum: 1 } } },
      { minProperties: 2 },
    );
    const root = fc.record(
      {
        properties: fc.dictionary(fc.constantFrom("a", "b", "c"), part, { maxKeys: 2 }),
        anyOf: fc.array(part, { minLength: 1, maxLength: 2 }),
        not: part,
        required: fc.uniqueArray(fc.constantFrom("a", "b")),
        additionalProperties: fc.boolean(),
        unevaluatedProperties: fc.boolean(),
        patternProperties: fc.constant({
          a: { pattern: "^\\p{L}" },
          b: { anyOf: [{ pattern: "(?i)x" }, {}] },
        }),
      },
      { requiredKeys: ["anyOf"] },
    );
    let fitting = 0;
    fc.assert(
      fc.property(root, fc.array(anyInput, { minLength: 5, maxLength: 10 }), (schema, inputs) => {
        const taken = of(schema);
        if ("problem" in taken) return;
        expect(taken.leftOut).not.toEqual([]);
        // Neither may hear of a pattern that is none: it would make the judge fail.
        const legible = JSON.parse(JSON.stringify(schema).replaceAll('"(?i)x"', '"^x"')) as Schema;
        const [before, now] = [judge("2020-12", legible), judge("2020-12", taken.inputSchema)];
        for (const input of inputs) {
          if (!before(input)) continue;
          fitting += 1;
          expect(now(input)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(fitting).toBeGreaterThan(200);
  });
});
