import type { ModelRequest } from "../../claude-function.js";
import { estimatePrompt } from "../../pure/budget/token-estimate.js";
import type { Usage } from "../../usage.js";

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

/** A request is measured once, however often its turn is thought about; committed messages once for all requests that hold them. */
const measured = new WeakMap<ModelRequest, number>();

function guessTokens(request: ModelRequest): number {
  const known = measured.get(request);
  if (known !== undefined) return known;
  const { model, system, tools = [], messages, thinking, output_config } = request;
  const settings = {
    ...(thinking === undefined ? {} : { thinking }),
    ...(output_config === undefined ? {} : { output_config }),
  };
  const guess =
    estimatePrompt({ system, tools, messages } as Prompt, { model, request: settings }) +
    messages.reduce((sum, { content }) => sum + unseenIn(content), 0);
  const careful = Math.ceil(guess * margin);
  measured.set(request, careful);
  return careful;
}

/**
 * A refusal costs more than a moment's wait until the API has said what it counted: of the recorded prompts, 19 in 20 come to less than
 * this times their estimate.
 */
const margin = 1.2;

type Prompt = Parameters<typeof estimatePrompt>[0];

/** The estimate takes a file that isn't in the request for one page. It may have a hundred; one of ten is let in as one of ten. */
const unseenDocumentTokens = 25_000;

function unseenIn(content: unknown): number {
  if (!Array.isArray(content)) return 0;
  return content.reduce((sum: number, block) => {
    const { type, source, content: inner } = block ?? {};
    if (type === "tool_result") return sum + unseenIn(inner);
    const isUnseen = type === "document" && (source?.type === "url" || source?.type === "file");
    return isUnseen ? sum + unseenDocumentTokens : sum;
  }, 0);
}
