import type { PromptCache } from "./cache/prompt-cache.js";
import type { Catalogue } from "./catalogue.js";
import type { Ids } from "./ids.js";
import type { Mind } from "./mind.js";
import type { Limiter } from "./rate/limiter.js";
import type { Surroundings } from "./validate/validate.js";

/** What the simulator answers with, beside the request. */
export interface Backstage {
  readonly mind: Mind;
  readonly ids: Ids;
  readonly now: () => number;
  readonly apiKey: string | undefined;
  readonly models: Catalogue;
  readonly cache: PromptCache;
  /** Absent where nothing is limited. */
  readonly limiter: Limiter | undefined;
}

/** A request that has come through the gates. */
export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body, parsed and as it came; nothing where there is none to read. */
  readonly body: unknown;
  readonly text: string;
  readonly apiKey: string;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}
