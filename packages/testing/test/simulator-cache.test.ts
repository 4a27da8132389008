import Anthropic from "@anthropic-ai/sdk";
import type { Usage } from "@anthropic-ai/sdk/resources/messages";
import { beforeAll, describe, expect, test } from "vitest";
import { cases } from "./cache-cases.js";
import {
  type Body,
  bodyOf,
  clock,
  measureSizes,
  ours,
  parts,
  type Step,
  send,
  sizes,
  start,
  textsOf,
} from "./cache-driver.js";

beforeAll(measureSizes);

describe("the prompt cache", () => {
  test.each(Object.entries(cases))("%s", async (_, steps) => {
    const simulator = await start({ models: [ours, { ...ours, id: "our-twin" }] });
    for (const step of steps) {
      clock.seconds = step.at ?? clock.seconds;
      const usage = await send(simulator, bodyOf(step), step.key);
      const { read, to1h = read, to5m = to1h } = step.expected;
      const [readTokens = 0, until1h = 0, until5m = 0] = [sizes[read], sizes[to1h], sizes[to5m]];
      expect([step, parts(usage)]).toEqual([
        step,
        { read: readTokens, written1h: until1h - readTokens, written5m: until5m - until1h },
      ]);
    }
  });

  test("takes a text alone and the same text in a list for the same", async () => {
    const simulator = await start();
    const body = bodyOf({ blocks: 1, automatic: "5m", expected: { read: 0 } });
    const text = textsOf(body)[0]?.text ?? "";
    await send(simulator, { ...body, messages: [{ role: "user", content: text }] });
    expect(parts(await send(simulator, body))).toEqual({ read: sizes[1], written1h: 0, written5m: 0 });
  });

  test("counts every token of a prompt once", async () => {
    const simulator = await start();
    const step: Step = { blocks: 5, marks: { 2: "1h", 4: "5m" }, expected: { read: 0 } };
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "sk", maxRetries: 0 });
    const { model, messages } = bodyOf(step);
    const { input_tokens } = await client.messages.countTokens({ model, messages });
    for (const blocks of [5, 5, 7]) {
      const usage = await send(simulator, bodyOf({ ...step, blocks }));
      const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage;
      const total = usage.input_tokens + (written ?? 0) + (read ?? 0);
      if (blocks === 5) expect(total).toBe(input_tokens);
      else expect(total).toBeGreaterThan(input_tokens);
      expect(usage.input_tokens).toBeGreaterThan(0);
    }
  });

  test("reports the same in the first event of a stream, and as totals in the last", async () => {
    const simulator = await start();
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "sk", maxRetries: 0 });
    const body = bodyOf({ blocks: 3, marks: { 2: "5m" }, expected: { read: 0 } });
    await client.messages.create(body);
    const seen: { first?: Usage; last?: object } = {};
    for await (const event of await client.messages.create({ ...body, stream: true })) {
      if (event.type === "message_start") seen.first = event.message.usage;
      if (event.type === "message_delta") seen.last = event.usage;
    }
    expect(seen.first?.cache_read_input_tokens).toBe(sizes[2]);
    expect(seen.last).toMatchObject({
      input_tokens: seen.first?.input_tokens,
      cache_read_input_tokens: sizes[2],
      cache_creation_input_tokens: 0,
    });
  });
});

describe("the minimum length", () => {
  const text = (tokens: number) => "a".repeat(Math.floor(tokens * 3.5) - 60);
  const marked = (tokens: number) => ({
    type: "text" as const,
    text: text(tokens),
    cache_control: { type: "ephemeral" as const },
  });

  test.each([
    ["claude-haiku-5-5", 512],
    ["claude-sonnet-4-6", 1_024],
    ["claude-opus-4-7", 2_048],
    ["claude-haiku-4-5", 4_096],
  ])("of %s is %i tokens: below it nothing is cached, and nothing is said", async (model, minimum) => {
    const simulator = await start();
    const ask = (tokens: number) =>
      send(simulator, {
        model,
        max_tokens: 10,
        system: [marked(tokens)],
        messages: [{ role: "user", content: "Hi" }],
      });
    const short = await ask(minimum - 20);
    expect(parts(short)).toEqual({ read: 0, written1h: 0, written5m: 0 });
    expect(parts(await ask(minimum - 20))).toEqual({ read: 0, written1h: 0, written5m: 0 });
    const { written5m } = parts(await ask(minimum + 20));
    expect(written5m).toBeGreaterThanOrEqual(minimum);
    expect(parts(await ask(minimum + 20)).read).toBe(written5m);
  });

  test("is reached by a prefix that is just as long", async () => {
    const step: Step = { blocks: 2, marks: { 2: "5m" }, expected: { read: 0 } };
    for (const [minimumCacheTokens, written5m] of [
      [sizes[2] ?? 0, sizes[2]],
      [(sizes[2] ?? 0) + 1, 0],
    ] as const) {
      const simulator = await start({ models: [{ ...ours, minimumCacheTokens }] });
      expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ written5m });
    }
  });

  test("is that of the whole prefix: a short block after a long one is cached", async () => {
    const simulator = await start();
    const body: Body = {
      model: "claude-haiku-5-5",
      max_tokens: 10,
      system: [marked(300)],
      messages: [{ role: "user", content: [marked(300)] }],
    };
    const { written5m } = parts(await send(simulator, body));
    expect(written5m).toBeGreaterThan(512);
    expect(parts(await send(simulator, body)).read).toBe(written5m);
  });
});
