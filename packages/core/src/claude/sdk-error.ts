import Anthropic, { type APIError } from "@anthropic-ai/sdk";

/**
 * Whether an error is one of the SDK's for the API. By the name of its class too: a program may hold two copies of the SDK, e.g. its
 * CommonJS twin, and their classes are not the same.
 */
export function isApiError(error: unknown): error is APIError {
  return error instanceof Anthropic.APIError || isOfClass(error, "APIError");
}

/** Whether a class of this name is in the error's line of ancestors. */
export function isOfClass(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  for (
    let ancestor: unknown = Object.getPrototypeOf(error);
    ancestor instanceof Object;
    ancestor = Object.getPrototypeOf(ancestor)
  ) {
    if (ancestor.constructor.name === name) return true;
  }
  return false;
}
