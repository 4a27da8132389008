import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import { ToolError } from "@lockstitch/core";
import { errorCode } from "../error-code.js";

/**
 * One GET, to one of these addresses and no other: the host's name is not looked up again, for it might mean another address by now.
 * TLS and the host header still go by the name. No proxy, no connection that is kept.
 * Rejects with a `ToolError`, or with the signal's reason. The body of what it gives must be read or destroyed.
 */
export async function get(
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const isSecure = url.protocol === "https:";
  const options = {
    method: "GET",
    // Agents of our own: those that all share may have been given a proxy.
    agent: isSecure ? new HttpsAgent() : new HttpAgent(),
    lookup: answering(addresses),
    signal,
    headers: {
      accept: "text/*, application/json, application/xml;q=0.9, */*;q=0.1",
      "accept-encoding": "gzip, deflate, br",
      "user-agent": "lockstitch",
    },
  };
  try {
    return await new Promise((resolve, reject) => {
      const request = isSecure ? requestHttps(url, options) : requestHttp(url, options);
      // Both listen for good: an abort can fail a request and its response, one after the other.
      request.on("error", reject);
      // One that switches to another protocol is closed by Node, and nothing else is said of it.
      request.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
      request.once("response", (response) => resolve(response.on("error", () => {})));
      request.end();
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new ToolError(`${url.host} did not answer: ${wordsOf(error)}`);
  }
}

/** A lookup that knows the answer. */
function answering(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, { all }, callback) => {
    const [first] = found;
    // Node asks from within connecting, and would miss an answer that comes before it is ready.
    process.nextTick(() => {
      if (all === true) callback(null, found);
      else if (first !== undefined) callback(null, first.address, first.family);
      else callback(new Error("no address"), []);
    });
  };
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "it refuses connections.",
  ECONNRESET: "it broke the connection off.",
  ETIMEDOUT: "it can't be reached.",
  EHOSTUNREACH: "it can't be reached.",
  ENETUNREACH: "it can't be reached.",
  CERT_HAS_EXPIRED: "its certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself.",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by itself.",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is another host's.",
};

/** The code alone: the message would name the address. */
function wordsOf(error: unknown): string {
  const code = errorCode(error) ?? "unknown";
  return words[code] ?? `the request failed (${code}).`;
}
