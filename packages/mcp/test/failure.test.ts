import {
  InsufficientScopeError,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";
import { failureOf, wordsOf } from "../src/failure.js";
import { standIn } from "../src/stand-in.js";

const status = (code: number) =>
  new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, "Error POSTing to endpoint: no", { status: code });
const ours = (failure: "lost" | "unclear") => {
  const { code, message, data } = standIn(1, failure, "no answer").error;
  return ProtocolError.fromError(code, message, data);
};
const forged = new ProtocolError(-32_000, "no answer", structuredClone(ours("lost").data));
const fetchFailed = (code: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("no way"), { code }) });

describe("failureOf", () => {
  it.each<[string, string, unknown]>([
    ["answered", "the server's own error", new ProtocolError(-32_602, "no such tool")],
    ["answered", "a refusal", status(403)],
    ["answered", "a limit of rates", status(429)],
    ["answered", "a status that a server without sessions gives", status(404)],
    ["answered", "a scope that is missing", new InsufficientScopeError({ requiredScope: "write" })],
    ["answered", "a login that is missing", new UnauthorizedError()],
    ["answered", "an error that says of itself that it is one of ours", forged],
    ["unclear", "an answer that is none, told by us", ours("unclear")],
    ["lost", "an answer that won't come, told by us", ours("lost")],
    ["unclear", "a proxy that lost the server", status(502)],
    ["unclear", "a page", new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, "text/html")],
    ["unclear", "an answer that is none", new SdkError(SdkErrorCode.InvalidResult, "no result")],
    ["lost", "an end of the connection", new SdkError(SdkErrorCode.ConnectionClosed, "closed")],
    ["lost", "no answer in time", new SdkError(SdkErrorCode.RequestTimeout, "timed out")],
    ["lost", "a reset", fetchFailed("ECONNRESET")],
    ["lost", "anything else", new Error("?")],
    ["lost", "what is no error", undefined],
    ["not_sent", "no connection", new SdkError(SdkErrorCode.NotConnected, "not connected")],
    ["not_sent", "nobody who listens", fetchFailed("ECONNREFUSED")],
    ["not_sent", "a name that there is not", fetchFailed("ENOTFOUND")],
  ])("takes as %s: %s", async (failure, _what, error) => {
    expect(await failureOf(error)).toBe(failure);
  });
});

describe("wordsOf", () => {
  const server = { name: "x", url: "https://x.example/?key=long%20secret" };

  it("tells the status and the cause, no secret, and not more than anybody reads", () => {
    expect(wordsOf(server, status(502))).toBe("HTTP 502: Error POSTing to endpoint: no");
    expect(wordsOf(server, fetchFailed("ECONNRESET"))).toBe("fetch failed: no way");
    expect(wordsOf(server, new Error("long secret, long%20secret"))).toBe("[secret], [secret]");
    expect(wordsOf(server, new Error("x".repeat(5_000)))).toHaveLength(500);
    expect(wordsOf(server, "just words")).toBe("just words");
  });
});
