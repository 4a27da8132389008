import fc from "fast-check";

export type Fields = Record<string, unknown>;

export const text: Fields = { type: "string" };

/** An object that is as the API wants it. */
export function closed(properties: Fields, more: Fields = {}): Fields {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...more,
  };
}

const word = fc.constantFrom("a", "b", "minimum", "$ref");
const rules = fc.record(
  {
    type: fc.constantFrom<unknown>("object", "string", "array", ["object", "null"], ["string"], "text", []),
    additionalProperties: fc.constantFrom<unknown>(false, true, {}),
    required: fc.array(word, { maxLength: 2 }),
    enum: fc.constantFrom<unknown>([1], [], [{}], "a"),
    pattern: fc.constantFrom("a", "(?!a)", "\\b", "[\\b]", "(?:a)\\1", "\\\\1"),
    format: fc.constantFrom("date", "emoji"),
    minItems: fc.constantFrom(0, 1, 2, -1),
    minProperties: fc.constant(1),
    minLength: fc.constant(1),
    maximum: fc.constantFrom<unknown>(1, "1"),
    description: fc.constant("A"),
    $ref: fc.constantFrom("#", "#/$defs/a", "#/$defs/b", "#/properties/a", "a", "#a"),
  },
  { requiredKeys: [] },
);
const { schema } = fc.letrec<{ schema: Fields | boolean; parts: Fields; kept: Fields; whole: Fields }>(
  (tie) => ({
    schema: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      { weight: 1, arbitrary: fc.constant<Fields | boolean>(text) },
      { weight: 1, arbitrary: fc.boolean() },
      { weight: 6, arbitrary: tie("whole") },
      { weight: 2, arbitrary: tie("kept") },
    ),
    parts: fc.record(
      {
        properties: fc.dictionary(word, tie("schema"), { maxKeys: 2 }),
        items: tie("schema"),
        anyOf: fc.array(tie("schema"), { maxLength: 2 }),
        oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
        allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
        not: tie("schema"),
        $defs: fc.dictionary(word, tie("schema"), { maxKeys: 2 }),
      },
      { requiredKeys: [] },
    ),
    kept: fc.tuple(rules, tie("parts")).map(([own, parts]) => ({ ...own, ...parts })),
    // Most schemas by chance alone are illegal for more than one reason: these are for none.
    whole: fc.oneof(
      fc.dictionary(word, tie("schema"), { maxKeys: 2 }).map((properties) => closed(properties)),
      fc.dictionary(word, tie("schema"), { maxKeys: 2 }).map(($defs) => ({ ...text, $defs })),
      tie("schema").map((items) => ({ type: "array", items })),
      fc.constantFrom("#", "#/$defs/a", "#/$defs/b", "#/properties/a/properties/a").map(($ref) => ({ $ref })),
    ),
  }),
);

/** Closed objects with whatever schemas in them, legal and not: about a tenth of them are without a fault. */
export const schemas: fc.Arbitrary<Fields> = fc
  .tuple(fc.dictionary(word, schema, { maxKeys: 3 }), fc.dictionary(word, schema, { maxKeys: 3 }))
  .map(([properties, $defs]) => closed({ a: closed(properties) }, { $defs }));
