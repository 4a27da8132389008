import type { PromptCache } from "./cache/prompt-cache.js";
import type { Catalogue } from "./catalogue.js";
import type { Ids } from "./ids.js";
import type { Mind } from "./mind.js";
import type { RateLimiter } from "./rate/rate-limiter.js";

/** What the simulator answers with, beside the request. */
export interface SimulatorParts {
  readonly mind: Mind;
  readonly ids: Ids;
  readonly now: () => number;
  readonly apiKey: string | undefined;
  readonly models: Catalogue;
  readonly cache: PromptCache;
  /** Absent where nothing is limited. */
  readonly limiter: RateLimiter | undefined;
}
