import type { Surroundings } from "./validate/validate.js";

/** A request that has passed the checks of its headers and its rate. */
export interface ApiRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body, parsed and as it came; nothing where there is none to read. */
  readonly body: unknown;
  readonly text: string;
  readonly apiKey: string;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}
