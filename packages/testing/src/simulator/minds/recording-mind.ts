import { isDeepStrictEqual } from "node:util";
import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { Mind, Reply } from "../mind.js";

/** What was asked once, and what came back. */
export interface Exchange {
  readonly request: MessageCreateParams;
  readonly reply: Reply;
}

/** Whether a recorded request stands for one that has just come. */
export type Fits = (recorded: MessageCreateParams, request: MessageCreateParams) => boolean;

/**
 * Plays recorded exchanges: a request gets the reply of the first one that fits and has not been played yet, so that
 * parallel conversations find their own. Passes where none fits.
 *
 * By default `messages` must be the same, and nothing else: system prompt, tools, model and settings may have changed
 * since. Cache markers, and whether a text stands alone or in a block, make no difference.
 */
export function recordingMind(exchanges: Iterable<Exchange>, fits: Fits = sameMessages): Mind {
  const unplayed = [...exchanges];
  return (request) => {
    const index = unplayed.findIndex((exchange) => fits(exchange.request, request));
    return index === -1 ? undefined : unplayed.splice(index, 1)[0]?.reply;
  };
}

function sameMessages(recorded: MessageCreateParams, request: MessageCreateParams): boolean {
  return isDeepStrictEqual(plain(recorded.messages), plain(request.messages));
}

/** Without what says the same in other words. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([name, inner]) => name !== "cache_control" && inner !== undefined,
  );
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, name === "content" ? blocks(inner) : plain(inner)]),
  );
}

function blocks(content: unknown): unknown {
  return plain(typeof content === "string" ? [{ type: "text", text: content }] : content);
}
