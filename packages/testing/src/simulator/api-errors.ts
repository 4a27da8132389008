import type { ErrorReply } from "./mind.js";
import type { SimulatedResponse } from "./response.js";

/**
 * The ways the API refuses a request before a model sees it, worded as the API words them.
 * https://platform.claude.com/docs/en/api/errors lists the types and their statuses.
 */

export function invalidRequest(message: string): ErrorReply {
  return { status: 400, error: { type: "invalid_request_error", message } };
}

export function unauthenticated(message: string): ErrorReply {
  return { status: 401, error: { type: "authentication_error", message } };
}

export function forbidden(message: string): ErrorReply {
  return { status: 403, error: { type: "permission_error", message } };
}

export const notFound: ErrorReply = {
  status: 404,
  error: { type: "not_found_error", message: "Not Found" },
};

/** The same for a model that never was and for one that is no more. */
export function unknownModel(id: string): ErrorReply {
  return { status: 404, error: { type: "not_found_error", message: `model: ${id}` } };
}

export function methodNotAllowed(allowed: string): ErrorReply {
  return {
    status: 405,
    error: { type: "invalid_request_error", message: "Method Not Allowed" },
    headers: { allow: allowed },
  };
}

export const tooLarge: ErrorReply = {
  status: 413,
  error: { type: "request_too_large", message: "Request exceeds the maximum size" },
};

export function brokenMind(cause: unknown): ErrorReply {
  return broken("The simulator's mind", cause);
}

/** For what was passed in beside the mind, such as a function among the rules for faults. */
export function brokenSimulator(cause: unknown): ErrorReply {
  return broken("The simulator", cause);
}

function broken(part: string, cause: unknown): ErrorReply {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { status: 500, error: { type: "api_error", message: `${part} failed: ${reason}` } };
}

export function errorResponse(reply: ErrorReply): SimulatedResponse {
  return { kind: "error", reply };
}
