import type { Model } from "./models.js";
import type { CallTerms } from "./prices.js";

interface Calling {
  readonly catalogue: readonly Model[];
  /** Of the request, what its price goes by. */
  readonly request: { readonly inference_geo?: unknown; readonly speed?: unknown };
}

/** On what terms an agent's calls are paid. */
export function termsOf({ catalogue, request }: Calling): CallTerms {
  const { inference_geo: geo, speed } = request;
  return {
    catalogue,
    ...(typeof geo === "string" ? { inferenceGeo: geo } : {}),
    ...(speed === "fast" ? { isFast: true } : {}),
  };
}

/** On what terms a reply was made: as its usage says, which may be what its workspace has set. */
export function repliedTerms(agent: Calling, usage: unknown): CallTerms {
  const { inference_geo: geo, speed } = (usage ?? {}) as {
    readonly inference_geo?: unknown;
    readonly speed?: unknown;
  };
  return {
    ...termsOf(agent),
    ...(typeof geo === "string" ? { inferenceGeo: geo } : {}),
    ...(typeof speed === "string" ? { isFast: speed === "fast" } : {}),
  };
}
