import { firstOf, type Rule } from "./rule.js";
import {
  anything,
  boolean,
  list,
  nonEmptyText,
  nullable,
  object,
  oneOf,
  type Shape,
  text,
  tokenCount,
} from "./shape.js";

interface Field {
  readonly shape: Shape;
  readonly required?: true;
  /** Known only to requests that name a beta. */
  readonly beta?: true;
  /** Not known any more from this version on. */
  readonly until?: string;
}

/** Every field of a request, from the SDK's `MessageCreateParams` and its beta twin. */
const fields: Readonly<Record<string, Field>> = {
  model: { shape: nonEmptyText, required: true },
  max_tokens: { shape: tokenCount, required: true },
  messages: { shape: list, required: true },
  cache_control: { shape: nullable(object) },
  container: { shape: anything },
  diagnostics: { shape: nullable(object) },
  inference_geo: { shape: nullable(text) },
  metadata: { shape: object },
  output_config: { shape: object },
  service_tier: { shape: oneOf("auto", "standard_only") },
  speed: { shape: nullable(oneOf("standard", "fast")) },
  stop_sequences: { shape: stopSequences },
  stream: { shape: boolean },
  system: { shape: system },
  thinking: { shape: object },
  tool_choice: { shape: object },
  tools: { shape: list },
  user_profile_id: { shape: text },
  workspace_id: { shape: text },
  billing_policy: { shape: anything, beta: true },
  compaction: { shape: nullable(object), beta: true },
  context_management: { shape: nullable(object), beta: true },
  fallback_credit_token: { shape: anything, beta: true },
  fallbacks: { shape: anything, beta: true },
  mcp_servers: { shape: list, beta: true },
  output_format: { shape: nullable(object), beta: true },
  thread: { shape: nullable(object), beta: true },
  // Gone with 2026-10-21, even at their default values.
  temperature: { shape: anything, until: "2026-10-21" },
  top_k: { shape: anything, until: "2026-10-21" },
  top_p: { shape: anything, until: "2026-10-21" },
};

export const requiredFieldsAreThere: Rule = (request) =>
  firstOf(
    Object.entries(fields).map(([name, field]) =>
      field.required && request[name] === undefined ? `${name}: Field required` : undefined,
    ),
  );

export const fieldsAreKnown: Rule = (request, { version, betas }) =>
  firstOf(
    Object.keys(request).map((name) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      const known = field && (!field.beta || betas.length > 0) && (!field.until || version < field.until);
      return known ? undefined : `${name}: Extra inputs are not permitted`;
    }),
  );

export const fieldsAreWellFormed: Rule = (request) =>
  firstOf(
    Object.entries(request).map(([name, value]) => {
      const problem = value === undefined ? undefined : fields[name]?.shape(value);
      return problem === undefined ? undefined : `${name}: ${problem}`;
    }),
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
