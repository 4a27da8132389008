// The simulator, with the Anthropic provider of the AI SDK as its client: code that shares nothing with the official SDK.
// Needs a build: npm test, then npm --prefix tooling/clients run check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { start, statuses } from "./simulator.mjs";

const prompt = "What is the weather in Oslo?";
const modelOf = ({ url }) => createAnthropic({ baseURL: `${url}/v1`, apiKey: "any" })("claude-haiku-5-5");

function weather() {
  const asked = [];
  const getWeather = tool({
    description: "Get the current weather for a location.",
    inputSchema: z.object({ location: z.string() }),
    execute: async ({ location }) => {
      asked.push(location);
      return { temperature: "4 °C", sky: "light rain" };
    },
  });
  return { asked, tools: { get_weather: getWeather } };
}

test("generateText runs a tool and answers", async (context) => {
  const simulator = await start(context);
  const { asked, tools } = weather();
  const { text, steps, totalUsage } = await generateText({
    ...{ model: modelOf(simulator), tools, prompt, maxRetries: 0 },
    stopWhen: stepCountIs(5),
  });
  assert.deepEqual(statuses(simulator), [200, 200]);
  assert.deepEqual(asked, ["Oslo"]);
  assert.match(text, /4 °C/);
  assert.equal(steps.length, 2);
  assert.ok(totalUsage.inputTokens > 0 && totalUsage.outputTokens > 0);
});

test("streamText streams the same: pieces of text, a call, its result, an answer", async (context) => {
  const simulator = await start(context);
  const { asked, tools } = weather();
  const kinds = new Set();
  const result = streamText({
    ...{ model: modelOf(simulator), tools, prompt, maxRetries: 0 },
    stopWhen: stepCountIs(5),
    onError: ({ error }) => assert.fail(String(error)),
  });
  for await (const { type } of result.fullStream) kinds.add(type);
  assert.deepEqual(statuses(simulator), [200, 200]);
  assert.deepEqual(asked, ["Oslo"]);
  assert.match(await result.text, /4 °C/);
  for (const kind of ["text-delta", "tool-call", "tool-result", "finish"]) assert.ok(kinds.has(kind), kind);
});

test("generateObject gets an object that fits the schema", async (context) => {
  const simulator = await start(context);
  const schema = z.object({ city: z.string(), celsius: z.number() });
  const { object } = await generateObject({ model: modelOf(simulator), schema, prompt, maxRetries: 0 });
  assert.deepEqual(statuses(simulator), [200]);
  assert.equal(typeof object.celsius, "number");
});

test("an overload is asked again, and then heard of", async (context) => {
  const overloaded = { status: 529, error: { type: "overloaded_error", message: "Overloaded" } };
  const simulator = await start(context, {
    mind: () => ({ ...overloaded, headers: { "retry-after-ms": "1" } }),
  });
  const asking = generateText({ model: modelOf(simulator), prompt, maxRetries: 1 });
  await assert.rejects(asking, /Overloaded/);
  assert.deepEqual(statuses(simulator), ["Overloaded", "Overloaded"]);
});
