import { messageOf } from "@lockstitch/core";
import { arktypeToJsonSchema, isArktype } from "./arktype.js";
import { withoutMadeAnew } from "./default-value.js";
import { isObject, type JsonSchema } from "./json-schema.js";
import { normalise, withoutZodNoise } from "./normalise.js";
import { type AnySchema, isJsonInput, type WithJsonSchema } from "./standard-schema.js";
import { type SchemaNode, type Survey, survey } from "./survey.js";
import { type Subject, unrepresentable } from "./unrepresentable.js";
import { isZod3, readZod3 } from "./zod-3.js";
import { zod3ToJsonSchema } from "./zod-3-json.js";
import { isZod4, readZod4, zod4ToJsonSchema } from "./zod-4.js";

/**
 * The JSON Schema of what a schema takes, which is left as it was, and the properties with a check that no JSON Schema can say.
 * Throws, naming the property and the way out, where the model could not be told what to send.
 */
export function toJsonSchema(
  about: Subject,
  schema: AnySchema,
): { readonly json: JsonSchema; readonly hidden: readonly string[] } {
  const { json, hidden } = convert(about, schema);
  // What is nested without end, it can't walk through.
  return { json: explained(about, () => normalise(json)), hidden };
}

function convert(
  about: Subject,
  schema: AnySchema,
): { readonly json: JsonSchema; readonly hidden: readonly string[] } {
  if (!isSchema(schema)) throw notASchema(about);
  if (isZod4(schema)) return surveyed(about, schema, readZod4, () => zod4ToJsonSchema(schema));
  if (isZod3(schema))
    return surveyed(about, schema, readZod3, ({ recursive }) => zod3ToJsonSchema(schema, recursive));
  if (isJsonInput(schema)) {
    const json = explained(about, () => copy(schema.jsonSchema));
    if (!isObject(json)) throw notASchema(about);
    return { json, hidden: [] };
  }
  if (isArktype(schema)) return { json: explained(about, () => arktypeToJsonSchema(schema)), hidden: [] };
  if (saysJsonSchema(schema)) {
    const { input } = schema["~standard"].jsonSchema;
    return {
      json: explained(about, () =>
        withoutMadeAnew(() => copy(input({ target: "draft-2020-12" })) as JsonSchema),
      ),
      hidden: [],
    };
  }
  throw notASchema(about);
}

function notASchema(about: Subject): Error {
  return about.error(
    `${about.name} is not a schema that can be described to the model. Make it with zod, e.g. ` +
      "z.object({ location: z.string() }), or with a library that follows Standard JSON Schema (for valibot, " +
      "toStandardJsonSchema(schema) of @valibot/to-json-schema), or give plain JSON Schema: { jsonSchema: { ... }, parse: (input) => ... }.",
  );
}

function surveyed(
  about: Subject,
  schema: object,
  read: (schema: object, path: string) => SchemaNode,
  toJson: (survey: Survey) => JsonSchema,
): { json: JsonSchema; hidden: readonly string[] } {
  const found = explained(about, () => survey(schema, read));
  if (found.offence !== undefined) throw unrepresentable(about, found.offence.path, found.offence.kind);
  return { json: explained(about, () => withoutZodNoise(toJson(found))), hidden: found.hidden };
}

/** Does `work`; what a library throws there becomes an error that names the tool. */
function explained<Result>(about: Subject, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw about.error(
      `${about.name} can't be described to the model, because its schema has no JSON form: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Through text: what holds itself, or is no JSON for another reason, has no copy. */
function copy(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema) ?? "null");
}

/** Some libraries make schemas that are functions. */
function isSchema(schema: unknown): schema is object {
  return (typeof schema === "object" && schema !== null) || typeof schema === "function";
}

function saysJsonSchema(schema: object): schema is WithJsonSchema {
  const standard = "~standard" in schema ? schema["~standard"] : undefined;
  return (
    isObject(standard) && isObject(standard.jsonSchema) && typeof standard.jsonSchema.input === "function"
  );
}
