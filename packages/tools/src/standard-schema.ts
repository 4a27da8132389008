import type { InputSchema } from "@lockstitch/core";

/**
 * A schema that can check a value: zod 3.25 and 4, zod/mini, and other libraries that follow Standard Schema.
 * Only what is used of it, so that no one version of zod shows in a type that users see.
 * Source: the specifications of Standard Schema and Standard JSON Schema, version 1.
 */
export interface StandardSchema {
  readonly "~standard": {
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated | Promise<Validated>;
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined;
  };
}

/** What a schema makes of a value: the value, with defaults and transforms applied, or what is wrong with it. */
export type Validated =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly object[] };

/** A schema that says by itself what it takes. */
export interface WithJsonSchema {
  readonly "~standard": {
    readonly jsonSchema: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

/**
 * A plain JSON Schema, and the function that checks and types what the model sent. The schema is sent as it is, but for a `$schema` or `$id`
 * at its root, and with a definition that its root refers to in its place. For a strict tool it is said in the API's words.
 */
export interface JsonInput<Value = unknown> {
  /** An object at its root. */
  readonly jsonSchema: InputSchema;
  /** Throws, with words a model can use, where the input is wrong. */
  parse(input: unknown): Value | Promise<Value>;
}

/** Whatever a tool's input can be said with. */
export type AnySchema = StandardSchema | JsonInput;

/** The type of what a schema gives after parsing, with defaults and transforms applied. */
export type OutputOf<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["output"];

export function isJsonInput(schema: object): schema is JsonInput {
  return (
    !("~standard" in schema) &&
    "jsonSchema" in schema &&
    "parse" in schema &&
    typeof schema.parse === "function"
  );
}

/** Stands for the schema of a tool that takes no input. */
export interface NoInput extends StandardSchema {
  readonly "~standard": StandardSchema["~standard"] & {
    readonly types?: { readonly input: unknown; readonly output: Record<string, never> } | undefined;
  };
}
