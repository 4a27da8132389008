// The simulator, with LangChain as its client: it brings an older SDK of its own, which speaks the version before the last.
// Needs a build: npm test, then npm --prefix tooling/clients run check
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import { start, statuses } from "./simulator.mjs";

const question = new HumanMessage("What is the weather in Oslo?");
const getWeather = tool(async () => "4 °C, light rain", {
  name: "get_weather",
  description: "Get the current weather for a location.",
  schema: z.object({ location: z.string() }),
});

const modelOf = ({ url }, options = {}) =>
  new ChatAnthropic({
    ...{ model: "claude-haiku-4-5", maxTokens: 1_000, maxRetries: 0 },
    ...{ anthropicApiUrl: url, apiKey: "any", ...options },
  });

test("invoke calls a tool and answers from its result", async (context) => {
  const simulator = await start(context);
  const model = modelOf(simulator).bindTools([getWeather]);
  const first = await model.invoke([question]);
  assert.deepEqual(
    first.tool_calls.map(({ name, args }) => ({ name, args })),
    [{ name: "get_weather", args: { location: "Oslo" } }],
  );
  const results = await Promise.all(
    first.tool_calls.map(async (call) => {
      const content = await getWeather.invoke(call.args);
      return new ToolMessage({ content, tool_call_id: call.id });
    }),
  );
  const second = await model.invoke([question, first, ...results]);
  assert.match(second.text, /4 °C/);
  assert.deepEqual(statuses(simulator), [200, 200]);
  assert.equal(simulator.requests[0].headers["anthropic-version"], "2023-06-01");
});

test("stream gives pieces that make up the same message", async (context) => {
  const simulator = await start(context);
  const pieces = [];
  for await (const piece of await modelOf(simulator).stream([question])) pieces.push(piece);
  assert.ok(pieces.length > 2);
  const whole = await modelOf(simulator).invoke([question]);
  assert.equal(pieces.map(({ text }) => text).join(""), whole.text);
  assert.equal(
    pieces.reduce((sum, piece) => sum.concat(piece)).usage_metadata.input_tokens,
    whole.usage_metadata.input_tokens,
  );
});

test("withStructuredOutput gets an object that fits the schema", async (context) => {
  const simulator = await start(context);
  const schema = z.object({ city: z.string(), celsius: z.number() });
  const model = modelOf(simulator).withStructuredOutput(schema, { method: "functionCalling" });
  const { celsius } = await model.invoke([question]);
  assert.equal(typeof celsius, "number");
  assert.deepEqual(statuses(simulator), [200]);
});

test("a wrong key is an error of the kind that LangChain makes of it", async (context) => {
  const simulator = await start(context, { apiKey: "the-key" });
  await assert.rejects(modelOf(simulator).invoke([question]), { status: 401 });
  assert.match((await modelOf(simulator, { apiKey: "the-key" }).invoke([question])).text, /./);
});
