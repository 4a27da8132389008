import { refuseMessageRequest } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { prepareAgent } from "../src/prepare-agent.js";
import { closed, type Fields, text } from "./some-schemas.js";
import { refusalOf, wordsOf } from "./strict-helpers.js";

const parse = (answer: unknown) => answer;
const ask = (jsonSchema: Fields) => wordsOf(() => prepareAgent({ output: { jsonSchema, parse } }));
const formOf = (output: z.ZodType | Fields) =>
  prepareAgent({ output: output instanceof z.ZodType ? output : { jsonSchema: output, parse } }).output
    ?.format;
const object = (properties: Fields, more: Fields = {}): Fields => ({ type: "object", properties, ...more });
// A literal with such a property would look like a promise.
const then: Fields = JSON.parse('{"then":{"properties":{"b":{"type":"string"}},"required":["b"]}}');
const needsB = { properties: { b: text }, required: ["b"] };

describe("a form that no answer could fit, for its objects are closed, is refused at the start:", () => {
  it.each<[what: string, jsonSchema: Fields, words: RegExp]>([
    [
      "a part with a property of its own",
      object({ a: text }, { allOf: [needsB] }),
      /the answer is an inters/,
    ],
    ["a part that requires one", object({ a: text }, { allOf: [{ required: ["b"] }] }), /is an intersection/],
    [
      "a part with one further down",
      object({ l: { type: "array", items: object({ a: text }), allOf: [{ items: needsB }] } }),
      /"l" is an intersection/,
    ],
    ["a part with a size", object({ a: text }, { allOf: [{ minProperties: 2 }] }), /is an intersection/],
    ["a condition", object({ a: text }, { if: { required: ["a"] }, ...then }), /has a condition.*anyOf/],
    ["its contrary", object({ a: text }, { if: { required: ["a"] }, else: needsB }), /has a condition/],
    ["a dependence", object({ a: text }, { dependentSchemas: { a: needsB } }), /has a condition/],
    ["a dependence on a name", object({ a: text }, { dependentRequired: { a: ["b"] } }), /has a condition/],
    [
      "an item with more than the others have",
      { type: "array", items: object({ a: text }), contains: needsB },
      /asks for some items among others/,
    ],
    [
      "more properties than it names",
      object({ a: text }, { minProperties: 2 }),
      /asks for more properties.*Name/,
    ],
    [
      "two unions at once",
      { anyOf: [object({ a: text })], oneOf: [object({ b: text })] },
      /is a union of which exactly one/,
    ],
    [
      "properties beside options",
      object({ kind: text }, { anyOf: [object({ a: text }), object({ b: text })], required: ["kind"] }),
      /the answer is an object beside others.*into each option/,
    ],
    [
      "the same, of which exactly one may fit",
      object({ kind: text }, { oneOf: [object({ a: text }), { type: "null" }] }),
      /is an object beside others/,
    ],
    [
      "the same, by a reference",
      object({ kind: text }, { anyOf: [{ $ref: "#/$defs/A" }], $defs: { A: object({ a: text }) } }),
      /is an object beside others/,
    ],
    [
      "the same, further in",
      object({ kind: text }, { anyOf: [{ anyOf: [text, { type: ["null", "object"], properties: {} }] }] }),
      /is an object beside others/,
    ],
    [
      "options of two kinds, both in parts",
      { allOf: [{ anyOf: [object({ a: text })] }, { anyOf: [object({ b: text })] }] },
      /is an intersection/,
    ],
    [
      "properties beside a reference",
      object({ p: { $ref: "#/$defs/A", ...needsB } }, { $defs: { A: object({ a: text }) } }),
      /"p" is an intersection/,
    ],
  ])("%s", (_what, jsonSchema, words) => {
    expect(ask(jsonSchema)).toMatch(words);
  });

  it.each<[what: string, schema: Fields, words: RegExp]>([
    [
      "beside options",
      closed({ k: text }, { anyOf: [closed({ a: text }), { type: "null" }] }),
      /a is an object be/,
    ],
    ["beside a reference", { $ref: "#/$defs/A", ...closed({ b: text }) }, /a is an object beside others/],
    ["beside both", { $ref: "#/$defs/A", anyOf: [closed({ b: text })] }, /a is an object beside others/],
    [
      "with a size that it can't have",
      closed({ b: text }, { minProperties: 2 }),
      /a asks for more properties/,
    ],
    ["within parts", { allOf: [{ anyOf: [closed({ a: text })] }, { enum: ["a"] }] }, /a is an intersection/],
  ])("of a strict tool: properties %s", (_what, property, words) => {
    expect(refusalOf(closed({ a: property }, { $defs: { A: closed({ a: text }) } }))).toMatch(words);
  });

  it.each<[what: string, property: Fields, asked: Fields]>([
    [
      "a part that only bounds",
      { ...text, allOf: [{ minLength: 2 }] },
      { description: '{allOf: [{"minLength":2}]}' },
    ],
    [
      "a dependence among its own names",
      object({ b: text, c: text }, { dependentRequired: { b: ["c"] } }),
      { description: '{dependentRequired: {"b":["c"]}}' },
    ],
    [
      "a size that it can have",
      object({ b: text, c: text }, { minProperties: 1 }),
      { description: "{minProperties: 1}" },
    ],
    [
      "an item that is a certain text",
      { type: "array", items: text, contains: { const: "a" } },
      { description: '{contains: {"const":"a"}}' },
    ],
    [
      "options of no object",
      { ...object({ b: text }), anyOf: [{ type: "null" }] },
      { anyOf: [{ type: "null" }] },
    ],
    ["half a condition, which says nothing", { ...text, ...then, else: needsB }, { type: "string" }],
  ])("but not %s", (_what, property, asked) => {
    const { schema } = formOf(object({ a: property })) ?? {};
    expect(schema).toMatchObject({ properties: { a: asked } });
    expect(schema).not.toHaveProperty("properties.a.then");
  });
});

const place: Fields = object({ city: text }, { description: "A place", required: ["city"] });
const asked: Fields = { ...place, additionalProperties: false };
const $defs = { place };

/** Why the simulated API would refuse an answer of this form. */
function refusalOfApi(format: unknown): string | undefined {
  const messages = [{ role: "user", content: "Go." }];
  const request = { model: "claude-opus-5-5", max_tokens: 100, messages, output_config: { format } };
  return refuseMessageRequest(request, { version: "2023-06-01", betas: [] });
}

describe("a reference in the form of an answer", () => {
  it("that has words of its own is written out with them, and what it leads to is kept for the others", () => {
    const Place = z.object({ city: z.string() }).meta({ id: "place", description: "A place" });
    const format = formOf(
      z.object({ home: Place, work: Place.describe("Where they work"), all: z.array(Place) }),
    );
    expect(format?.schema).toMatchObject({
      properties: {
        home: { $ref: "#/$defs/place" },
        work: { ...asked, description: "Where they work" },
        all: { type: "array", items: { $ref: "#/$defs/place" } },
      },
      $defs: { place: asked },
    });
    expect(refusalOfApi(format)).toBeUndefined();
  });

  it("that has a default leaves it to the check, so that a default of the day does not change from day to day", () => {
    const { schema } = formOf(z.object({ day: z.string().default(() => new Date().toISOString()) })) ?? {};
    expect(schema?.properties).toEqual({ day: { type: "string" } });
  });

  it("that has rules of its own is held to them afterwards, and the model is told of both", () => {
    const Name = z.string().min(2).meta({ id: "name", description: "A name" });
    const { schema } =
      formOf(z.object({ a: Name.max(5).describe("Short"), b: Name.min(3), c: Name.default("x") })) ?? {};
    const { a, b, c } = (schema?.properties ?? {}) as Record<string, Fields>;
    expect(a).toEqual({ type: "string", description: "Short\n\n{minLength: 2, maxLength: 5}" });
    expect(b?.description).toMatch(/minLength.*3/);
    expect(c).toEqual({ type: "string", description: "A name\n\n{minLength: 2}" });
    expect(schema).not.toHaveProperty("$defs.name");
  });

  it.each<[what: string, given: Fields, wanted: Fields]>([
    [
      "at the root",
      { $ref: "#/$defs/place", description: "Where", $defs },
      { ...asked, description: "Where" },
    ],
    [
      "to another reference",
      {
        ...object({ a: { $ref: "#/$defs/b", title: "A" } }),
        $defs: { ...$defs, b: { $ref: "#/$defs/place" } },
      },
      { ...closed({ a: { ...asked, title: "A" } }), required: undefined },
    ],
    [
      "with the same type as what it leads to",
      { ...object({ a: { $ref: "#/$defs/place", type: "object" } }), $defs },
      { ...closed({ a: asked }), required: undefined },
    ],
    [
      "with another rule for the same",
      { ...object({ a: { $ref: "#/$defs/n", minimum: 3 } }), $defs: { n: { type: "number", minimum: 1 } } },
      {
        ...closed({ a: { type: "number", description: '{minimum: 1, allOf: [{"minimum":3}]}' } }),
        required: undefined,
      },
    ],
  ])("is written out %s", (_what, given, wanted) => {
    expect(formOf(given)?.schema).toEqual(wanted);
  });

  it("keeps what it leads to for whoever refers to it without words, and what that refers to in turn", () => {
    const A = object({ b: { $ref: "#/$defs/B" } });
    const B = object({ c: text });
    const [a, b] = [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/B" }];
    const given = object({ a, worded: { ...a, title: "A" }, b: { ...b, title: "B" } }, { $defs: { A, B } });
    expect(formOf(given)?.schema).toMatchObject({
      properties: { a, worded: { title: "A", properties: { b } }, b: { title: "B" } },
      $defs: { A: { properties: { b } }, B: { properties: { c: text } } },
    });
  });

  it("that leads back to itself is refused, with words as without", () => {
    const again = { $ref: "#/$defs/A", description: "Again" };
    expect(ask({ $ref: "#/$defs/A", $defs: { A: object({ a: again }) } })).toMatch(/holds itself/);
    expect(ask(object({ a: { $ref: "#", description: "Again" } }))).toMatch(/holds itself/);
    expect(ask(object({ a: { $ref: "#/$defs/A", title: "A" } }, { $defs: { A: again } }))).toMatch(
      /holds itself/,
    );
    const A = { anyOf: [{ $ref: "#/$defs/A" }, text] };
    expect(ask(object({ a: text }, { anyOf: [{ $ref: "#/$defs/A" }], $defs: { A } }))).toMatch(
      /holds itself/,
    );
    expect(ask(object({ a: { $ref: "#/$defs/no", title: "A" } }))).toMatch(/refers to "#\/\$defs\/no"/);
  });

  it("is refused where writing it out would have no end: each definition holds the next one twice", () => {
    const next = (at: number) => ({ $ref: `#/$defs/d${at + 1}`, description: `The ${at}th` });
    const definitions = Array.from({ length: 100 }, (_, at) => [
      `d${at}`,
      at === 99 ? text : object({ a: next(at), b: next(at) }),
    ]);
    const words = ask({ ...object({ a: next(-1) }), $defs: Object.fromEntries(definitions) });
    expect(words).toMatch(/more than 1000 references with words of their own.*where they lead/);
  });
});
