import { type Agent, AgentError, run } from "@lockstitch/core";
import { refuseMessageRequest, scripted } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { prepareAgent } from "../src/prepare-agent.js";
import { agent } from "./output-helpers.js";
import { type Fields, schemas } from "./some-schemas.js";

const node: z.ZodType = z.object({
  get inner() {
    return z.array(node);
  },
});

const parse = () => 1;
const bare = (jsonSchema: unknown) => ({ jsonSchema, parse });
const plain = (more: object) => bare({ type: "object", properties: { a: { type: "string" } }, ...more });
const holdsItself: Record<string, unknown> = { type: "array" };
holdsItself.items = holdsItself;
const deep = Array.from({ length: 300 }).reduce<object>((items) => ({ type: "array", items }), {
  type: "null",
});

/** Why the simulated API would refuse an answer of this form. */
function refusalOfApi(format: unknown): string | undefined {
  const messages = [{ role: "user", content: "Go." }];
  const request = { model: "claude-opus-5-5", max_tokens: 100, messages, output_config: { format } };
  return refuseMessageRequest(request, { version: "2023-06-01", betas: [] });
}

describe("an output that can't be asked for", () => {
  it.each<[string, unknown, RegExp]>([
    ["is no schema", { parse: () => 1 }, /not a schema.*outputSchema/],
    ["is a function of nothing", () => 1, /not a schema/],
    ["has no JSON form", z.object({ when: z.date() }), /no JSON form/],
    ["has a record", z.object({ rain: z.record(z.string(), z.number()) }), /"rain" takes any property name/],
    ["has a tuple", z.object({ at: z.object({ point: z.tuple([z.number()]) }) }), /"at.point" is a tuple/],
    ["may be anything", z.object({ more: z.unknown() }), /"more" may be anything/],
    ["holds itself", node, /holds itself/],
    ["holds itself further down", z.object({ tree: node }), /holds itself/],
    [
      "is an intersection",
      { jsonSchema: { allOf: [{ type: "object" }, { type: "object" }] }, parse: () => 1 },
      /the answer is an intersection/,
    ],
    ["excludes everything", z.object({ more: z.never() }), /"more" takes nothing/],
    ["has a loose object", z.object({ more: z.looseObject({}) }), /"more" takes any property name/],
    [
      "requires what it has not",
      plain({ required: ["b"] }),
      /the answer requires "b", .* none of its properties/,
    ],
    ["has a property of any kind", plain({ properties: { a: true } }), /"a" may be anything/],
    ["has a property of no kind", plain({ properties: { a: false } }), /"a" takes nothing/],
    ["has a choice of nothing", plain({ properties: { a: { enum: [] } } }), /"a" takes nothing/],
    [
      "has objects to choose from",
      plain({ properties: { a: { enum: [{}] } } }),
      /"a" is a choice of values that/,
    ],
    [
      "has one object to choose",
      plain({ properties: { a: { const: {} } } }),
      /"a" is a choice of values that/,
    ],
    [
      "has a choice of another type",
      plain({ properties: { a: { type: "string", enum: ["low", null] } } }),
      /"a" has the choice null, which is not of its type "string"\. Leave out `type`/,
    ],
    [
      "has a choice that is of none of its types",
      plain({ properties: { a: { type: ["string", "null"], enum: ["low", 1] } } }),
      /"a" has a choice of values beside a list of types/,
    ],
    ["has a list of anything", plain({ properties: { a: { type: "array" } } }), /"a" may hold anything/],
    [
      "refers to nothing",
      plain({ properties: { a: { $ref: "#/$defs/b" } } }),
      /"a" refers to "#\/\$defs\/b", which/,
    ],
    [
      "refers elsewhere",
      plain({ properties: { a: { $ref: "b.json#/c" } } }),
      /"a" refers to "b.json#\/c", which/,
    ],
    ["refers to itself alone", { jsonSchema: { $ref: "#" }, parse: () => 1 }, /the answer holds itself/],
    ["has a type that is none", bare({ type: "text" }), /the answer has type: "text", .*null, number/],
    ["has a union of nothing", bare({ anyOf: [] }), /the answer has anyOf: \[\], .*at least one schema/],
    ["has an inner union of nothing", plain({ properties: { a: { oneOf: [] } } }), /"a" has oneOf: \[\]/],
    [
      "has a property without a schema",
      plain({ properties: { a: "string" } }),
      /"a" is "string", and no JSON/,
    ],
    ["has an odd required", plain({ required: true }), /the answer has required: true, .*list of names/],
    [
      "has a tuple of older drafts",
      bare({ type: "array", items: [{}] }),
      /the answer has items: .*prefixItems/,
    ],
    ["has an odd pattern", bare({ type: "string", pattern: 1 }), /the answer has pattern: 1/],
    ["is anything", bare(true), /the answer may be anything/],
    ["is nothing", bare(false), /the answer takes nothing/],
    ["is no schema at all", bare("object"), /the answer is "object", and no JSON Schema/],
    ["is missing", bare(undefined), /the answer is null, and no JSON Schema/],
    ["holds itself as an object", bare(holdsItself), /no JSON form: .*circular/is],
    ["holds what is no JSON", bare({ type: "string", default: 1n }), /no JSON form: .*BigInt/],
    ["is nested too deep", bare(deep), /nested more than 200 levels deep/],
    [
      "has more optional properties than the API takes",
      z.object(
        Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`p${index}`, z.string().optional()])),
      ),
      /^The parts of the output format have 25 optional properties .*Make properties required\.$/,
    ],
  ])("because it %s is refused at the start, with the way out", async (_what, output, words) => {
    const running = run({ output } as Agent, "Weather?", { claude: scripted([]) });
    await expect(running).rejects.toThrow(words);
    await expect(running).rejects.toBeInstanceOf(AgentError);
  });

  it.each<[string, object, object]>([
    [
      "a definition of an older draft",
      {
        properties: { a: { $ref: "#/definitions/A" } },
        definitions: { A: { type: "string", maxLength: 3 } },
      },
      {
        properties: { a: { $ref: "#/definitions/A" } },
        definitions: { A: { type: "string", description: "{maxLength: 3}" } },
      },
    ],
    [
      "a part of a definition, with the slash as a percent sign's escape",
      {
        properties: { a: { $ref: "#/$defs%2Fb/properties%2Fc", title: "A" } },
        $defs: { b: { type: "object", properties: { c: { const: 1 } } } },
      },
      {
        properties: { a: { const: 1, title: "A" } },
      },
    ],
    [
      "a definition under an odd name, written out beside words of its own",
      {
        properties: { a: { $ref: "#/$defs/b~1c%20d", title: "A" }, b: { $ref: "#/$defs/b~1c d" } },
        $defs: { "b/c d": { const: 1 }, "e/f g": { const: 2 } },
      },
      {
        properties: { a: { const: 1, title: "A" }, b: { $ref: "#/$defs/b~1c d" } },
        $defs: { "b/c d": { const: 1 }, "e/f g": { const: 2 } },
      },
    ],
    [
      "a definition that nobody uses and that refers to the whole",
      { properties: {}, $defs: { A: { type: "array", items: { $ref: "#" } } } },
      { properties: {}, $defs: { A: { type: "array", items: { $ref: "#" } } } },
    ],
    [
      "options that exclude each other",
      { properties: { a: { oneOf: [{ const: 1 }, { type: "object", properties: {} }] } } },
      {
        properties: {
          a: { anyOf: [{ const: 1 }, { type: "object", properties: {}, additionalProperties: false }] },
        },
      },
    ],
    [
      "properties beside options",
      { properties: { a: { anyOf: [{ type: "null" }], properties: { b: { type: "null" } } } } },
      {
        properties: {
          a: { anyOf: [{ type: "null" }], properties: { b: { type: "null" } }, additionalProperties: false },
        },
      },
    ],
    [
      "lists of one at least, and of more",
      {
        properties: {
          a: { type: "array", items: { type: "null" }, minItems: 1 },
          b: { type: "array", items: { type: "null" }, minItems: 2 },
        },
      },
      {
        properties: {
          a: { type: "array", items: { type: "null" }, minItems: 1 },
          b: { type: "array", items: { type: "null" }, description: "{minItems: 2}" },
        },
      },
    ],
    [
      "two patterns for one text",
      { properties: { a: { type: "string", allOf: [{ pattern: "^a" }, { pattern: "z$" }] } } },
      { properties: { a: { type: "string", description: '{allOf: [{"pattern":"^a"},{"pattern":"z$"}]}' } } },
    ],
    [
      "a lookahead beside a format",
      { properties: { a: { type: "string", format: "hostname", pattern: "^(?=a)" } } },
      { properties: { a: { type: "string", format: "hostname" } } },
    ],
    [
      "a lookahead alone, which goes into words",
      { properties: { a: { type: "string", pattern: "(?=a)" } } },
      { properties: { a: { type: "string", description: '{pattern: "(?=a)"}' } } },
    ],
    [
      "choices beside a list of types, which they say by themselves",
      {
        properties: {
          a: { type: ["string", "null"], enum: ["low", null] },
          b: { type: ["string", "null"], enum: ["film"] },
          c: { type: ["null", "integer"], const: 3 },
        },
      },
      { properties: { a: { enum: ["low", null] }, b: { enum: ["film"] }, c: { const: 3 } } },
    ],
    [
      "an object that may be null",
      { properties: { a: { type: ["object", "null"], properties: { b: { type: "null" } } } } },
      {
        properties: {
          a: { type: ["object", "null"], properties: { b: { type: "null" } }, additionalProperties: false },
        },
      },
    ],
  ])("is none because of %s", async (_what, given, asked) => {
    const jsonSchema = { type: "object", ...given };
    const { output } = prepareAgent({ output: { jsonSchema, parse } });
    expect(output?.format.schema).toEqual({ type: "object", ...asked, additionalProperties: false });
  });

  it.each<[string, Fields]>([
    ["a list", { type: "array", items: { type: "string" } }],
    ["a text", { type: "string" }],
    ["a union", { anyOf: [{ type: "string" }, { type: "null" }] }],
    ["a choice", { enum: ["a", 1, null] }],
    ["a reference", { $ref: "#/$defs/A", $defs: { A: { type: "string" } } }],
  ])("is none because it is %s and no object: the API takes it", async (_what, jsonSchema) => {
    const { output } = prepareAgent({ output: { jsonSchema, parse } });
    expect(output?.format.schema).toEqual(jsonSchema);
    expect(refusalOfApi(output?.format)).toBeUndefined();
  });

  it("because a hundred definitions hold the next one twice is looked through in no time", () => {
    const next = (at: number) => ({ $ref: `#/$defs/d${at + 1}` });
    const definitions = Array.from({ length: 100 }, (_, at) => [
      `d${at}`,
      {
        type: "object",
        properties: at === 99 ? {} : { a: next(at), b: next(at) },
        required: at === 99 ? [] : ["a", "b"],
      },
    ]);
    const jsonSchema = { $ref: "#/$defs/d0", $defs: Object.fromEntries(definitions) };
    expect(() => prepareAgent({ output: { jsonSchema, parse } })).not.toThrow();
  });

  it("or is asked for in a form that the API takes, whatever it is", () => {
    let taken = 0;
    fc.assert(
      fc.property(schemas, (jsonSchema) => {
        try {
          const { output } = prepareAgent({ output: { jsonSchema, parse } });
          taken++;
          expect(refusalOfApi(output?.format)).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(AgentError);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  it("because the request has a format of its own is refused", async () => {
    const request = {
      output_config: { format: { type: "json_schema", schema: { type: "object" } } },
    } as const;
    await expect(run({ ...agent, request }, "Hi", { claude: scripted([]) })).rejects.toThrow(
      /format is made from/,
    );
  });
});
