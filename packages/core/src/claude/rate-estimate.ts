import type { ModelRequest } from "../claude-function.js";
import type { Usage } from "../usage.js";

/** Guesses how many input tokens a call will count for, and learns from what it did. */
export interface InputEstimate {
  of(request: ModelRequest, session: string | undefined, now: number): number;
  learn(request: ModelRequest, session: string | undefined, usage: Usage, now: number): void;
}

interface LastPrompt {
  /** Of the whole prompt, as it was guessed. */
  readonly guess: number;
  /** All that the API counted, and what of it was neither read from nor written to the cache. */
  readonly total: number;
  readonly uncached: number;
  readonly at: number;
}

/** Cached input doesn't count, so a session's next call counts for what is new since its last one, as long as the cache lives. */
export function createInputEstimate(): InputEstimate {
  const last = new Map<string, LastPrompt>();
  return {
    of(request, session, now) {
      const guess = guessTokens(request);
      const before = session === undefined ? undefined : last.get(session);
      // A shorter prompt has another beginning.
      if (before === undefined || guess < before.guess) return guess;
      const known = now - before.at < cacheLivesMs ? before.uncached : before.total;
      return known + guess - before.guess;
    },
    learn(request, session, usage, now) {
      if (session === undefined) return;
      const { input_tokens: uncached, cache_creation_input_tokens, cache_read_input_tokens } = usage;
      const total = uncached + cache_creation_input_tokens + cache_read_input_tokens;
      // Kept in the order of their use: the first is the one that has been quiet for longest.
      last.delete(session);
      last.set(session, { guess: guessTokens(request), total, uncached, at: now });
      const [oldest] = last.keys();
      if (last.size > maxSessions && oldest !== undefined) last.delete(oldest);
    },
  };
}

/** The shorter of the cache's two lifetimes. */
const cacheLivesMs = 300_000;
const maxSessions = 10_000;

/**
 * By the length of the text. Of the recorded conversations without files it comes to 0.98 of what the API counted (the median of
 * those with tools), with single ones from 0.25 to 1.5 of it.
 */
function guessTokens({ system, tools, messages }: ModelRequest): number {
  const characters =
    lengthOf(system) + lengthOf(tools) + messages.reduce((sum, one) => sum + lengthOfFrozen(one), 0);
  return Math.ceil(
    characters / charactersPerToken + (tools === undefined || tools.length === 0 ? 0 : toolUseTokens),
  );
}

const charactersPerToken = 3.5;
/** The API's own words about tools: 286 to 804 tokens, by model. */
const toolUseTokens = 500;
/** A picture, or a page: about 1,600 tokens, however many bytes it has. */
const fileLength = 5_600;

const measured = new WeakMap<object, number>();

/** What is committed never changes, and is measured once. */
function lengthOfFrozen(value: object): number {
  const known = measured.get(value);
  if (known !== undefined) return known;
  const length = lengthOf(value);
  if (Object.isFrozen(value)) measured.set(value, length);
  return length;
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value === "number" || typeof value === "boolean") return 4;
  if (typeof value !== "object" || value === null) return 0;
  if ("type" in value && value.type === "base64") return fileLength;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + lengthOf(item), 0);
  return Object.entries(value).reduce((sum, [name, item]) => sum + name.length + lengthOf(item), 0);
}
