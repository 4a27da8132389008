import { AgentError, inputSchemaProblem, run, type ToolDefinition } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { expect, it } from "vitest";
import { heldProblem } from "../src/held-schemas.js";
import { formatProblem } from "../src/output-format.js";
import { prepareAgent } from "../src/prepare-agent.js";

const strict = (name: string, properties: object = {}, required: readonly string[] = []): ToolDefinition => ({
  name,
  strict: true,
  input_schema: { type: "object", properties, required: [...required], additionalProperties: false },
});

const closed = (properties: object) => ({ type: "object", properties, additionalProperties: false });
const texts = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { type: "string" }]));
const named = (count: number) => Array.from({ length: count }, (_, index) => strict(`t${index}`));

it("twenty strict tools are taken, and beside them any number that is not", () => {
  const free = { name: "free", input_schema: { type: "object" as const, properties: texts(30) } };
  expect(heldProblem([...named(20), free])).toBeUndefined();
  expect(heldProblem(named(21))).toMatch(/^21 tools are strict, and the API takes 20\. Leave `strict` out/);
});

it("optional properties count over all strict tools, at every depth, and the output format with them", () => {
  const nested = { list: { type: "array", items: closed(texts(10)) } };
  const tools = [strict("a", texts(14)), strict("b", nested, ["list"])];
  expect(heldProblem(tools)).toBeUndefined();
  expect(heldProblem([...tools, strict("c", texts(1))])).toMatch(
    /25 optional properties together, and the API takes 24; most, 14, are in a\. Make properties required/,
  );
  const format = closed(texts(20));
  expect(heldProblem(tools, format)).toMatch(/44 optional .* most, 20, are in the output format/);
  const shared = { $defs: { place: { anyOf: [closed(texts(25))] } } };
  const input_schema = { ...closed({}), ...shared, type: "object" as const };
  expect(heldProblem([{ name: "d", strict: true, input_schema }])).toMatch(/^The strict/);
});

it("a tool that the API defines brings a schema of its own", () => {
  expect(heldProblem([{ type: "memory_20250818", name: "memory", strict: true }])).toBeUndefined();
});

it("a property whose name is a keyword's is a property", () => {
  const properties = { properties: { type: "string" }, anyOf: { type: "string" } };
  expect(heldProblem([strict("a", properties, ["properties", "anyOf"])])).toBeUndefined();
});

it("unions count as well", () => {
  const nullable = Object.fromEntries(
    Object.keys(texts(17)).map((name) => [name, { type: ["string", "null"] }]),
  );
  const properties = (count: number) => Object.fromEntries(Object.entries(nullable).slice(0, count));
  const tool = (count: number) => strict("a", properties(count), Object.keys(properties(count)));
  expect(heldProblem([tool(16)])).toBeUndefined();
  expect(heldProblem([tool(17)])).toMatch(/17 unions, nullable/);
});

it("an agent whose strict tools the API would refuse is refused before anything is sent", async () => {
  const call = scripted(["never said"]);
  await expect(run({ tools: named(21) }, "Go.", { claude: call })).rejects.toThrow(AgentError);
  const format = { type: "json_schema" as const, schema: closed(texts(25)) };
  expect(() => prepareAgent({ request: { output_config: { format } } })).toThrow(
    /most, 25, are in the output format/,
  );
});

it("the form of an answer is judged where it is given: made from an output, it was", () => {
  const outputs = { output: { jsonSchema: { type: "string" }, parse: (answer: unknown) => answer } };
  const schema = { type: "string", minLength: 2 };
  expect(heldProblem([], schema)).toBeUndefined();
  expect(formatProblem({ type: "json_schema", schema })).toMatch(/format\.schema: it has a length/);
  expect(formatProblem(undefined)).toBeUndefined();
  expect(() => prepareAgent({ ...outputs, tools: named(2) })).not.toThrow();
});

it("a field that is undefined is not there: the API is not told of it", () => {
  const input_schema = {
    type: "object",
    properties: {},
    anyOf: undefined,
    oneOf: undefined,
    allOf: undefined,
  } as const;
  expect(inputSchemaProblem("probe", input_schema)).toBeUndefined();
  expect(inputSchemaProblem("probe", { ...input_schema, anyOf: [{}] })).toMatch(/It is a union/);
  expect(inputSchemaProblem("probe", { ...input_schema, allOf: [{}] })).toMatch(/It is an intersection/);
});

it("a tool that code may call isn't strict as well, and needs code execution beside it", () => {
  const code = { type: "code_execution_20260120", name: "code_execution" } as const;
  const called = {
    name: "look",
    input_schema: { type: "object" as const, properties: {} },
    allowed_callers: ["code_execution_20260120" as const],
  };
  expect(() => prepareAgent({ tools: [called, code] })).not.toThrow();
  expect(() => prepareAgent({ tools: [called] })).toThrow(
    /look may be called by code, and the agent has no code/,
  );
  expect(() =>
    prepareAgent({
      tools: [{ ...strict("look"), allowed_callers: called.allowed_callers } as ToolDefinition, code],
    }),
  ).toThrow(/look is strict and may be called by code/);
  expect(() => prepareAgent({ tools: [{ ...called, allowed_callers: ["direct"] }] })).not.toThrow();
});
