import { isOfABeta, isOpened, openedIn } from "./beta-features.js";
import { container } from "./containers.js";
import { firstRefusal, isFields, type Rule, type Surroundings } from "./rule.js";
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
  unknownTag,
} from "./shape.js";

interface Field {
  readonly shape: Shape;
  readonly required?: true;
  /** Known to `count_tokens` too. */
  readonly counts?: true;
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
  billing_policy: { shape: anything, counts: true },
  compaction: { shape: nullable(object), counts: true },
  context_management: { shape: nullable(object), counts: true },
  fallback_credit_token: { shape: anything },
  fallbacks: { shape: anything },
  mcp_servers: { shape: list, counts: true },
  output_format: { shape: nullable(object), counts: true },
  thread: { shape: nullable(object) },
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
  return firstRefusal(
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
  return firstRefusal(
    Object.keys(request).map((name) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      const known =
        field &&
        (!counts || field.counts) &&
        (!isOfABeta("field", name) || isOpened("field", name, betas)) &&
        (!field.until || version < field.until);
      return known ? undefined : `${name}: Extra inputs are not permitted`;
    }),
  );
}

/** What some betas take of a field that others know as well. */
export const betaFieldsAreWellFormed: Rule = ({ context_management, fallback_credit_token }, { betas }) => {
  if (isFields(fallback_credit_token) && !isOpened("fallback_credit_token", "object", betas))
    return "fallback_credit_token: Input should be a valid string";
  const edits = isFields(context_management) ? context_management.edits : undefined;
  if (!Array.isArray(edits)) return undefined;
  const index = edits.findIndex((edit) => !isFields(edit) || !isOpened("edit", String(edit.type), betas));
  return index === -1
    ? undefined
    : `context_management.edits.${index}: ${unknownTag(edits[index]?.type, openedIn("edit", betas))}`;
};

export const fieldsAreWellFormed: Rule = (request) =>
  firstRefusal(
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
  return firstRefusal(
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
