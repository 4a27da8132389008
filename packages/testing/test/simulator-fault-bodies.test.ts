import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { type Fault, type FaultRule, parseFaults } from "../src/index.js";
import { ask, comesNothing, healthy, question, readAll, reply, runAgainst, start } from "./fault-driver.js";

describe("an answer that trickles", () => {
  test("arrives whole, a few bytes at a time, and is no fault to a client", async () => {
    const { bytes } = await healthy();
    const slept: number[] = [];
    const fault: Fault = { type: "trickle", bytes: 100, everyMs: 30 };
    const simulator = await start([{ when: { request: 1 }, fault }], {
      sleep: async (milliseconds) => void slept.push(milliseconds),
    });
    const all = await readAll(await ask(simulator));
    expect([all.bytes, all.whole]).toEqual([bytes, true]);
    expect(slept.length).toBeGreaterThanOrEqual(bytes.length / 100);
    expect(new Set(slept)).toEqual(new Set([30]));
    const { result, simulator: other } = await runAgainst([
      { when: { request: 1 }, fault: { type: "trickle", bytes: 64 } },
    ]);
    expect(result).toMatchObject({ text: reply });
    expect(other.requests).toHaveLength(1);
  });
});

describe("an answer that is no stream", () => {
  const half = async (): Promise<string> => {
    const { text } = await readAll(await ask(await start([]), question));
    return text.slice(0, Math.floor(text.length / 2));
  };

  test.each<[string, Fault, boolean]>([
    ["is reset", { type: "reset", after: { events: 9 } }, false],
    ["is closed", { type: "cut" }, false],
    ["ends", { type: "end", after: { events: 1 } }, true],
  ])("%s in its middle, whatever number of events is given", async (_what, fault, whole) => {
    const all = await readAll(await ask(await start([{ when: { request: 1 }, fault }]), question));
    expect(all).toMatchObject({ text: await half(), whole });
  });

  test("falls silent in its middle, without pings", async () => {
    const fault: Fault = { type: "stall", pingEveryMs: 1_000 };
    const simulator = await start([{ when: { request: 1 }, fault }]);
    const controller = new AbortController();
    const response = await ask(simulator, question, { signal: controller.signal });
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(await half());
    const more = reader?.read() ?? Promise.resolve();
    more.catch(() => {});
    await comesNothing(more, simulator);
    controller.abort();
  });

  test("is an HTTP error where a stream would have an error event", async () => {
    const simulator = await start([{ when: { every: 1 }, fault: { type: "error" } }]);
    const response = await ask(simulator, question);
    expect(response.status).toBe(529);
    expect(await response.json()).toMatchObject({ error: { type: "overloaded_error" } });
  });

  test("is broken off, or has a wrong byte", async () => {
    for (const fault of [{ type: "malformed" }, { type: "wrong-bytes", at: 0 }] satisfies Fault[]) {
      const { text, whole } = await readAll(
        await ask(await start([{ when: { request: 1 }, fault }]), question),
      );
      expect(whole).toBe(true);
      expect(() => JSON.parse(text)).toThrow(SyntaxError);
    }
  });

  test("is spared by faults that are made of events, which then have not struck", async () => {
    const rules: FaultRule[] = [
      { when: { every: 1 }, fault: { type: "duplicate" }, times: 1 },
      { when: { every: 1 }, fault: { type: "protocol", breach: "double-start" } },
    ];
    const simulator = await start(rules);
    expect(await (await ask(simulator, question)).json()).toMatchObject({ stop_reason: "end_turn" });
    await (await ask(simulator)).text();
    expect(simulator.requests.map(({ fault }) => fault)).toEqual([undefined, "duplicate"]);
  });

  test("is spared as well where a stream was asked for and refused", async () => {
    const rules: FaultRule[] = [
      { when: { request: 1 }, fault: { type: "error" } },
      { when: { request: 2 }, fault: { type: "duplicate" } },
      { when: { request: 3 }, fault: { type: "protocol", breach: "double-start" } },
    ];
    const simulator = await start(rules);
    for (const number of [0, 1, 2]) {
      const response = await ask(simulator, { ...question, stream: true, max_tokens: -1 });
      expect([response.status, await response.json()]).toMatchObject([400, { type: "error" }]);
      expect(simulator.requests[number]).not.toHaveProperty("fault");
    }
  });

  test("can be an answer to any request of the API, where a function says so", async () => {
    const simulator = await start([{ when: () => true, fault: { type: "status", status: 500 } }]);
    const headers = { "x-api-key": "key" };
    expect((await fetch(`${simulator.url}/v1/models`, { headers })).status).toBe(500);
    const count = { ...question, max_tokens: undefined };
    expect((await ask(simulator, count, { path: "/v1/messages/count_tokens" })).status).toBe(500);
  });
});

describe("a fault behind the end of an answer", () => {
  test.each(["1:end@999", "1:end@99999b", "1:flip@99999", "1:utf8@99999"])(
    "has not struck: %s",
    async (words) => {
      const simulator = await start(parseFaults(words));
      const client = new Anthropic({ baseURL: simulator.url, apiKey: "any", maxRetries: 0 });
      const stream = client.messages.stream({
        model: "claude-haiku-5-5",
        max_tokens: 99,
        messages: [{ role: "user", content: "Hi" }],
      });
      expect((await stream.finalMessage()).content).toMatchObject([{ type: "text" }]);
      expect(simulator.requests.map(({ fault }) => fault)).toEqual([undefined]);
    },
  );
});
