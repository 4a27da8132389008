import Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError, MissingKeyError, messageOf } from "../errors.js";
import { keyErrorIn } from "./key.js";
import { isApiError } from "./sdk-error.js";

/** Everything that can go wrong on the way as a typed error; the SDK's own pass through. */
export function typedError(error: unknown, response: Response | undefined): unknown {
  const keyError = keyErrorIn(error);
  if (keyError !== undefined) return keyError;
  // A refusal whose words never came is still a refusal: its status says whether another attempt is worth it.
  if (isApiError(error) && error.status === undefined && response?.ok === false)
    return Anthropic.APIError.generate(response.status, undefined, error.message, response.headers);
  if (isApiError(error)) return withRequestID(error, response);
  const message = messageOf(error);
  // The SDK throws a bare Error for this, before anything is sent.
  if (message.startsWith("Could not resolve authentication method"))
    return new MissingKeyError({ cause: error });
  // Without a response it is a complaint about how the client was set up: trying again can't mend it.
  if (response === undefined && !(error instanceof BrokenStreamError)) return error;
  const requestID = response?.headers.get("request-id") ?? undefined;
  if (error instanceof BrokenStreamError) {
    const type = response?.headers.get("content-type") ?? "none";
    const hint = type.startsWith("text/event-stream")
      ? ""
      : ` The response's content type was ${type}: is the base URL that of the API?`;
    return new BrokenStreamError(`${error.message}${hint}`, { cause: error.cause, requestID });
  }
  return new BrokenStreamError(`The reply broke on its way: ${message}.`, { cause: error, requestID });
}

/** An error that was made where no response was to be seen, e.g. of the watchdog, still says which request it was. */
function withRequestID(error: Error, response: Response | undefined): Error {
  const requestID = response?.headers.get("request-id");
  if (typeof requestID === "string" && !("requestID" in error && error.requestID))
    Object.assign(error, { requestID });
  return error;
}
