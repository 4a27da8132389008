import { run, type Tool } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import { handTool } from "./helpers.js";
import { closed, type Fields, text } from "./some-schemas.js";
import { refusalOf, refusalOfApi, wordsOf } from "./strict-helpers.js";

describe("a strict definition that nobody checked, refused with the property and the way out when the agent is made:", () => {
  /** What the API is known to refuse. */
  const known: [what: string, property: unknown, words: RegExp][] = [
    ["an open object", { type: "object", properties: { b: text } }, /a takes other properties as well\. Clo/],
    ["any object", { type: "object" }, /a takes any property name\. Name its properties/],
    ["any object, or null", { type: ["object", "null"] }, /a takes any property name/],
    ["a record", { type: "object", additionalProperties: text }, /a takes any property name/],
    ["an open object that may be null", { type: ["object", "null"], properties: { b: text } }, /a takes oth/],
    ["a bound", { type: "number", minimum: 3 }, /a has a bound.*leave `strict` out/],
    ["a divisor", { type: "number", multipleOf: 3 }, /a has a divisor/],
    ["a length", { type: "string", maxLength: 3 }, /a has a length/],
    ["a bound beside a list of types", { type: ["string", "null"], minLength: 1 }, /a has a length/],
    ["two items at least", { type: "array", items: text, minItems: 2 }, /a has a length/],
    ["items that differ", { type: "array", items: text, uniqueItems: true }, /a has items that must differ/],
    ["a number of properties", closed({ b: text }, { minProperties: 1 }), /a bounds how many properties it/],
    ["the same, at most", closed({ b: text }, { maxProperties: 1 }), /a bounds how many properties it has/],
    ["names by a pattern", closed({}, { patternProperties: { x: text } }), /a takes any property name/],
    ["one of several objects", { enum: ["b", { c: 1 }] }, /a is a choice of values that are objects/],
    ["one of several lists", { enum: [[1]] }, /a is a choice of values/],
    [
      "a choice beside a list of types",
      { type: ["string", "null"], enum: ["b", null] },
      /a has a choice of values beside a list of types\. Leave out `type`: the values say it/,
    ],
    [
      "texts beside a list of types",
      { type: ["string", "null"], enum: ["b"] },
      /a has a choice .* a list of/,
    ],
    ["a list of one type", { type: ["string"], enum: ["b"] }, /a has a choice of values beside a list/],
    [
      "a choice of another type",
      { type: "string", enum: ["b", null] },
      /a has the choice null, which is not of its type "string"\. Leave out `type`, or the value/,
    ],
    [
      "a number that is not whole",
      { type: "integer", enum: [1, 1.5] },
      /a has the choice 1\.5, which is not/,
    ],
    ["a value of another type", { type: "string", const: 1 }, /a has the choice 1, which is not of its type/],
    ["a value beside types", { type: ["string", "null"], const: "b" }, /a has a choice of values beside a/],
    ["a union that excludes", { oneOf: [text, { type: "null" }] }, /a is a union of which .*anyOf/],
    ["a lookahead", { ...text, pattern: "^(?=a)b" }, /a has a pattern with a lookahead or lookbehind/],
    ["a lookbehind", { ...text, pattern: "(?<!a)b" }, /a has a pattern with a lookahead or lookbehind/],
    ["a backreference", { ...text, pattern: "(a)\\1" }, /a has a pattern with a backreference/],
    ["a named backreference", { ...text, pattern: "(?:a)\\k<n>" }, /a has a pattern with a backreference/],
    ["a word's edge", { ...text, pattern: "\\bx" }, /a has a pattern with a word boundary/],
    [
      "a reference to nothing",
      { $ref: "#/$defs/no" },
      /a refers to "#\/\$defs\/no".* no place in the schema/,
    ],
    ["a reference elsewhere", { $ref: "https://a.example/b.json" }, /a refers to .* no place in the schema/],
    ["a bound beside a reference", { $ref: "#/$defs/text", maxLength: 3 }, /a has a length/],
    ["the schema itself", { $ref: "#" }, /a holds itself\. Write out as many levels/],
    ["a type that is none", { type: "text" }, /a has type: "text", which is not legal.*null, number/],
    ["no choice of types", { type: [] }, /a has type: \[\], which is not legal/],
    ["a union of nothing", { anyOf: [] }, /a has anyOf: \[\], which is not legal.*at least one schema/],
    [
      "an item list of older drafts",
      { type: "array", items: [text] },
      /a has items: .* not legal.*prefixItems/,
    ],
    [
      "properties in a list",
      { ...closed({}), properties: [text] },
      /a has properties: \[.*a schema for each name/,
    ],
    [
      "a dependence that is none",
      closed({ b: text }, { dependentRequired: { b: "c" } }),
      /a has dependentRequired/,
    ],
    ["a bound of older drafts", { type: "number", exclusiveMinimum: true }, /a has exclusiveMinimum: true/],
    [
      "a requirement of older drafts",
      { ...text, required: true },
      /a has required: true, which is not legal/,
    ],
  ];

  it.each(known)("%s", (_what, property, words) => {
    const schema = closed({ a: property }, { $defs: { text } });
    expect(refusalOf(schema)).toMatch(words);
    expect(refusalOf(schema)).toMatch(/\bprobe\b/);
    expect(refusalOfApi(schema)).toBeDefined();
  });

  /** What the API's documentation does not say that it takes. */
  it.each<[what: string, property: unknown, words: RegExp]>([
    ["a tuple", { type: "array", prefixItems: [text] }, /a is a tuple/],
    ["anything", {}, /a may be anything\. Give it a type/],
    ["anything, by a word", true, /a may be anything/],
    ["nothing, by a word", false, /a takes nothing/],
    ["nothing", { not: {} }, /a takes nothing/],
    ["no choice", { enum: [] }, /a takes nothing/],
    ["an exclusion", { ...text, not: { const: "b" } }, /a excludes something/],
    ["an object alone", { const: { b: 1 } }, /a is a choice of values that are objects/],
    ["a format that is not known", { ...text, format: "emoji" }, /a has the format "emoji"/],
    ["a class of characters", { ...text, pattern: "^\\p{L}+$" }, /a has a pattern with a Unicode class/],
    ["a class of others", { ...text, pattern: "[\\P{L}]" }, /a has a pattern with a Unicode class/],
    [
      "a group with a name",
      { ...text, pattern: "(?<n>a)" },
      /a has a pattern with a group with a name or fla/,
    ],
    [
      "a group with flags",
      { ...text, pattern: "(?i:a)" },
      /a has a pattern with a group with a name or flags/,
    ],
    ["a pattern that is none", { ...text, pattern: "(a" }, /a has a pattern that is no regular expression/],
    ["a list of anything", { type: "array" }, /a may hold anything\. Say what its items are, with items/],
    ["a list of anything, or null", { type: ["array", "null"] }, /a may hold anything/],
    ["what follows from nothing", { ...text, else: { const: "b" } }, /a has a condition/],
    ["the same, the other way", JSON.parse('{"type":"string","then":{"const":"b"}}'), /a has a condition/],
    ["a dependence of older drafts", closed({ b: text }, { dependencies: { b: [] } }), /a has a condition/],
    [
      "the rest of a list of older drafts",
      { type: "array", items: text, additionalItems: false },
      /a speaks of what is left over/,
    ],
    ["a reference of older drafts", { $recursiveRef: "#" }, /a refers to what is known only later/],
    ["a condition", { ...text, if: { const: "b" } }, /a has a condition/],
    ["a dependence", closed({ b: text }, { dependentRequired: { b: [] } }), /a has a condition/],
    ["a required item", { type: "array", contains: text }, /a asks for some items/],
    ["an intersection with a reference", { allOf: [{ $ref: "#/$defs/text" }] }, /a is an intersection/],
    [
      "an intersection of objects",
      { allOf: [closed({ b: text }), closed({ c: text })] },
      /a is an intersection/,
    ],
    [
      "two patterns",
      { ...text, allOf: [{ pattern: "a" }, { pattern: "b" }] },
      /a has several patterns at once/,
    ],
    ["a rule of its own", { ...text, allOf: [{ title: "b" }] }, /a is an intersection/],
    [
      "a property that isn't there",
      closed({ b: text }, { required: ["b", "c"] }),
      /a requires "c", which is none of its properties/,
    ],
  ])("%s", (_what, property, words) => {
    expect(refusalOf(closed({ a: property }, { $defs: { text } }))).toMatch(words);
  });

  it.each<[what: string, schema: unknown, words: RegExp]>([
    ["a list", { type: "array", items: text }, /The input of probe must be an object at its root/],
    ["a union", { type: "object", anyOf: [closed({})] }, /must be an object at its root/],
    ["none", undefined, /The input of probe must be an object at its root/],
    ["a name that is no parameter's", closed({ "a b": text }), /"a b", a name that the API refuses/],
    ["an open object", { type: "object", properties: {} }, /probe can't be strict: the input takes any/],
  ])("%s at its root", (_what, schema, words) => {
    expect(refusalOf(schema)).toMatch(words);
  });

  it.each<[what: string, schema: Fields, where: string]>([
    ["a list", closed({ a: { type: "array", items: { anyOf: [text, {}] } } }), "a\\[\\]"],
    [
      "a list in a list",
      closed({ a: { type: "array", items: { type: "array", items: {} } } }),
      "a\\[\\]\\[\\]",
    ],
    ["an object", closed({ a: closed({ b: {} }) }), "a\\.b"],
    ["a definition", closed({ a: { $ref: "#/$defs/x" } }, { $defs: { x: closed({ b: {} }) } }), "a\\.b"],
    ["a definition of an older draft", closed({}, { definitions: { x: closed({ b: {} }) } }), "x\\.b"],
    ["a definition within one", closed({ a: { ...text, $defs: { y: closed({ b: {} }) } } }), "y\\.b"],
  ])("where it stands in %s", (_what, schema, where) => {
    expect(refusalOf(schema)).toMatch(new RegExp(`strict: ${where} may be anything`));
  });

  it("for the first of its faults", () => {
    expect(refusalOf(closed({ a: { type: "one" }, b: { type: "two" } }))).toContain('a has type: "one"');
    expect(refusalOf(closed({ a: { minimum: 1 }, b: {} }))).toContain("a has a bound");
  });

  it("that is no JSON", () => {
    expect(refusalOf(closed({ a: { type: "number", enum: 1n } }))).toMatch(/holds something that is no JSON/);
    expect(refusalOf(closed({ a: undefined }))).toMatch(
      /a is undefined, and no JSON Schema|a may be anything/,
    );
  });

  it("that is nested without end", () => {
    const deep = Array.from({ length: 300 }).reduce<Fields>((inner) => closed({ a: inner }), text);
    expect(refusalOf(deep)).toMatch(/nested/);
    const chain = Array.from({ length: 5_000 }, (_, at) => [
      `d${at}`,
      closed({ next: at === 4_999 ? text : { $ref: `#/$defs/d${at + 1}` } }),
    ]);
    expect(refusalOf(closed({ a: { $ref: "#/$defs/d0" } }, { $defs: Object.fromEntries(chain) }))).toMatch(
      /nested/,
    );
  });

  it("whoever made it, before anything is sent", async () => {
    const inputSchema = { type: "object" as const, properties: { days: { type: "integer", minimum: 1 } } };
    const byHand: Tool = handTool("by_hand", () => "", { inputSchema, definition: { strict: true } });
    const claude = scripted([]);
    await expect(run({ tools: [byHand] }, "Go.", { claude })).rejects.toThrow(
      /by_hand can't be strict: days has a bound|by_hand can't be strict: the input takes other properties/,
    );
    expect(claude.requests).toEqual([]);
    expect(() => prepareAgent({ tools: [{ ...byHand, definition: {} }] })).not.toThrow();
  });

  it("the same as the form of an answer, given to the API by hand", () => {
    const ask = (schema: Fields) =>
      wordsOf(() =>
        prepareAgent({ request: { output_config: { format: { type: "json_schema", schema } } } }),
      );
    expect(ask(closed({ a: { ...text, minLength: 2 } }))).toMatch(
      /request\.output_config\.format\.schema.*"a" has a length.*`output`/,
    );
    expect(ask({ type: "text" })).toMatch(/has type: "text", which is not legal/);
    expect(ask({ type: "array", items: text })).toBeUndefined();
  });
});
