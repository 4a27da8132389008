import type { RequestFields } from "../../agent.js";
import type { ModelRequest } from "../../claude-function.js";
import type { CacheMiss } from "../../events.js";
import { fingerprintOf } from "../../fingerprint.js";
import type { PreparedAgent } from "../../prepare-agent.js";
import type { CachedPrompt, State, StepState } from "../../state.js";
import { totalTokens, type Usage } from "../../usage.js";
import { type Lifetime, shortestLifetime } from "./cache-markers.js";

/** A call that was answered. */
interface Call {
  readonly request: ModelRequest;
  readonly usage: Usage;
}

/**
 * What the call before had left in the cache and this one did not read, and why. `undefined` where all was read, and where the
 * request has no marker: then it did not ask for any of it. Pure.
 * @param state as it is while the call is made
 */
export function findCacheMiss(state: State, agent: PreparedAgent, call: Call): CacheMiss | undefined {
  const { cached, step } = state;
  // Outside of a step a summary is asked for, of a part of what was sent before.
  if (step === undefined) return undefined;
  const asked = shortestLifetime(call.request);
  // A reply from a cache of ours never was at the API's.
  if (cached === undefined || asked === undefined || totalTokens(call.usage) === 0) return undefined;
  const tokens = cached.tokens - call.usage.cache_read_input_tokens;
  if (tokens <= 0) return undefined;
  // It is whoever writes that says how long it is kept.
  const lifetime = cached.lifetime ?? asked;
  return { tokens, why: whyMissed(cached, { ...state, step }, agent, call, lifetime) };
}

/** The shortest life of what a call wrote to the cache; `undefined` where it wrote nothing. */
export function writtenFor({
  cache_creation_input_tokens: written,
  cache_creation: creation,
}: Usage): Lifetime | undefined {
  if (written === 0) return undefined;
  return (creation?.ephemeral_1h_input_tokens ?? 0) < written ? "5m" : "1h";
}

/** What stands earliest in a prompt is told first: what follows it is another prompt anyway. */
function whyMissed(
  cached: CachedPrompt,
  { step, ...state }: State & { readonly step: StepState },
  agent: PreparedAgent,
  { request }: Call,
  lifetime: Lifetime,
): CacheMiss["why"] {
  if (cached.model !== request.model) return "model";
  if (!isSame(cached.tools, state.tools)) return "tools";
  if (!isSame(cached.system, state.system)) return "system";
  const isFirst = (state.run?.steps ?? 1) <= 1;
  const changedForce = forcesTool(agent.request) && isFirst !== cached.step <= 1;
  if (cached.settings !== state.run?.settings || changedForce) return "settings";
  if (!goesOn(cached.messages, state.messages)) return "messages";
  return step.sentAt - cached.at > milliseconds[lifetime] ? "lifetime" : "unknown";
}

const milliseconds: Readonly<Record<Lifetime, number>> = { "5m": 300_000, "1h": 3_600_000 };

/** The same messages and more; and no first picture among these, which makes another prompt of all before it. */
function goesOn(before: State["messages"], after: State["messages"]): boolean {
  return (
    hasImage(before) === hasImage(after) &&
    before.every((message, index) => {
      const now = after[index];
      return now !== undefined && (message === now || startsWith(message.content, now.content));
    })
  );
}

/** Only the last message of a prompt ever grows: where its reply was not kept, what is said next becomes a part of it. */
function startsWith(before: State["messages"][number]["content"], now: typeof before): boolean {
  const [then, since] = [before, now].map((content) =>
    typeof content === "string" ? [{ type: "text", text: content }] : content,
  );
  return (then ?? []).every((block, index) => isSame(block, since?.[index]));
}

function hasImage(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasImage);
  if (typeof value !== "object" || value === null) return false;
  const { type, content } = value as { readonly type?: unknown; readonly content?: unknown };
  return type === "image" || (typeof content === "object" && hasImage(content));
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function forcesTool({ tool_choice: choice }: RequestFields): boolean {
  return choice?.type === "any" || choice?.type === "tool";
}

/** Fields that the model never sees and the cache does not go by. */
const besides: ReadonlySet<string> = new Set([
  "cache_control",
  "container",
  "diagnostics",
  "metadata",
  "service_tier",
  "stop_sequences",
  // These stand elsewhere in the log.
  "messages",
  "system",
  "tools",
]);

/**
 * A short name for those settings of an agent's requests that the cache goes by, e.g. thinking and effort; `undefined` for none.
 * Source: the API's documentation of prompt caching. A field that it doesn't tell of counts.
 */
export function cacheSettings(request: RequestFields): string | undefined {
  const counted = Object.entries(request).filter(
    ([name, value]) => value !== undefined && !besides.has(name),
  );
  counted.sort(([one], [other]) => (one < other ? -1 : 1));
  return counted.length === 0 ? undefined : fingerprintOf(JSON.stringify(counted));
}
