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
  /** The writes by lifetime, priced differently. */
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  };
  readonly server_tool_use: { readonly web_search_requests: number };
}

export const noUsage: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  server_tool_use: { web_search_requests: 0 },
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
    cache_creation: {
      ephemeral_5m_input_tokens: Math.max(0, written - oneHour),
      ephemeral_1h_input_tokens: oneHour,
    },
    server_tool_use: { web_search_requests: count(record(source.server_tool_use).web_search_requests) },
  };
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cache_creation_input_tokens: a.cache_creation_input_tokens + b.cache_creation_input_tokens,
    cache_read_input_tokens: a.cache_read_input_tokens + b.cache_read_input_tokens,
    cache_creation: {
      ephemeral_5m_input_tokens:
        a.cache_creation.ephemeral_5m_input_tokens + b.cache_creation.ephemeral_5m_input_tokens,
      ephemeral_1h_input_tokens:
        a.cache_creation.ephemeral_1h_input_tokens + b.cache_creation.ephemeral_1h_input_tokens,
    },
    server_tool_use: {
      web_search_requests: a.server_tool_use.web_search_requests + b.server_tool_use.web_search_requests,
    },
  };
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
