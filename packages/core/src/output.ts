import type Anthropic from "@anthropic-ai/sdk";
import { AgentError, messageOf } from "./errors.js";
import { toFormat } from "./output-format.js";
import type { Result } from "./result.js";
import type { JsonSchema } from "./schema/json-schema.js";

/**
 * What a run's answer must be: a schema of zod 4, or of any library that follows Standard Schema and Standard JSON Schema; or a
 * plain JSON Schema with the function that checks and types the answer. `outputSchema()` makes the latter from schemas of other kinds.
 */
export type OutputSchema<Output = unknown> = StandardOutputSchema<Output> | JsonOutputSchema<Output>;

/** Only what is used of the specifications of Standard Schema and Standard JSON Schema, version 1. */
export interface StandardOutputSchema<Output = unknown> {
  readonly "~standard": {
    readonly vendor: string;
    readonly validate: (value: unknown) => OutputVerdict | Promise<OutputVerdict>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly jsonSchema: {
      readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}

/** What a schema makes of an answer: its value, with defaults and transforms applied, or what is wrong with it. */
export type OutputVerdict =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly object[] };

export interface JsonOutputSchema<Output = unknown> {
  readonly jsonSchema: JsonSchema;
  /** Throws, with words a model can use, where the answer is wrong. */
  parse(answer: unknown): Output | Promise<Output>;
}

/** An agent's `output`, ready for use. */
export interface PreparedOutput {
  /** As the API takes it. */
  readonly format: Anthropic.JSONOutputFormat;
  /** The answer that a text holds. The same text is looked at once. Never rejects. */
  read(text: string): Promise<Reading>;
}

export type Reading =
  | { readonly fits: true; readonly value: unknown }
  /** In words for the model. */
  | { readonly fits: false; readonly problem: string };

/** Throws `AgentError` for what is no schema, or one that the API can't hold an answer to. */
export function prepareOutput(schema: OutputSchema | undefined): PreparedOutput | undefined {
  if (schema === undefined) return undefined;
  const { json, validate } = readSchema(schema);
  let last: { readonly text: string; readonly reading: Promise<Reading> } | undefined;
  return {
    format: { type: "json_schema", schema: toFormat(json) },
    read(text) {
      if (last?.text !== text) last = { text, reading: read(text, validate) };
      return last.reading;
    },
  };
}

/** The answer of a run that came to its own end, beside its text. */
export async function withOutput(result: Result, output: PreparedOutput | undefined): Promise<Result> {
  if (output === undefined || result.status !== "ended" || result.reason !== "end_turn") return result;
  const reading = await output.read(answerIn(result));
  return reading.fits ? { ...result, output: reading.value } : result;
}

/** The text that is the answer: of a reply that the API's own tools interrupt, what stands behind them. */
export function answerIn({ messages, text }: Pick<Result, "messages" | "text">): string {
  const { role, content } = messages.at(-1) ?? {};
  if (role !== "assistant" || typeof content !== "object" || text === "") return text;
  const behind = content.slice(content.findLastIndex(({ type }) => type !== "text") + 1);
  return behind.map((block) => (block.type === "text" ? block.text : "")).join("");
}

type Validate = (value: unknown) => Promise<Reading>;

async function read(text: string, validate: Validate): Promise<Reading> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fits: false, problem: `it is no JSON (${messageOf(error)})` };
  }
  return validate(value).catch((error: unknown) => ({ fits: false, problem: messageOf(error) }));
}

function readSchema(schema: OutputSchema): { readonly json: unknown; readonly validate: Validate } {
  // Some libraries make schemas that are functions.
  if ((typeof schema !== "object" && typeof schema !== "function") || schema === null) throw notASchema();
  if (isStandard(schema)) {
    const { validate, jsonSchema } = schema["~standard"];
    return {
      json: described(() => jsonSchema.input({ target: "draft-2020-12" })),
      validate: async (value) => toReading(await validate(value)),
    };
  }
  if ("jsonSchema" in schema && typeof schema.parse === "function")
    return {
      json: described(() => schema.jsonSchema),
      validate: async (value) => ({ fits: true, value: await schema.parse(value) }),
    };
  throw notASchema();
}

function isStandard(schema: OutputSchema): schema is StandardOutputSchema {
  const standard =
    "~standard" in schema ? (schema["~standard"] as Partial<StandardOutputSchema["~standard"]>) : {};
  return typeof standard.jsonSchema?.input === "function" && typeof standard.validate === "function";
}

function notASchema(): AgentError {
  return new AgentError(
    "agent.output is not a schema that can be described to the model. Make it with zod 4, e.g. z.object({ city: z.string() }), or with " +
      "a library that follows Standard JSON Schema; wrap a schema of another kind, as of zod/mini or zod 3, in outputSchema(...); or give plain JSON " +
      "Schema: { jsonSchema: { ... }, parse: (answer) => ... }.",
  );
}

/** A copy, through text: what holds itself, or is no JSON for another reason, has none. */
function described(work: () => unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(work()) ?? "null");
  } catch (error) {
    throw new AgentError(
      `agent.output can't be described to the model, because its schema has no JSON form: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Issues named in one message: a wrong list of a thousand items must not flood the conversation. */
const mostNamed = 20;

function toReading(verdict: OutputVerdict): Reading {
  if (verdict.issues === undefined) return { fits: true, value: verdict.value };
  const words = verdict.issues.slice(0, mostNamed).map(wordsFor);
  const more = verdict.issues.length - words.length;
  return { fits: false, problem: `${words.join("; ")}${more > 0 ? `; and ${more} more` : ""}` };
}

type Issue = {
  readonly message?: unknown;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
};

function wordsFor(issue: object): string {
  const { message = "it does not fit", path = [] } = issue as Issue;
  const steps = path.map((step) => String(typeof step === "object" ? step.key : step));
  return steps.length === 0 ? String(message) : `${steps.join(".")}: ${String(message)}`;
}
