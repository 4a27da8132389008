import { describe, expect, test } from "vitest";
import {
  createSimulator,
  type Fault,
  type FaultRule,
  parseFaults,
  type Simulator,
  type SimulatorOptions,
} from "../src/index.js";
import { ask, question, start } from "./fault-driver.js";

const unmeant: readonly [RegExp, Fault][] = [
  [/status is 99;/, { type: "status", status: 99 }],
  [/retryAfterDateMs is -1/, { type: "status", status: 429, retryAfterDateMs: -1 }],
  [/bytes is 0;.*from 1 on/, { type: "trickle", bytes: 0 }],
  [/everyMs is -1/, { type: "trickle", everyMs: -1 }],
  [/pingEveryMs is 0/, { type: "stall", pingEveryMs: 0 }],
  [/after.bytes is -1;.*from 0 on/, { type: "cut", after: { bytes: -1 } }],
  [/after.events is 1.5/, { type: "reset", after: { events: 1.5 } }],
  [/after.events is NaN/, { type: "end", after: { events: Number.NaN } }],
  [/afterEvents is -1/, { type: "error", afterEvents: -1 }],
  [/afterEvents is 0.5/, { type: "malformed", afterEvents: 0.5 }],
  [/at is -3/, { type: "wrong-bytes", at: -3 }],
  [/breach is "triple-start"/, { type: "protocol", breach: "triple-start" as "double-start" }],
  [/how is "swap"/, { type: "wrong-bytes", how: "swap" as "flip" }],
  [/no fault of the type "earthquake"/, { type: "earthquake" } as unknown as Fault],
];

describe("a rule", () => {
  const status = async (simulator: Simulator, content = "Hi"): Promise<number> =>
    (await ask(simulator, { ...question, messages: [{ role: "user", content }] })).status;
  const statuses = async (rules: readonly FaultRule[], count: number, more: SimulatorOptions = {}) => {
    const simulator = await start(rules, more);
    const all: number[] = [];
    for (let number = 1; number <= count; number++) all.push(await status(simulator, `Question ${number}`));
    return all;
  };
  const busy: Fault = { type: "status", status: 503 };

  test("strikes one request, each so many, and no more often than it may", async () => {
    expect(await statuses([{ when: { request: 3 }, fault: busy }], 4)).toEqual([200, 200, 503, 200]);
    expect(await statuses([{ when: { every: 2 }, fault: busy }], 5)).toEqual([200, 503, 200, 503, 200]);
    expect(await statuses([{ when: { every: 2 }, fault: busy, times: 1 }], 4)).toEqual([200, 503, 200, 200]);
  });

  test("gives way to those before it", async () => {
    const rules: FaultRule[] = [
      { when: { request: 2 }, fault: { type: "status", status: 500 } },
      { when: { every: 1 }, fault: busy },
    ];
    expect(await statuses(rules, 3)).toEqual([503, 500, 503]);
  });

  test("strikes by a chance that the seed draws, whatever the order of the requests", async () => {
    const rules: FaultRule[] = [{ when: { probability: 0.3 }, fault: busy }];
    const first = await statuses(rules, 60, { seed: 7 });
    expect(await statuses(rules, 60, { seed: 7 })).toEqual(first);
    expect(await statuses(rules, 60, { seed: 8 })).not.toEqual(first);
    const struck = first.filter((each) => each === 503).length;
    expect(struck).toBeGreaterThan(8);
    expect(struck).toBeLessThan(30);
    const simulator = await start(rules, { seed: 7 });
    const backwards: number[] = [];
    for (let number = 60; number >= 1; number--)
      backwards.unshift(await status(simulator, `Question ${number}`));
    expect(backwards).toEqual(first);
    expect(await statuses([{ when: { probability: 0 }, fault: busy }], 5)).not.toContain(503);
    expect(await statuses([{ when: { probability: 1 }, fault: busy }], 5)).not.toContain(200);
  });

  test("draws anew when the same request is sent again", async () => {
    const simulator = await start([{ when: { probability: 0.5 }, fault: busy }]);
    const all = new Set<number>();
    for (let round = 0; round < 30; round++) all.add(await status(simulator));
    expect(all).toEqual(new Set([200, 503]));
  });

  test("can look at the request, and so strike one session alone", async () => {
    const rules: FaultRule[] = [
      { when: ({ body }) => JSON.stringify(body).includes("unlucky"), fault: busy },
      { when: (_request, number) => number === 3, fault: { type: "status", status: 500 } },
    ];
    const simulator = await start(rules);
    expect(await status(simulator, "lucky")).toBe(200);
    expect(await status(simulator, "unlucky")).toBe(503);
    expect(await status(simulator, "lucky")).toBe(500);
  });

  test.each<[RegExp, FaultRule]>([
    [/when.request is 0/, { when: { request: 0 }, fault: busy }],
    [/when.every is 1.5/, { when: { every: 1.5 }, fault: busy }],
    [/when.probability is 10/, { when: { probability: 10 }, fault: busy }],
    [/session is empty/, { when: { request: 1 }, fault: busy, session: "" }],
    [/times is 0/, { when: { request: 1 }, fault: busy, times: 0 }],
    ...unmeant.map(([words, fault]): [RegExp, FaultRule] => [words, { when: { request: 1 }, fault }]),
  ])("is refused if it can't be meant: %s", async (words, rule) => {
    const starting = createSimulator({ faults: [rule] });
    await expect(starting).rejects.toThrow(words);
    await expect(starting).rejects.toBeInstanceOf(RangeError);
  });

  test("that fails itself is an error 500 that says so, and nothing else suffers", async () => {
    const simulator = await start([
      {
        when: (_request, number) => {
          if (number === 1) throw new Error("no such session");
          return false;
        },
        fault: busy,
      },
      { when: { request: 2 }, fault: { type: "status", status: 500, headers: { "x-line": "a\nb" } } },
    ]);
    for (const words of ["no such session", "x-line"]) {
      const response = await ask(simulator);
      expect([response.status, await response.json()]).toMatchObject([
        500,
        { error: { type: "api_error", message: expect.stringContaining(words) } },
      ]);
    }
    expect(simulator.requests[0]).toMatchObject({ status: 500, error: { type: "api_error" } });
    expect(await status(simulator)).toBe(200);
  });

  test("strikes nobody who may not come in by that name", async () => {
    const simulator = await start([{ when: { every: 1 }, fault: { type: "html" } }]);
    const { request } = await import("node:http");
    const foreign = await new Promise<number | undefined>((resolve) => {
      const options = {
        port: simulator.port,
        path: "/v1/messages",
        method: "POST",
        headers: { host: "evil.example" },
      };
      request(options, (response) => resolve(response.resume().statusCode)).end("{}");
    });
    expect(foreign).toBe(403);
    expect(simulator.requests[0]?.fault).toBeUndefined();
  });
});

test.each<[what: string, key: string]>([
  ["no key", ""],
  ["a wrong key", "wrong"],
])("a request with %s neither counts nor is struck", async (_, key) => {
  const simulator = await start(
    [...parseFaults("2:overloaded"), { when: () => true, fault: { type: "html" } }],
    {
      apiKey: "key",
    },
  );
  for (let round = 0; round < 3; round++) {
    const refused = await ask(simulator, question, { headers: { "x-api-key": key } });
    expect([refused.status, await refused.json()]).toMatchObject([401, { type: "error" }]);
  }
  expect((await ask(simulator)).headers.get("content-type")).toBe("text/html");
  expect((await ask(simulator)).status).toBe(529);
  expect(simulator.requests.map(({ fault }) => fault)).toEqual([
    ...[undefined, undefined, undefined],
    "html",
    "529",
  ]);
});

describe("requests that are no messages", () => {
  test("neither count nor are struck, nor does a page from elsewhere", async () => {
    const simulator = await start(parseFaults("1:529"));
    const headers = { "x-api-key": "any", "anthropic-version": "2023-06-01" };
    const body = JSON.stringify({
      model: "claude-haiku-5-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "Hi" }],
    });
    const ask = (more = {}) =>
      fetch(`${simulator.url}/v1/messages`, { method: "POST", headers: { ...headers, ...more }, body });
    expect((await fetch(`${simulator.url}/favicon.ico`)).status).toBe(204);
    expect((await fetch(`${simulator.url}/v1/models`, { headers })).status).toBe(200);
    expect((await fetch(`${simulator.url}/nowhere`)).status).toBe(404);
    expect((await ask({ origin: "https://evil.example" })).status).toBe(403);
    expect((await ask({ origin: "null" })).status).toBe(403);
    expect((await ask({ origin: "http://localhost:3000" })).status).toBe(529);
    expect(simulator.requests.map(({ path }) => path)).not.toContain("/favicon.ico");
  });
});
