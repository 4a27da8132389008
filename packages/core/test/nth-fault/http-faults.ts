import type { ServerResponse } from "node:http";
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  BadRequestError,
  BrokenStreamError,
  InternalServerError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
} from "@lockstitch/core";
import { begin } from "../sse-server.js";
import { turns } from "./clock.js";

/** One request that is answered wrongly. */
export interface Exchange {
  readonly response: ServerResponse;
  /** The reply's events as they go over the wire, and how many of them come before the fault. */
  readonly chunks: readonly string[];
  readonly after: number;
  /** Waits until the client has read what was sent. */
  readonly read: () => Promise<void>;
  /** Lets time pass for the client. */
  readonly pass: (milliseconds: number) => void;
}

/** A way in which the nth event of a reply may go wrong. */
export interface EventFault {
  strike(exchange: Exchange): unknown;
  /** Nobody notices: by default once the whole reply is there. `"either"`: whether the reply or the fault is read first is chance. */
  readonly harmless?: (after: number, count: number) => boolean | "either";
}

/** A way in which the whole reply is something else. */
export interface StartFault {
  strike(exchange: Exchange): unknown;
  /** What the error is, should it not pass. */
  readonly errorClass: new (
    ...parts: never[]
  ) => Error;
  readonly error?: object;
  /** It is final: no second attempt is made. */
  readonly isFinal?: true;
}

/** Longer than the limits on silence that the tests set; see `timeouts`. */
export const timeouts = { headersMs: 60_000, bytesMs: 60_000, contentMs: 600_000 };

const wire = (type: string, fields: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

/** Sends the events before the fault, and tells once they are on their way. */
export function sendSome({ response, chunks, after }: Exchange, more = ""): Promise<void> {
  begin(response);
  response.flushHeaders();
  const text = chunks.slice(0, after).join("") + more;
  return new Promise((resolve) => {
    if (text === "") resolve();
    else response.write(text, () => resolve());
  });
}

const half = ({ chunks, after }: Exchange): string => {
  const chunk = chunks[after] ?? "";
  return chunk.slice(0, chunk.length / 2);
};

/** Puts something between two events of an otherwise healthy stream. */
function insert(text: string, harmless?: EventFault["harmless"]): EventFault {
  return {
    strike: async (exchange) => {
      await sendSome(exchange, text);
      exchange.response.end(exchange.chunks.slice(exchange.after).join(""));
    },
    ...(harmless === undefined ? {} : { harmless }),
  };
}

function errorEvent(type: string): EventFault {
  return insert(wire("error", { error: { type, message: `a drawn ${type}` } }));
}

const eitherAtTheEnd: Pick<EventFault, "harmless"> = {
  harmless: (after, count) => after >= count && "either",
};

/** A turn that broke off is sent again whole. */
export const passingFaults: Readonly<Record<string, EventFault>> = {
  "the connection is closed": {
    strike: async (exchange) => {
      await sendSome(exchange);
      exchange.response.destroy();
    },
    ...eitherAtTheEnd,
  },
  "the connection is closed in the middle of the event": {
    strike: async (exchange) => {
      await sendSome(exchange, half(exchange));
      exchange.response.destroy();
    },
    ...eitherAtTheEnd,
  },
  "the connection is reset": {
    strike: async (exchange) => {
      await sendSome(exchange);
      await exchange.read();
      exchange.response.socket?.resetAndDestroy();
    },
    ...eitherAtTheEnd,
  },
  "the body ends politely": {
    strike: async (exchange) => {
      await sendSome(exchange);
      exchange.response.end();
    },
  },
  "the body ends politely in the middle of the event": {
    strike: async (exchange) => {
      await sendSome(exchange, half(exchange));
      exchange.response.end();
    },
  },
  "the API is overloaded": errorEvent("overloaded_error"),
  "the API fails": errorEvent("api_error"),
  "the API fails in a way of tomorrow": errorEvent("error_of_tomorrow"),
  "the event isn't JSON": insert("event: content_block_delta\ndata: {oops\n\n"),
  "a delta has no block": insert(
    wire("content_block_delta", { index: 99, delta: { type: "text_delta", text: "stray" } }),
  ),
  "a stop has no block": insert(wire("content_block_stop", { index: 99 })),
  "a block starts twice": insert(
    wire("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
  ),
  "another message starts": insert(
    wire("message_start", { message: { id: "msg_x", usage: {} } }),
    // Before anything was said there is nothing to splice.
    (after, count) => after >= count || after <= 1,
  ),
  "the message stops": insert(wire("message_stop"), (after, count) => after >= count - 1),
  "no byte comes any more": {
    strike: async (exchange) => {
      await sendSome(exchange);
      await exchange.read();
      exchange.pass(timeouts.bytesMs);
    },
  },
  "nothing but pings comes any more": {
    strike: async (exchange) => {
      await sendSome(exchange);
      await exchange.read();
      for (let ping = 0; ping < 40 && !exchange.response.destroyed; ping++) {
        await new Promise((resolve) => exchange.response.write(wire("ping"), resolve));
        await turns(10);
        exchange.pass(timeouts.bytesMs / 2);
      }
    },
  },
};

/** What the API says of the request itself is no better the second time. By the type of the error. */
export const finalFaults: Readonly<Record<string, EventFault>> = Object.fromEntries(
  ["invalid_request_error", "authentication_error"].map((type) => [type, errorEvent(type)]),
);

export const harmlessEvents: Readonly<Record<string, EventFault>> = {
  "a ping": insert(wire("ping")),
  "an event of tomorrow": insert(wire("event_of_tomorrow", { data: [1] })),
  "a comment": insert(": still there\n\n"),
  "an empty event": insert("event: content_block_delta\n\n"),
};

type ErrorClass = StartFault["errorClass"];

function status(
  code: number,
  errorClass: ErrorClass,
  type: string,
  headers: Record<string, string> = {},
  details = {},
): StartFault {
  const text = JSON.stringify({ type: "error", error: { type, message: `a drawn ${type}`, ...details } });
  return {
    errorClass,
    error: { status: code, requestID: "req_7", type },
    strike: ({ response }) => {
      response.writeHead(code, { "content-type": "application/json", "request-id": "req_7", ...headers });
      response.end(text);
    },
  };
}

function body(
  code: number,
  type: string,
  text: string,
  errorClass: ErrorClass = BrokenStreamError,
): StartFault {
  return {
    errorClass,
    strike: ({ response }) => {
      response.writeHead(code, { "content-type": type });
      response.end(text);
    },
  };
}

const page = "<html><body><h1>Bad gateway</h1></body></html>";
const final = (fault: StartFault): StartFault => ({ ...fault, isFinal: true });
const spent = { details: { error_code: "enforced_spend_limit_reached" } };

export const startFaults: Readonly<Record<string, StartFault>> = {
  "status 408": status(408, APIError, "timeout_error"),
  "status 409": status(409, APIError, "conflict_error"),
  "status 429": status(429, RateLimitError, "rate_limit_error"),
  "status 429 with a wait": status(429, RateLimitError, "rate_limit_error", { "retry-after": "30" }),
  "status 500": status(500, InternalServerError, "api_error"),
  "status 503": status(503, InternalServerError, "api_error"),
  "status 529": status(529, OverloadedError, "overloaded_error"),
  "status 502 with a page": body(502, "text/html", page, InternalServerError),
  "status 400 that says to try again": status(400, BadRequestError, "invalid_request_error", {
    "x-should-retry": "true",
  }),
  "a page with status 200": body(200, "text/html", page),
  "a page that calls itself a stream": body(200, "text/event-stream", page),
  "an empty body": body(200, "text/event-stream", ""),
  "no content": body(204, "text/event-stream", ""),
  "JSON that is no stream": body(200, "application/json", '{"type":"message","content":[]}'),
  "a connection closed without an answer": {
    errorClass: APIConnectionError,
    strike: ({ response }) => response.destroy(),
  },
  silence: { errorClass: APIConnectionTimeoutError, strike: ({ pass }) => pass(timeouts.headersMs) },
  "status 400": final(status(400, BadRequestError, "invalid_request_error")),
  "status 401": final(status(401, AuthenticationError, "authentication_error")),
  "status 403": final(status(403, PermissionDeniedError, "permission_error")),
  "status 404": final(status(404, NotFoundError, "not_found_error")),
  "status 413": final(status(413, APIError, "request_too_large")),
  "status 422": final(status(422, APIError, "invalid_request_error")),
  "a spent limit": final(status(429, RateLimitError, "rate_limit_error", {}, spent)),
  "status 429 with a wait of an hour": final(
    status(429, RateLimitError, "rate_limit_error", { "retry-after": "3600" }),
  ),
  "status 529 that says not to try again": final(
    status(529, OverloadedError, "overloaded_error", { "x-should-retry": "false" }),
  ),
};
