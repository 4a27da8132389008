import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Fault, scriptMind } from "../src/index.js";
import {
  ask,
  brokenStream,
  comesNothing,
  expectRecovery,
  noon,
  question,
  runAgainst,
  start,
  timedOut,
} from "./fault-driver.js";

describe("an error in place of an answer", () => {
  test.each([
    [408, "timeout_error"],
    [409, "conflict_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [503, "api_error"],
    [504, "timeout_error"],
    [529, "overloaded_error"],
  ])("%i has the API's type and form, and is got over", async (status, type) => {
    const fault: Fault = { type: "status", status };
    const simulator = await start([{ when: { request: 1 }, fault }]);
    const response = await ask(simulator);
    expect(response.status).toBe(status);
    const body = { type: "error", error: { type, message: expect.any(String) } };
    expect(await response.json()).toMatchObject({ ...body, request_id: response.headers.get("request-id") });
    expect(simulator.requests[0]).toMatchObject({ status, error: { type }, fault: String(status) });
    await expectRecovery(fault, { status, type });
  });

  test.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "billing_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [413, "request_too_large"],
    [422, "invalid_request_error"],
  ])("%i is final", async (status, type) => {
    const { error, simulator } = await runAgainst([
      { when: { every: 1 }, fault: { type: "status", status } },
    ]);
    expect(error).toMatchObject({ status, type, attempts: 1 });
    expect(simulator.requests).toHaveLength(1);
  });

  test.each<[string, Record<string, string>]>([
    ["seconds", { "retry-after": "90" }],
    ["milliseconds", { "retry-after-ms": "90000" }],
    ["a date", { "retry-after": new Date(noon + 90_000).toUTCString() }],
  ])("can ask to wait, in %s", async (_form, headers) => {
    const fault: Fault = { type: "status", status: 429, headers };
    const response = await ask(await start([{ when: { request: 1 }, fault }]));
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
    const { error } = await runAgainst([{ when: { every: 1 }, fault }]);
    expect(error).toMatchObject({ status: 429, attempts: 1, retryAfterMs: 90_000 });
  });

  test("can say whether to try again, against its status", async () => {
    const fault = (status: number, again: string): Fault => {
      return { type: "status", status, headers: { "x-should-retry": again } };
    };
    const never = await runAgainst([{ when: { every: 1 }, fault: fault(529, "false") }]);
    expect(never.error).toMatchObject({ status: 529, attempts: 1 });
    await expectRecovery(fault(400, "true"), { status: 400 });
  });

  test("can be of another type, with details", async () => {
    const error = {
      type: "rate_limit_error",
      message: "m",
      details: { error_code: "enforced_spend_limit_reached" },
    };
    const fault: Fault = { type: "status", status: 429, error };
    expect(await (await ask(await start([{ when: { request: 1 }, fault }]))).json()).toMatchObject({ error });
    expect(await runAgainst([{ when: { every: 1 }, fault }])).toMatchObject({
      error: { attempts: 1, errorCode: "enforced_spend_limit_reached" },
    });
  });

  test("can be a page of HTML", async () => {
    const fault: Fault = { type: "status", status: 502, html: "<h1>Bad Gateway</h1>" };
    const simulator = await start([{ when: { request: 1 }, fault }]);
    const response = await ask(simulator);
    expect([response.status, response.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(await response.text()).toBe("<h1>Bad Gateway</h1>");
    expect(simulator.requests[0]).toMatchObject({ status: 502, error: { type: "api_error" } });
    await expectRecovery(fault, { status: 502 });
  });
});

describe("an answer that is none", () => {
  test("can be a page of HTML with status 200", async () => {
    const response = await ask(await start([{ when: { request: 1 }, fault: { type: "html" } }]));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect(await response.text()).toMatch(/^<!doctype html>/);
    await expectRecovery({ type: "html" }, brokenStream);
  });

  test("can be empty", async () => {
    const response = await ask(await start([{ when: { request: 1 }, fault: { type: "empty" } }]));
    expect([response.status, await response.text()]).toEqual([200, ""]);
    await expectRecovery({ type: "empty" }, brokenStream);
  });

  test("can be a reset of the connection", async () => {
    const simulator = await start([{ when: { request: 1 }, fault: { type: "reset" } }]);
    await expect(ask(simulator)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(simulator.requests[0]).toMatchObject({ fault: "reset" });
    expect(simulator.requests[0]).not.toHaveProperty("status");
    await expectRecovery({ type: "reset" }, { name: "APIConnectionError", message: "Connection error." });
  });

  test("can be silence", async () => {
    const done: (string | undefined)[] = [];
    const simulator = await start([{ when: { request: 1 }, fault: { type: "stall" } }], {
      onRequest: ({ fault }) => done.push(fault),
    });
    const controller = new AbortController();
    const asking = ask(simulator, question, { signal: controller.signal });
    asking.catch(() => {});
    await comesNothing(asking, simulator);
    expect(done).not.toContain("stall");
    controller.abort();
    while (!done.includes("stall")) await setImmediate();
    expect(simulator.requests[0]).not.toHaveProperty("status");
    await expectRecovery({ type: "stall" }, { ...timedOut, message: expect.stringContaining("headersMs") });
  });

  test("asks no mind", async () => {
    for (const type of ["html", "empty", "reset"] as const) {
      const simulator = await start([{ when: { request: 1 }, fault: { type } }], { mind: scriptMind([]) });
      await ask(simulator)
        .then((response) => response.text())
        .catch(() => {});
      expect(simulator.requests[0]?.error).toBeUndefined();
    }
  });
});
