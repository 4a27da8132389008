import { container } from "./containers.js";
import { firstOf, type Rule, type Surroundings } from "./rule.js";
import {
  anything,
  at,
  atMost,
  boolean,
  fieldsOf,
  list,
  nonEmptyText,
  nullable,
  number,
  object,
  oneOf,
  type Shape,
  text,
  tokenCount,
} from "./shape.js";

interface Field {
  readonly shape: Shape;
  readonly required?: true;
  /** Known to `count_tokens` too. */
  readonly counts?: true;
  /** Known only to requests that name a beta. */
  readonly beta?: true;
  /** Not known any more from this version on. */
  readonly until?: string;
}

const metadata = fieldsOf({ optional: { user_id: nullable(atMost(256)) } });
const diagnostics = fieldsOf({ optional: { previous_message_id: nullable(text) } });

/** Every field of a request, from the SDK's `MessageCreateParams` and its beta twin. What the SDK sends as a header is none. */
const fields: Readonly<Record<string, Field>> = {
  model: { shape: nonEmptyText, required: true, counts: true },
  max_tokens: { shape: tokenCount, required: true },
  messages: { shape: list, required: true, counts: true },
  cache_control: { shape: nullable(object), counts: true },
  container: { shape: container },
  diagnostics: { shape: nullable(diagnostics) },
  inference_geo: { shape: nullable(text) },
  metadata: { shape: metadata },
  output_config: { shape: object, counts: true },
  service_tier: { shape: oneOf("auto", "standard_only") },
  speed: { shape: nullable(oneOf("standard", "fast")), counts: true },
  stop_sequences: { shape: stopSequences },
  stream: { shape: boolean },
  system: { shape: system, counts: true },
  thinking: { shape: object, counts: true },
  tool_choice: { shape: object, counts: true },
  tools: { shape: list, counts: true },
  billing_policy: { shape: anything, beta: true },
  compaction: { shape: nullable(object), beta: true },
  context_management: { shape: nullable(object), beta: true, counts: true },
  fallback_credit_token: { shape: anything, beta: true },
  fallbacks: { shape: anything, beta: true },
  mcp_servers: { shape: list, beta: true, counts: true },
  output_format: { shape: nullable(object), beta: true, counts: true },
  thread: { shape: nullable(object), beta: true },
  // Gone with 2026-10-21, even at their default values.
  temperature: { shape: nullable(number), until: "2026-10-21" },
  top_k: { shape: nullable(tokenCount), until: "2026-10-21" },
  top_p: { shape: nullable(number), until: "2026-10-21" },
};

type Counting = Pick<Field, "counts">;

export const requiredFieldsAreThere: Rule = (request) => missing(request, {});
export const requiredForCountingIsThere: Rule = (request) => missing(request, { counts: true });
export const fieldsAreKnown: Rule = (request, surroundings) => unknown(request, surroundings, {});
export const fieldsOfCountingAreKnown: Rule = (request, surroundings) =>
  unknown(request, surroundings, { counts: true });

function missing(request: object, { counts }: Counting): string | undefined {
  return firstOf(
    Object.entries(fields).map(([name, field]) =>
      field.required && (!counts || field.counts) && request[name as keyof object] === undefined
        ? `${name}: Field required`
        : undefined,
    ),
  );
}

function unknown(
  request: object,
  { version, betas }: Surroundings,
  { counts }: Counting,
): string | undefined {
  return firstOf(
    Object.keys(request).map((name) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      const known =
        field &&
        (!counts || field.counts) &&
        (!field.beta || betas.length > 0) &&
        (!field.until || version < field.until);
      return known ? undefined : `${name}: Extra inputs are not permitted`;
    }),
  );
}

export const fieldsAreWellFormed: Rule = (request) =>
  firstOf(
    Object.entries(request).map(([name, value]) =>
      value === undefined ? undefined : at(name, fields[name]?.shape(value)),
    ),
  );

/** `max_tokens: 0` fills the prompt cache and generates nothing, so there is nothing to stream. */
export const somethingToStream: Rule = (request) =>
  request.max_tokens === 0 && request.stream === true
    ? "max_tokens: Input should be greater than or equal to 1 when streaming"
    : undefined;

function stopSequences(value: unknown): string | undefined {
  if (!Array.isArray(value)) return list(value);
  return firstOf(
    value.map((sequence) =>
      typeof sequence === "string" && sequence.trim() !== ""
        ? undefined
        : "each stop sequence must contain non-whitespace",
    ),
  );
}

function system(value: unknown): string | undefined {
  return typeof value === "string" || Array.isArray(value) ? undefined : "Input should be a valid string";
}
