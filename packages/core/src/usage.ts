/**
 * Tokens used, in the API's own names. All numbers, never null, so that they add up.
 * Total input = input_tokens + cache_creation_input_tokens + cache_read_input_tokens.
 */
export interface Usage {
  /** Input tokens neither read from nor written to the cache. */
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Written to the cache, both lifetimes together. */
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  /** The writes by lifetime, priced differently. Left out where there are none: usage stands in the log twice a step. */
  readonly cache_creation?: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  };
  /** Left out where there are none. */
  readonly server_tool_use?: { readonly web_search_requests: number };
}

export const noUsage: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
};

/** The API's usage, whose fields may be null or missing, as ours. Writes of unknown lifetime count as five-minute ones. */
export function toUsage(raw: unknown): Usage {
  const source = record(raw);
  const creation = record(source.cache_creation);
  const written = count(source.cache_creation_input_tokens);
  const oneHour = count(creation.ephemeral_1h_input_tokens);
  return {
    input_tokens: count(source.input_tokens),
    output_tokens: count(source.output_tokens),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: count(source.cache_read_input_tokens),
    ...cacheCreation(Math.max(0, written - oneHour), oneHour),
    ...serverToolUse(count(record(source.server_tool_use).web_search_requests)),
  };
}

export function addUsage(a: Usage, b: Usage): Usage {
  const [ofA, ofB] = [a.cache_creation, b.cache_creation];
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cache_creation_input_tokens: a.cache_creation_input_tokens + b.cache_creation_input_tokens,
    cache_read_input_tokens: a.cache_read_input_tokens + b.cache_read_input_tokens,
    ...cacheCreation(
      (ofA?.ephemeral_5m_input_tokens ?? 0) + (ofB?.ephemeral_5m_input_tokens ?? 0),
      (ofA?.ephemeral_1h_input_tokens ?? 0) + (ofB?.ephemeral_1h_input_tokens ?? 0),
    ),
    ...serverToolUse(
      (a.server_tool_use?.web_search_requests ?? 0) + (b.server_tool_use?.web_search_requests ?? 0),
    ),
  };
}

function cacheCreation(fiveMinutes: number, oneHour: number): Pick<Usage, "cache_creation"> {
  if (fiveMinutes + oneHour === 0) return {};
  return {
    cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: oneHour },
  };
}

function serverToolUse(searches: number): Pick<Usage, "server_tool_use"> {
  return searches === 0 ? {} : { server_tool_use: { web_search_requests: searches } };
}

/** Input of every kind plus output. */
export function totalTokens(usage: Usage): number {
  return (
    usage.input_tokens +
    usage.cache_creation_input_tokens +
    usage.cache_read_input_tokens +
    usage.output_tokens
  );
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
