import Anthropic, {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from "@anthropic-ai/sdk";
import { BrokenStreamError, LockstitchError, MissingKeyError, messageOf } from "@lockstitch/core";

/** What a model call failed with, as data: enough to make an error of the same class that is treated alike. */
export interface RecordedError {
  /** Of its class, e.g. `"RateLimitError"`. */
  readonly name: string;
  readonly message: string;
  readonly status?: number;
  /** The API's own word for the kind of error, e.g. `"overloaded_error"`. */
  readonly type?: string;
  /** What the API's error body said. */
  readonly apiMessage?: string;
  readonly details?: unknown;
  readonly requestID?: string;
  /** Of one of Lockstitch's own errors. */
  readonly reason?: string;
  /** Those that rule whether and when it is tried again. No others: headers hold keys. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The call was given up by its caller: what it would have come to is not known. */
  readonly aborted?: true;
}

const keptHeaders = ["retry-after", "retry-after-ms", "x-should-retry"] as const;

export function toRecordedError(error: unknown, aborted: boolean): RecordedError {
  const fields = (typeof error === "object" && error !== null ? error : {}) as Readonly<
    Record<string, unknown>
  >;
  const { status, type, apiMessage, details, requestID, reason, headers } = fields;
  const kept = headers instanceof Headers ? headersOf(headers) : [];
  return {
    name: error instanceof Error ? nameOf(error) : "thrown",
    message: messageOf(error),
    ...(isStatus(status) ? { status } : {}),
    ...(typeof type === "string" ? { type } : {}),
    ...(typeof apiMessage === "string" ? { apiMessage } : {}),
    ...keptDetails(details),
    ...(isHeader("request-id", requestID) ? { requestID } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }),
    ...(aborted ? { aborted: true } : {}),
  };
}

/** They may be anything: what JSON can't hold must not hide the error that has it. */
function keptDetails(details: unknown): Pick<RecordedError, "details"> {
  if (details === undefined || details === null) return {};
  try {
    const text = JSON.stringify(details);
    return text === undefined ? {} : { details: JSON.parse(text) as unknown };
  } catch {
    return {};
  }
}

function headersOf(headers: Headers): readonly (readonly [string, string])[] {
  return keptHeaders.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
}

/** Of an HTTP answer that is an error; a number by that name may be anything, such as the exit code of a process. */
export function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 300 && Number(value) <= 599;
}

/** Whether it can be made a header again. */
export function isHeader(name: string, value: unknown): value is string {
  try {
    return typeof value === "string" && new Headers([[name, value]]) !== undefined;
  } catch {
    return false;
  }
}

/** An error class may leave its name to its constructor. */
function nameOf(error: Error): string {
  return error.name === "Error" ? error.constructor.name : error.name;
}

/** An error of the class that was recorded, that says and is what it was. */
export function fromRecordedError(recorded: RecordedError): Error {
  const error = make(recorded);
  // The SDK and Lockstitch write their messages themselves: those that were recorded stand.
  Object.defineProperty(error, "message", { value: recorded.message, configurable: true, writable: true });
  return error;
}

function make(recorded: RecordedError): Error {
  const { name, message, status, type, reason, requestID } = recorded;
  if (name === "BrokenStreamError") return new BrokenStreamError(message, { requestID });
  if (name === "MissingKeyError") return new MissingKeyError();
  if (name === "AbortError" || name === "TimeoutError") return new DOMException(message, name);
  if (name === "APIConnectionTimeoutError") return new APIConnectionTimeoutError({ message });
  if (name === "APIConnectionError") return new APIConnectionError({ message });
  if (name === "APIUserAbortError") return new APIUserAbortError({ message });
  if (status !== undefined || type !== undefined || apiErrorClass(name) !== undefined)
    return apiError(recorded);
  if (reason !== undefined) return named(new LockstitchError(reason, message), name);
  return named(new Error(message), name);
}

/** One of the SDK's classes for errors of the API; all of them hang on its client. */
function apiErrorClass(name: string): typeof APIError | undefined {
  const found = (Anthropic as unknown as Readonly<Record<string, unknown>>)[name];
  const is = typeof found === "function" && (found === APIError || found.prototype instanceof APIError);
  return is ? (found as typeof APIError) : undefined;
}

/** Of the class with this name where the SDK still has it, else of the one that stands for its status. */
function apiError(recorded: RecordedError): Error {
  const { name, message, status, type, apiMessage, details, requestID, headers } = recorded;
  const body = {
    type: "error",
    error: { type, message: apiMessage ?? message, ...(details === undefined ? {} : { details }) },
  };
  const given = new Headers({ ...headers, ...(requestID === undefined ? {} : { "request-id": requestID }) });
  if (status === undefined) return new APIError(undefined, body, message, given);
  const Class = apiErrorClass(name);
  return Class === undefined
    ? APIError.generate(status, body, message, given)
    : new Class(status, body, message, given);
}

function named(error: Error, name: string): Error {
  return Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
}
