import { APIConnectionError, APIConnectionTimeoutError, APIUserAbortError } from "@anthropic-ai/sdk";
import {
  BrokenStreamError,
  type Claude,
  claude as claudeOver,
  type MessagesClient,
  MissingKeyError,
  run,
} from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { defaultRetry, planRetry } from "../src/claude/retry.js";
import { createRetryBudget, retryBudgetOf } from "../src/claude/retry-budget.js";
import { apiError, virtualTime } from "./helpers.js";

const now = Date.parse("2026-11-22T12:00:00Z");
const plan = (error: unknown, failed = 1, random = 0.5) =>
  planRetry(error, failed, random, now, defaultRetry);

describe("a failed attempt", () => {
  it.each<[string, unknown, number]>([
    ["a broken stream", new BrokenStreamError("cut off"), 125],
    ["a connection that failed", new APIConnectionError({ message: "reset" }), 125],
    ["a time-out", new APIConnectionTimeoutError(), 125],
    ["408", apiError(408, "timeout_error"), 125],
    ["409", apiError(409, "conflict_error"), 125],
    ["500", apiError(500, "api_error"), 125],
    ["504", apiError(504, "timeout_error"), 125],
    ["429", apiError(429, "rate_limit_error"), 500],
    ["503", apiError(503, "api_error"), 500],
    ["529", apiError(529, "overloaded_error"), 500],
    ["an overload in mid-stream", midStream("overloaded_error"), 500],
    ["a rate limit in mid-stream", midStream("rate_limit_error"), 500],
    ["the API's own fault in mid-stream", midStream("api_error"), 125],
    ["an error in mid-stream of an unknown kind", midStream("error_of_tomorrow"), 125],
    ["a status that says so", apiError(400, "invalid_request_error", { "x-should-retry": "true" }), 500],
  ])("is tried again after %s", (_what, error, ms) => {
    expect(plan(error)).toEqual({ type: "after", ms });
  });

  it.each<[string, unknown]>([
    ...[400, 401, 402, 403, 404, 413, 422].map((status): [string, unknown] => [
      String(status),
      apiError(status, "some_error"),
    ]),
    ["a request that is too large in mid-stream", midStream("request_too_large")],
    ["an invalid request in mid-stream", midStream("invalid_request_error")],
    ["an abort", new APIUserAbortError()],
    [
      "a spent monthly limit",
      apiError(429, "rate_limit_error", {}, { error_code: "enforced_spend_limit_reached" }),
    ],
    [
      "a spent monthly limit, even where it says to try again",
      apiError(
        429,
        "rate_limit_error",
        { "x-should-retry": "true" },
        { error_code: "enforced_spend_limit_reached" },
      ),
    ],
    ["a status that says not to", apiError(529, "overloaded_error", { "x-should-retry": "false" })],
    ["a missing key", new MissingKeyError()],
    ["a fault of the program's own", new TypeError("x is undefined")],
  ])("is final after %s", (_what, error) => {
    expect(plan(error)).toEqual({ type: "no" });
  });

  it("waits twice as long each time, up to 16 seconds, all of it jitter", () => {
    const most = [1, 2, 3, 4, 5, 6, 20].map((failed) =>
      plan(apiError(529, "overloaded_error"), failed, 0.999_999),
    );
    expect(most.map((it) => it.type === "after" && it.ms)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000,
    ]);
    expect(plan(apiError(529, "overloaded_error"), 4, 0)).toEqual({ type: "after", ms: 0 });
  });

  it.each<[string, Record<string, string>, unknown]>([
    ["in seconds", { "retry-after": "7" }, { type: "after", ms: 7_000 }],
    ["in part of a second", { "retry-after": "0.5" }, { type: "after", ms: 500 }],
    [
      "in milliseconds, which win",
      { "retry-after-ms": "1500", "retry-after": "7" },
      { type: "after", ms: 1_500 },
    ],
    [
      "in no milliseconds, but seconds",
      { "retry-after-ms": "0", "retry-after": "7" },
      { type: "after", ms: 7_000 },
    ],
    ["of no words", { "retry-after": "" }, { type: "after", ms: 500 }],
    ["as a date", { "retry-after": "Sun, 22 Nov 2026 12:00:09 GMT" }, { type: "after", ms: 9_000 }],
    [
      "as a date that is over",
      { "retry-after": "Sun, 22 Nov 2026 11:00:00 GMT" },
      { type: "after", ms: 500 },
    ],
    ["of no length, with jitter", { "retry-after": "0" }, { type: "after", ms: 500 }],
    ["up to the longest allowed", { "retry-after": "60" }, { type: "after", ms: 60_000 }],
    ["longer than allowed", { "retry-after": "61" }, { type: "too_long", retryAfterMs: 61_000 }],
    ["in words that mean nothing", { "retry-after": "soon" }, { type: "after", ms: 500 }],
    ["below zero", { "retry-after": "-3" }, { type: "after", ms: 500 }],
  ])("honours a retry-after %s", (_form, headers, expected) => {
    expect(plan(apiError(429, "rate_limit_error", headers))).toEqual(expected);
  });
});

describe("an error of another copy of the SDK", () => {
  class APIError extends Error {
    readonly headers = new Headers({ "retry-after": "3" });
    readonly error = {};
    readonly status: number;
    readonly type: string;
    constructor(status: number, type: string) {
      super(type);
      this.status = status;
      this.type = type;
    }
  }
  class RateLimitError extends APIError {}
  class BadRequestError extends APIError {}
  class APIUserAbortError extends APIError {}

  it("is told by the name of its class", () => {
    expect(plan(new RateLimitError(429, "rate_limit_error"))).toEqual({ type: "after", ms: 3_000 });
    expect(plan(new BadRequestError(400, "invalid_request_error"))).toEqual({ type: "no" });
    expect(plan(new APIUserAbortError(0, ""))).toEqual({ type: "no" });
  });
});

describe("a run", () => {
  it("waits as long as the server asks, by its own clock, and shows it", async () => {
    const environment = virtualTime();
    const shown: unknown[] = [];
    const claude = scripted([apiError(429, "rate_limit_error", { "retry-after": "7" }), "Done."]);
    await run({}, "Go.", {
      claude,
      environment,
      onEvent: (event) => event.type === "wait" && shown.push(event),
    });
    expect(environment.slept).toEqual([7_000]);
    expect(shown).toMatchObject([
      { type: "wait", reason: "retry", ms: 7_000, attempt: 2, error: expect.stringContaining("429") },
    ]);
  });

  it("fails at once where the wait would be too long, and its error carries the wait", async () => {
    const claude = scripted([apiError(429, "rate_limit_error", { "retry-after": "3600" })]);
    const environment = virtualTime();
    const failed = run({}, "Go.", { claude, environment, retry: { maxRetryAfterMs: 10_000 } });
    await expect(failed).rejects.toMatchObject({ status: 429, attempts: 1, retryAfterMs: 3_600_000 });
    expect(environment.slept).toEqual([]);
  });

  it("stops waiting when it is aborted", async () => {
    const claude = scripted([apiError(429, "rate_limit_error", { "retry-after": "50" })]);
    const running = run({}, "Go.", { claude, onEvent: ({ type }) => type === "wait" && running.abort() });
    expect(await running).toMatchObject({ reason: "aborted" });
  });

  it("ends at its tokens' limit between attempts too: each of them is paid for", async () => {
    const usage = { input_tokens: 10, output_tokens: 1 };
    let attempts = 0;
    const claude: Claude = async (request, call) => {
      attempts += 1;
      await scripted([{ content: "Do", usage }])(request, call);
      throw new BrokenStreamError("cut off");
    };
    // What was not received of a broken reply may have been made all the same: each attempt counts for 1,000 tokens of output.
    const limits = { maxTotalTokens: 2_300 };
    const result = await run({ limits, maxTokens: 1_000 }, "Go.", { claude, environment: virtualTime() });
    expect(result).toMatchObject({ reason: "limit", limit: "maxTotalTokens", steps: 1 });
    expect(attempts).toBe(2);
    const final: Claude = async (request, call) => {
      await scripted([{ content: "Do", usage: { input_tokens: 50, output_tokens: 1 } }])(request, call);
      throw apiError(400, "invalid_request_error");
    };
    await expect(run({ limits }, "Go.", { claude: final, environment: virtualTime() })).rejects.toMatchObject(
      { status: 400 },
    );
  });

  it("counts what broken attempts are known to have used", async () => {
    const usage = { input_tokens: 100, output_tokens: 1 };
    let attempts = 0;
    const claude: Claude = async (request, call) => {
      if (++attempts > 1) return scripted([{ content: "Done.", usage }])(request, call);
      await scripted([{ content: "Do", usage }])(request, {
        ...call,
        emit: (event) => event.type !== "message_stop" && call.emit(event),
      });
      throw new BrokenStreamError("cut off");
    };
    const result = await run({ model: "claude-haiku-4-5" }, "Go.", { claude, environment: virtualTime() });
    expect(result.usage).toMatchObject({ input_tokens: 200, output_tokens: 2 });
    expect(result.cost.usd).toBeCloseTo((200 + 2 * 5) / 1e6, 12);
  });
});

describe("an outage", () => {
  it("of ten minutes makes a thousand runs send at most a tenth more than their first calls", async () => {
    const environment = virtualTime();
    let calls = 0;
    const claude: Claude = async () => {
      calls += 1;
      throw apiError(529, "overloaded_error");
    };
    const failures = Array.from({ length: 1_000 }, async (_, index) => {
      const at = { ...environment, now: () => now + index * 600, sleep: async () => {} };
      await run({}, "Go.", { claude, environment: at }).catch(() => {});
    });
    await Promise.all(failures);
    expect(calls).toBeGreaterThan(1_000);
    expect(calls).toBeLessThanOrEqual(1_100);
  });

  it("that is over costs nothing: a call that succeeds in the end gives its retries back", async () => {
    const environment = virtualTime();
    let calls = 0;
    const claude: Claude = async (request, call) => {
      if (++calls % 3 !== 0) throw apiError(529, "overloaded_error");
      return scripted(["Done."])(request, call);
    };
    for (let turn = 0; turn < 200; turn++) {
      const fixed = { ...environment, now: () => now, sleep: async () => {} };
      expect(await run({}, "Go.", { claude, environment: fixed })).toMatchObject({ text: "Done." });
    }
  });

  it("of a moment that breaks two hundred calls at once stops none of them: those who can't retry at once wait for those who could", async () => {
    const broken = new Set<string>();
    const claude: Claude = async (request, call) => {
      const asked = String(request.messages[0]?.content);
      if (!broken.has(asked)) {
        broken.add(asked);
        throw new BrokenStreamError("reset");
      }
      return scripted(["Done."])(request, call);
    };
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    const environment = { ...virtualTime(), now: () => now, sleep: turn };
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) => run({}, `Go ${index}.`, { claude, environment })),
    );
    expect(results.every(({ text }) => text === "Done.")).toBe(true);
  });

  it("is shared by all Claude functions over one client", () => {
    const client = {
      messages: { create: () => Promise.reject(new Error("never called")) },
    } as unknown as MessagesClient;
    expect(retryBudgetOf(claudeOver({ client }))).toBe(retryBudgetOf(claudeOver({ client })));
    expect(retryBudgetOf(claudeOver())).not.toBe(retryBudgetOf(claudeOver()));
  });

  it("lets retries come back with time, and never more than there is room for", () => {
    const budget = createRetryBudget();
    const takeAll = (at: number) => {
      let taken = 0;
      while (budget.take(at)) taken += 1;
      return taken;
    };
    expect(takeAll(now)).toBe(90);
    expect(takeAll(now + 180_000)).toBe(3);
    budget.giveBack(2);
    expect(takeAll(now + 180_000)).toBe(2);
    budget.giveBack(1_000);
    expect(takeAll(now + 180_000)).toBe(90);
  });
});

function midStream(type: string) {
  const error = apiError(500, type);
  return Object.assign(error, { status: undefined });
}
