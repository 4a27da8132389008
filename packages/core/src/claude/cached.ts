import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest } from "../claude-function.js";
import { type Environment, realEnvironment } from "../environment.js";
import { AgentError } from "../errors.js";
import { inherit } from "./inherit.js";
import { createReplies, isWorthKeeping } from "./kept-replies.js";
import { checkNames } from "./known-names.js";
import { playMessage } from "./play-message.js";
import type { ReplyStorage } from "./reply-storage.js";
import { requestText } from "./request-text.js";
import { untilAborted } from "./until-aborted.js";

export interface ReplyCacheOptions {
  /** How long a reply may be given again, in milliseconds. */
  readonly lifetimeMs: number;
  /** How many replies are kept; the one that was not used for the longest time goes first. */
  readonly maxEntries: number;
  /**
   * Where they are kept. Default: in memory. It holds questions and answers in clear text, under keys that tell nothing. Whatever it
   * throws, and an answer that takes more than a second, counts as "not there". `maxEntries` then counts what this function put there.
   */
  readonly storage?: ReplyStorage;
  /** Clock and ids. Default: the real ones. */
  readonly environment?: Pick<Environment, "now" | "sleep" | "id">;
}

/**
 * A Claude function that answers an equal request again without a call. Two requests are equal if all of their fields are, whatever
 * their order; only cache markers don't count. What it answers from its memory is streamed like any reply, with an id of its own and
 * a usage of zero. Equal requests at the same time make one call.
 *
 * Kept are whole replies: those that ended by themselves, at a stop sequence or with tool calls. Not kept: refusals, replies that were
 * cut off, paused or ended early, and those that live on in a container of the API. Calls keep their ids, so that what follows them is
 * asked for in the same words; one that its session has seen gets another id, as ever.
 */
export function cached(claude: Claude, options: ReplyCacheOptions): Claude {
  check(claude, options);
  const { environment = realEnvironment } = options;
  const kept = createReplies(options, environment);
  const leaders = new Map<string, Promise<Led>>();

  /** From the storage, or from the model. */
  const answer = async (text: string, request: ModelRequest, call: ModelCall): Promise<Anthropic.Message> => {
    const known = await kept.find(text, call.signal);
    if (known !== undefined) return playAgain(known, call, environment);
    const message = await claude(request, call);
    if (isWorthKeeping(message)) kept.keep(text, message);
    return message;
  };

  const lead = async (text: string, request: ModelRequest, call: ModelCall): Promise<Anthropic.Message> => {
    // Against a Claude function that goes on when it is aborted: those who wait must not hang with it.
    const message = untilAborted(answer(text, request, call), call.signal);
    const led = message.then(
      (whole): Led => (isWorthKeeping(whole) ? { how: "answered", message: whole } : { how: "failed" }),
      (): Led => ({ how: call.signal.aborted ? "aborted" : "failed" }),
    );
    leaders.set(text, led);
    return message.finally(() => leaders.delete(text));
  };

  const ask: Claude = async (request, call) => {
    const text = requestText(request);
    for (;;) {
      const leader = leaders.get(text);
      if (leader === undefined) return lead(text, request, call);
      const led = await untilAborted(leader, call.signal);
      if (led.how === "answered") return playAgain(led.message, call, environment);
      // What failed for another may go well for this one. Nobody waits twice: all who waited would fail one after the other.
      if (led.how === "failed") return answer(text, request, call);
    }
  };
  return inherit(claude, ask);
}

/** What a call came to that others waited for. */
type Led =
  | { readonly how: "answered"; readonly message: Anthropic.Message }
  /** Also where it is not worth keeping. */
  | { readonly how: "failed" }
  | { readonly how: "aborted" };

function check(claude: Claude, options: ReplyCacheOptions): void {
  if (typeof claude !== "function") throw new AgentError("cached() takes a Claude function, e.g. claude().");
  checkNames("cached()", options ?? {}, {
    lifetimeMs: true,
    maxEntries: true,
    storage: true,
    environment: true,
  });
  const { lifetimeMs, maxEntries, storage } = options ?? {};
  if (!(typeof lifetimeMs === "number" && lifetimeMs > 0))
    throw new AgentError(
      `lifetimeMs is ${String(lifetimeMs)}; it must be a positive number of milliseconds.`,
    );
  if (!(typeof maxEntries === "number" && maxEntries >= 1))
    throw new AgentError(`maxEntries is ${String(maxEntries)}; it must be a number of replies, at least 1.`);
  const names = ["get", "set", "delete"] as const;
  if (storage !== undefined && !names.every((name) => typeof storage?.[name] === "function"))
    throw new AgentError("storage must have the functions get, set and delete.");
}

/** A copy that stands for itself: what one run does with its reply must not reach another's. */
function playAgain(
  message: Anthropic.Message,
  { emit }: ModelCall,
  { id }: Pick<Environment, "id">,
): Anthropic.Message {
  const again = { ...structuredClone(message), id: `msg_${id()}`, usage: free };
  playMessage(again, emit);
  return again;
}

const free: Anthropic.Usage = Object.freeze({
  input_tokens: 0,
  output_tokens: 0,
  output_tokens_details: null,
  cache_creation: null,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  server_tool_use: null,
  inference_geo: null,
  service_tier: null,
  speed: null,
});
