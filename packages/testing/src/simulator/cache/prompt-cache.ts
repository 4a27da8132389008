import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { extend } from "../prompt.js";
import type { SimulatedModel } from "../simulated-model.js";
import type { CacheUsage } from "./cache-usage.js";
import { planCache } from "./plan.js";
import { type Lifetime, prefixesOf } from "./prefixes.js";

/** A request as the cache sees it. */
interface Lookup {
  readonly request: MessageCreateParams;
  readonly inputTokens: number;
  readonly model: SimulatedModel;
  /** Whoever has another key has another cache. */
  readonly apiKey: string;
  /** When the request came, in milliseconds: lifetimes count from here. */
  readonly now: number;
}

interface Found {
  readonly usage: CacheUsage;
  /** To be called when the answer begins, and never if there is none: what the request wrote can be read from then on. */
  readonly store: () => void;
}

/** Remembers which prefixes were cached and until when; nothing of the prompts themselves. */
export interface PromptCache {
  look(lookup: Lookup): Found;
}

interface Entry {
  readonly lifetime: Lifetime;
  readonly until: number;
}

const milliseconds: Readonly<Record<Lifetime, number>> = { "5m": 300_000, "1h": 3_600_000 };

export function createPromptCache(): PromptCache {
  const entries = new Map<string, Entry>();
  return {
    look({ request, inputTokens, model, apiKey, now }) {
      const live = (digest: string): Entry | undefined => {
        const entry = entries.get(digest);
        return entry && entry.until > now ? entry : undefined;
      };
      const prefixes = prefixesOf(request, extend(apiKey, model.id));
      const plan = planCache(prefixes, inputTokens, model.minimumCacheTokens, (digest) => !!live(digest));
      const used = plan.used.flatMap(({ digest }) => {
        const entry = live(digest);
        return entry ? [{ digest, lifetime: entry.lifetime }] : [];
      });
      return {
        usage: plan.usage,
        store() {
          for (const [digest, { until }] of entries) if (until <= now) entries.delete(digest);
          for (const { digest, lifetime } of [...used, ...plan.writes]) {
            const until = Math.max(now + milliseconds[lifetime], entries.get(digest)?.until ?? 0);
            entries.set(digest, { lifetime, until });
          }
        },
      };
    },
  };
}
