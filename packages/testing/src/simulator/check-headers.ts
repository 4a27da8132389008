import type { IncomingHttpHeaders } from "node:http";
import { forbidden, invalidRequest, unauthenticated } from "./api-errors.js";
import type { ErrorReply } from "./mind.js";

/** Every version the API knows: https://platform.claude.com/docs/en/api/versioning */
const knownVersions: readonly string[] = ["2023-01-01", "2023-06-01", "2026-10-21"];

type Check = (headers: IncomingHttpHeaders, apiKey: string | undefined) => ErrorReply | undefined;

/** The first thing wrong with a request's headers, in the order the API looks at them. */
export function checkHeaders(
  headers: IncomingHttpHeaders,
  apiKey: string | undefined,
): ErrorReply | undefined {
  for (const check of [refuseForeignHost, refuseKey, refuseVersion] satisfies Check[]) {
    const refusal = check(headers, apiKey);
    if (refusal) return refusal;
  }
  return undefined;
}

/** A web page that rebinds its own name to the loopback address still sends that name: it gets nothing. */
const refuseForeignHost: Check = (headers) =>
  isForeign(headers)
    ? forbidden("The simulator answers on the loopback address only, and no web page from elsewhere.")
    : undefined;

/** A page from elsewhere can send a request to this machine without reading the answer: its browser says where it is from. */
export function isForeign({ host = "", origin }: IncomingHttpHeaders): boolean {
  return !isLoopback(host) || (origin !== undefined && !isLoopback(origin.replace(/^https?:\/\//, "")));
}

/** Whether a request is from here and has a key that fits: nothing is asked of, or wrong with, any other. */
export function mayComeIn(headers: IncomingHttpHeaders, apiKey: string | undefined): boolean {
  return !isForeign(headers) && refuseKey(headers, apiKey) === undefined;
}

function isLoopback(host: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(host.replace(/:\d+$/, ""));
}

/** The key that a request came with, "" if none. */
export function keyOf(headers: IncomingHttpHeaders): string {
  const key = headers["x-api-key"];
  if (typeof key === "string" && key !== "") return key;
  return bearerToken(headers) ?? "";
}

function bearerToken({ authorization = "" }: IncomingHttpHeaders): string | undefined {
  return /^Bearer (.+)$/i.exec(authorization)?.[1];
}

/** The SDK sends its key as a bearer token since 1.0, everything older as `x-api-key`, which wins if both come. */
const refuseKey: Check = (headers, apiKey) => {
  const key = headers["x-api-key"];
  if (typeof key === "string" && key !== "") {
    return apiKey === undefined || key === apiKey ? undefined : unauthenticated("invalid x-api-key");
  }
  const token = bearerToken(headers);
  if (token === undefined) return unauthenticated("x-api-key header is required");
  return apiKey === undefined || token === apiKey ? undefined : unauthenticated("Invalid bearer token");
};

const refuseVersion: Check = (headers) => {
  const version = headers["anthropic-version"];
  if (typeof version !== "string" || version === "") {
    return invalidRequest("anthropic-version: header is required");
  }
  return knownVersions.includes(version)
    ? undefined
    : invalidRequest(`anthropic-version: "${version}" is not a valid version`);
};
