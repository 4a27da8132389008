import Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError, type Claude, MissingKeyError, run } from "@lockstitch/core";
import { record, replay, scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { ask, said, still, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const file = () => folder.path("a.jsonl");

describe("errors in a replay", () => {
  const api = (status: number, type: string, more: object = {}, headers: Record<string, string> = {}) =>
    Anthropic.APIError.generate(
      status,
      { type: "error", error: { type, message: "No.", ...more } },
      undefined,
      new Headers({ "request-id": "req_7", ...headers }),
    );

  it.each<[string, Error]>([
    ["a bad request", api(400, "invalid_request_error")],
    ["a rate limit", api(429, "rate_limit_error", {}, { "retry-after": "3", "x-should-retry": "true" })],
    ["an overloaded service", api(529, "overloaded_error")],
    ["a status without a class of its own", api(418, "api_error")],
    ["a server's error", api(502, "api_error")],
    [
      "an error with a code of its own",
      new Anthropic.EnforcedSpendLimitReachedError(
        429,
        {
          type: "error",
          error: {
            type: "rate_limit_error",
            message: "No.",
            details: { error_code: "enforced_spend_limit_reached" },
          },
        },
        undefined,
        new Headers({ "request-id": "req_7" }),
      ),
    ],
    [
      "an error in mid-stream",
      new Anthropic.APIError(
        undefined,
        { error: { type: "overloaded_error", message: "Busy" } },
        "Busy",
        new Headers(),
      ),
    ],
    ["a failed connection", new Anthropic.APIConnectionError({ message: "Connection reset." })],
    ["a connection that took too long", new Anthropic.APIConnectionTimeoutError({ message: "Too long." })],
    ["a broken stream", new BrokenStreamError("Cut off.", { requestID: "req_9" })],
    ["a missing key", new MissingKeyError()],
    ["any error", new RangeError("Out of range.")],
  ])("are of the same class and say the same: %s", async (_what, error) => {
    await ask(record(scripted([error]), file()), said("Hi"));
    const { error: again } = await ask(replay(file()), said("Hi"));
    const fields = (it: unknown) => {
      const { name, message, status, type, errorCode, requestID, reason, headers } = it as Record<
        string,
        unknown
      > & { headers?: Headers };
      return {
        name,
        message,
        status,
        type,
        errorCode,
        requestID: requestID ?? undefined,
        reason,
        retryAfter: headers?.get("retry-after") ?? undefined,
      };
    };
    expect(fields(again)).toEqual(fields(error));
    if (!(error instanceof RangeError)) expect(again).toBeInstanceOf(error.constructor);
  });

  it("are tried again as they were, so that a run that recovered recovers", async () => {
    const failing = [
      api(529, "overloaded_error"),
      new BrokenStreamError("Cut."),
      new Anthropic.APIConnectionError({}),
      "Hello.",
    ];
    const first = await run({}, "Hi", { claude: record(scripted(failing), file()), environment: still() });
    const replayed = replay(file());
    const again = await run({}, "Hi", { claude: replayed, environment: still() });
    expect(again).toEqual({ ...first, session: again.session });
    replayed.assertUsedUp();
  });

  it("come with what was emitted before them", async () => {
    const broken: Claude = async (_request, call) => {
      call.emit({ type: "ping" });
      throw new BrokenStreamError("Cut.");
    };
    await ask(record(broken, file()), said("Hi"));
    expect(await ask(replay(file()), said("Hi"))).toMatchObject({
      events: [{ type: "ping" }],
      error: { message: "Cut." },
    });
  });

  it("are aborts where it was aborted, and say that the reply is not known where it is not aborted this time", async () => {
    const controller = new AbortController();
    const slow: Claude = async (_request, call) => {
      call.emit({ type: "ping" });
      controller.abort(new DOMException("Enough.", "AbortError"));
      throw call.signal.reason;
    };
    await ask(record(slow, file()), said("Hi"), controller.signal);
    expect((await ask(replay(file()), said("Hi"))).error).toMatchObject({ reason: "no_reply" });
    const again = new AbortController();
    const replayed = replay(file());
    const events: unknown[] = [];
    const calling = replayed(
      { model: "claude-sonnet-5-5", max_tokens: 100, ...said("Hi") },
      {
        signal: again.signal,
        emit: (event) => {
          events.push(event);
          setImmediate(() => again.abort(new DOMException("Enough again.", "AbortError")));
        },
      },
    );
    await expect(calling).rejects.toThrow("Enough again.");
    expect(events).toEqual([{ type: "ping" }]);
  });

  it("never quote a secret of what came instead", async () => {
    await ask(record(scripted(["1"]), file()), said("key: none"));
    const secret = `sk-ant-api03-${"x".repeat(90)}`;
    const { error } = await ask(replay(file()), said(`${"y".repeat(100)} key: ${secret}`));
    expect((error as Error).message).toContain("[redacted]");
    expect((error as Error).message).not.toContain("xxxxx");
    const replayed = replay(file());
    await ask(replayed, said("key: none"));
    expect(((await ask(replayed, said(`key: ${secret}`))).error as Error).message).not.toContain("xxxxx");
  });
});
