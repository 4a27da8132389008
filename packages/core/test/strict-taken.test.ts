import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { closed, type Fields, schemas, text } from "./some-schemas.js";
import { refusalOf, refusalOfApi } from "./strict-helpers.js";

// Hundreds of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000 });

describe("a strict definition is taken", () => {
  it.each<[what: string, schema: Fields]>([
    ["without properties", closed({})],
    [
      "of all types",
      closed({ a: { type: ["string", "integer", "boolean", "null"] }, b: { type: "number" } }),
    ],
    [
      "with closed objects that may be null",
      closed({ a: closed({ b: text }, { type: ["object", "null"] }) }),
    ],
    ["with choices", closed({ a: { enum: ["b", 1, true, null] }, b: { const: "c" } })],
    [
      "with choices of one type",
      closed({
        a: { type: "string", enum: ["b", "c"] },
        b: { type: "number", enum: [1, 2.5] },
        c: { type: "integer", const: 1 },
        d: { type: "boolean", enum: [true] },
        e: { type: "null", const: null },
      }),
    ],
    [
      "with words that are no rules",
      closed({ a: { ...text, "x-order": 1, hint: "b", deprecated: true, readOnly: true, $comment: "c" } }),
    ],
    ["with formats", closed({ a: { ...text, format: "date-time" }, b: { ...text, format: "hostname" } })],
    ["with a list of one at least", closed({ a: { type: "array", items: text, minItems: 1 } })],
    ["with words", closed({ a: { ...text, title: "A", description: "b", default: "c", examples: ["d"] } })],
    ["with words that look like rules", closed({ a: { ...text, default: { minimum: 3, $ref: "#" } } })],
    [
      "with properties that are called like rules",
      closed({ a: closed({ $ref: text, minimum: text, pattern: text }) }),
    ],
    [
      "with a pattern",
      closed({ a: { ...text, pattern: "^(?:[(?=\\b]|\\\\b|\\(\\?=|\\d{2,3}|[^\\w\\s]+?|\\x41)$" } }),
    ],
    [
      "with patterns for one kind of expression only",
      closed({ a: { ...text, pattern: "a\\-b" }, b: { ...text, pattern: "[😀-😎]" } }),
    ],
    [
      "with a definition that looks recursive",
      closed({ a: { $ref: "#/$defs/b" }, b: text }, { $defs: { b: text } }),
    ],
    [
      "with a definition of an older draft",
      closed({ a: { $ref: "#/definitions/A" } }, { definitions: { A: text } }),
    ],
    [
      "with the same definition twice",
      closed({ a: { $ref: "#/$defs/x" }, b: { $ref: "#/$defs/x" } }, { $defs: { x: closed({ c: text }) } }),
    ],
    [
      "with a definition under an odd name",
      closed({ a: { $ref: "#/$defs/x~1y%20z", description: "A" } }, { $defs: { "x/y z": text } }),
    ],
    [
      "with a reference to one of a list",
      closed({ a: { anyOf: [text, { type: "null" }] }, b: { $ref: "#/properties/a/anyOf/1" } }),
    ],
    ["with a reference to a property", closed({ a: text, b: { $ref: "#/properties/a" } })],
    ["with a definition that nobody uses", closed({}, { $defs: { x: closed({ b: { $ref: "#" } }) } })],
    [
      "with what is left out",
      closed({ a: { ...text, minLength: undefined, items: undefined, $ref: undefined } }),
    ],
    ["with an intersection of what is whole", closed({ a: { allOf: [text, { ...text, format: "date" }] } })],
  ])("%s", (_what, schema) => {
    expect(refusalOf(schema)).toBeUndefined();
    expect(refusalOfApi(schema)).toBeUndefined();
  });

  it("though a hundred definitions each hold the next one twice", () => {
    const next = (at: number) => ({ $ref: `#/$defs/d${at + 1}` });
    const definitions = Array.from({ length: 100 }, (_, at) => [
      `d${at}`,
      closed(at === 99 ? {} : { a: next(at), b: next(at) }),
    ]);
    const schema = closed({ a: { $ref: "#/$defs/d0" } }, { $defs: Object.fromEntries(definitions) });
    expect(refusalOf(schema)).toBeUndefined();
  });

  it("only if the API would take it", () => {
    let taken = 0;
    fc.assert(
      fc.property(schemas, (schema) => {
        if (refusalOf(schema) !== undefined) return;
        taken++;
        expect(refusalOfApi(schema)).toBeUndefined();
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});
