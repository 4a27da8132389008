import { existsSync, readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import { claude, createGovernor, run } from "@lockstitch/core";
import { afterEach, describe, expect, test } from "vitest";
import {
  createSimulator,
  type Reply,
  type SimulatedRateLimits,
  type SimulatedRateTier,
  type Simulator,
  type SimulatorOptions,
  scriptMind,
} from "../src/index.js";

const open: Simulator[] = [];
const noon = Date.parse("2026-11-22T12:00:00Z");

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** A simulator whose clock stands until it is moved, and whose replies cost what `usage` says. */
async function start(
  rateLimits: SimulatedRateTier | SimulatedRateLimits | undefined,
  more: SimulatorOptions = {},
) {
  const clock = { now: noon };
  const usage = { input_tokens: 10, output_tokens: 5 } as Record<string, number>;
  const simulator = await createSimulator({
    ...(rateLimits ? { rateLimits } : {}),
    now: () => clock.now,
    mind: () => ({ content: [{ type: "text", text: "Yes." }], usage }),
    ...more,
  });
  open.push(simulator);
  return { simulator, clock, usage };
}

const question = { model: "claude-haiku-5-5", max_tokens: 100, messages: [{ role: "user", content: "Hi" }] };

function ask(
  simulator: Simulator,
  body: unknown = question,
  headers: Record<string, string> = {},
  path = "/v1/messages",
) {
  return fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: { "x-api-key": "key", "anthropic-version": "2026-10-21", ...headers },
    body: JSON.stringify(body),
  });
}

function rates(response: Response): Record<string, string> {
  const found = [...response.headers].filter(([name]) => name.startsWith("anthropic-ratelimit-"));
  return Object.fromEntries(found.map(([name, value]) => [name.slice("anthropic-ratelimit-".length), value]));
}

const small: SimulatedRateLimits = { requests: 2, inputTokens: 6_000, outputTokens: 3_000 };

describe("an answer's headers", () => {
  test("say for each kind what the limit is, what is left and when it is full again", async () => {
    const { simulator, usage } = await start({ requests: 60, inputTokens: 60_000, outputTokens: 12_000 });
    usage.input_tokens = 1_400;
    usage.output_tokens = 600;
    const response = await ask(simulator);
    expect(response.status).toBe(200);
    expect(rates(response)).toEqual({
      "requests-limit": "60",
      "requests-remaining": "59",
      "requests-reset": "2026-11-22T12:00:01Z",
      "tokens-limit": "72000",
      "tokens-remaining": "70000",
      "tokens-reset": "2026-11-22T12:00:03Z",
      "input-tokens-limit": "60000",
      "input-tokens-remaining": "59000",
      "input-tokens-reset": "2026-11-22T12:00:02Z",
      "output-tokens-limit": "12000",
      "output-tokens-remaining": "11000",
      "output-tokens-reset": "2026-11-22T12:00:03Z",
    });
  });

  test("go out before a stream's tokens, which count for the next", async () => {
    const { simulator, usage } = await start(small);
    usage.output_tokens = 2_000;
    const first = await ask(simulator, { ...question, stream: true });
    expect(await first.text()).toContain("message_stop");
    expect(rates(first)).toMatchObject({ "output-tokens-remaining": "3000" });
    expect(rates(await ask(simulator))).toMatchObject({ "output-tokens-remaining": "0" });
  });

  test("are not there without limits, on a refusal, or on a count of tokens", async () => {
    expect(rates(await ask((await start(undefined)).simulator))).toEqual({});
    const { simulator } = await start(small);
    const refused = await ask(simulator, { ...question, max_tokens: -1 });
    expect([refused.status, rates(refused)]).toEqual([400, {}]);
    const counted = await ask(
      simulator,
      { ...question, max_tokens: undefined },
      {},
      "/v1/messages/count_tokens",
    );
    expect([counted.status, rates(counted)]).toEqual([200, {}]);
  });

  const recordings = new URL("../../../../shared/recordings/http-exchanges.jsonl", import.meta.url);
  test.skipIf(!existsSync(recordings))("are those of recorded answers, in names and form", async () => {
    const recorded = readFileSync(recordings, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { headers: Record<string, string> })
      .filter(({ headers }) => "anthropic-ratelimit-input-tokens-limit" in headers)
      .filter(({ headers }) => "anthropic-ratelimit-requests-limit" in headers);
    expect(recorded.length).toBeGreaterThan(100);
    const simulated = rates(await ask((await start("scale")).simulator));
    for (const { headers } of recorded) {
      const names = Object.keys(headers).filter((name) => name.startsWith("anthropic-ratelimit-"));
      expect(names.map((name) => name.slice("anthropic-ratelimit-".length)).sort()).toEqual(
        Object.keys(simulated).sort(),
      );
      for (const name of names) {
        const value = simulated[name.slice("anthropic-ratelimit-".length)];
        expect([name, shape(value)]).toEqual([name, shape(headers[name])]);
      }
      const [input, output, both] = ["input-tokens", "output-tokens", "tokens"].map((kind) =>
        Number(headers[`anthropic-ratelimit-${kind}-limit`]),
      );
      expect(both).toBe((input ?? 0) + (output ?? 0));
    }
  });
});

function shape(value = ""): string {
  return value.replace(/\d+(?=[-T:Z])|\d+$/g, (digits) =>
    value.endsWith("Z") ? "0".repeat(digits.length) : "n",
  );
}

describe("a key", () => {
  test("that has spent its requests gets 429 until one has flowed back, and is told when", async () => {
    const { simulator, clock } = await start(small);
    expect([(await ask(simulator)).status, (await ask(simulator)).status]).toEqual([200, 200]);
    const refused = await ask(simulator);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      type: "error",
      error: { type: "rate_limit_error", message: expect.stringContaining("2 requests per minute") },
    });
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(rates(refused)).toMatchObject({
      "requests-remaining": "0",
      "requests-reset": "2026-11-22T12:01:00Z",
    });
    clock.now += 29_999;
    expect((await ask(simulator)).status).toBe(429);
    clock.now += 1;
    expect((await ask(simulator)).status).toBe(200);
    expect((await ask(simulator)).status).toBe(429);
  });

  test("does not share its limits with another, and has the same by either header", async () => {
    const { simulator } = await start({ ...small, requests: 1 });
    expect((await ask(simulator)).status).toBe(200);
    expect((await ask(simulator, question, { "x-api-key": "other" })).status).toBe(200);
    expect((await ask(simulator, question, { "x-api-key": "", authorization: "Bearer key" })).status).toBe(
      429,
    );
  });

  test.each([
    ["input", { input_tokens: 6_500, output_tokens: 1 }, "6,000 input tokens", "6"],
    ["output", { input_tokens: 1, output_tokens: 3_500 }, "3,000 output tokens", "11"],
    ["cache writes", { cache_creation_input_tokens: 6_600, output_tokens: 1 }, "6,000 input tokens", "7"],
  ])("that has overdrawn its %s waits until it is made good", async (_what, cost, words, seconds) => {
    const { simulator, clock, usage } = await start({ ...small, requests: 100 });
    Object.assign(usage, cost);
    expect((await ask(simulator)).status).toBe(200);
    const refused = await ask(simulator);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, seconds]);
    expect(await refused.text()).toContain(words);
    clock.now += Number(seconds) * 1_000;
    expect((await ask(simulator)).status).toBe(200);
  });

  test("reads from the cache as much as it likes", async () => {
    const { simulator, usage } = await start({ ...small, requests: 100 });
    usage.cache_read_input_tokens = 1_000_000;
    for (let round = 0; round < 3; round++) {
      const response = await ask(simulator);
      expect([response.status, rates(response)["input-tokens-remaining"]]).toEqual([200, "6000"]);
    }
  });

  test("loses nothing by a clock that goes back, and gains nothing by one that runs far ahead", async () => {
    const { simulator, clock } = await start(small);
    await ask(simulator);
    clock.now -= 3_600_000;
    const later = await ask(simulator);
    expect([later.status, rates(later)["requests-remaining"]]).toEqual([200, "0"]);
    clock.now += 7_200_000;
    expect(rates(await ask(simulator))["requests-remaining"]).toBe("1");
  });

  test("of a run is waited for as the answer asks, and the run succeeds", async () => {
    const { simulator, clock } = await start({ ...small, requests: 1 });
    await ask(simulator, question, { "x-api-key": "", authorization: "Bearer key" });
    const slept: number[] = [];
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", logLevel: "off" });
    const environment = {
      now: () => clock.now,
      random: () => 0.5,
      id: () => "run_1",
      sleep: async (milliseconds: number) => {
        slept.push(milliseconds);
        clock.now += milliseconds;
      },
    };
    const governor = createGovernor({ clock: environment });
    const result = await run({}, "Hi", { claude: claude({ client, governor }), environment });
    expect(result).toMatchObject({ status: "ended", text: "Yes." });
    expect(slept).toEqual([60_000]);
  });
});

test.each<[what: string, reply: Reply]>([
  ["part of the usage", { content: "x", usage: { output_tokens: undefined } } as unknown as Reply],
  ["a number", { content: "x", usage: { input_tokens: Number.NaN } }],
  [
    "the usage of a whole message",
    {
      message: {
        ...{
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "m",
          content: [],
          stop_reason: "end_turn",
        },
        usage: { input_tokens: 5 },
      },
    } as unknown as Reply,
  ],
])("a reply without %s is refused alone, and its key goes on", async (_, reply) => {
  const { simulator } = await start("start", { mind: scriptMind([reply, "Yes."]) });
  const refused = await ask(simulator);
  expect([refused.status, await refused.text()]).toEqual([500, expect.stringMatching(/it must be a whole/)]);
  expect((await ask(simulator)).status).toBe(200);
});

describe("tiers", () => {
  test.each<[SimulatedRateTier, string, string, string]>([
    ["intro-free", "5", "20000", "4000"],
    ["intro-build", "50", "40000", "8000"],
    ["intro-scale", "1000", "400000", "80000"],
    ["start", "1000", "2000000", "400000"],
    ["build", "5000", "5000000", "1000000"],
    ["scale", "10000", "10000000", "2000000"],
  ])("%s", async (tier, requests, input, output) => {
    const { simulator } = await start(tier);
    expect(rates(await ask(simulator))).toMatchObject({
      "requests-limit": requests,
      "input-tokens-limit": input,
      "output-tokens-limit": output,
    });
  });

  test("that there are not, and limits that are none, are refused with what there is", async () => {
    await expect(createSimulator({ rateLimits: "gold" as SimulatedRateTier })).rejects.toThrow(
      /no rate tier "gold".*intro-free.*scale/,
    );
    await expect(createSimulator({ rateLimits: { ...small, inputTokens: 0 } })).rejects.toThrow(
      /rateLimits.inputTokens is 0/,
    );
  });
});
