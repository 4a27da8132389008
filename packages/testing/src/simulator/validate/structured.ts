import { isJsonSchema, notASchema } from "../json-schema/is-json-schema.js";
import { allSchemas } from "../json-schema/subschemas.js";
import { openedIn } from "./beta-features.js";
import { type Fields, firstRefusal, isFields, type Rule } from "./rule.js";
import { findUnsupported } from "./schema-subset.js";
import { checkFields, nullable, object, oneOf, type Shapes, unknownTag } from "./shape.js";
import { toolsOf } from "./tools.js";

const outputConfig: Shapes = {
  optional: {
    effort: nullable(oneOf("low", "medium", "high", "xhigh", "max")),
    format: nullable(object),
  },
};

export const outputIsWellFormed: Rule = ({ output_config, output_format }, { betas }) =>
  firstRefusal([
    isFields(output_config)
      ? checkFields(output_config, "output_config", outputConfig, openedIn("output_config", betas))
      : undefined,
    isFields(output_config) ? checkFormat(output_config.format, "output_config.format") : undefined,
    checkFormat(output_format, "output_format"),
  ]);

function checkFormat(format: unknown, path: string): string | undefined {
  if (!isFields(format)) return undefined;
  if (format.type === undefined) return `${path}.type: Field required`;
  if (format.type !== "json_schema") return `${path}: ${unknownTag(format.type, ["json_schema"])}`;
  const problem = checkFields(format, path, { required: { type: () => undefined, schema: object } });
  if (problem !== undefined) return problem;
  const found = isJsonSchema(format.schema) ? findUnsupported(format.schema) : notASchema;
  return found && `${path}.schema: ${found}`;
}

export const strictToolsHaveGrammars: Rule = (request) =>
  firstRefusal(
    toolsOf(request).map((tool, index) => {
      const found = tool.strict === true ? findUnsupported(tool.input_schema) : undefined;
      return found && `tools.${index}.custom: ${found}`;
    }),
  );

const maxStrict = 20;
const maxOptional = 24;
const maxUnions = 16;

/** All the schemas that a reply must keep to make up one grammar, and that must not grow too large. */
export const grammarIsSmall: Rule = (request) => {
  const strict = toolsOf(request).filter((tool) => tool.strict === true);
  if (strict.length > maxStrict) {
    return (
      `Too many strict tools (${strict.length}). The maximum number of strict tools supported is ${maxStrict}. ` +
      "Try reducing the number of tools marked as strict."
    );
  }
  const format = ((request.output_config as Fields | undefined)?.format ??
    request.output_format) as Fields | null;
  const schemas = [...strict.map((tool) => tool.input_schema), format?.schema].flatMap(allSchemas);
  const optional = schemas.map(countOptional).reduce((sum, count) => sum + count, 0);
  if (optional > maxOptional) {
    return (
      `Schemas contains too many optional parameters (${optional}), which would make grammar compilation inefficient. ` +
      `Reduce the number of optional parameters in your tool schemas (limit: ${maxOptional}).`
    );
  }
  const unions = schemas.filter(({ type, anyOf }) => Array.isArray(type) || anyOf !== undefined).length;
  return unions > maxUnions
    ? `Schemas contains too many parameters with union types (${unions} parameters with type arrays or anyOf). ` +
        "This causes exponential compilation cost. Reduce the number of nullable or union-typed parameters " +
        `(limit: ${maxUnions} parameters with unions).`
    : undefined;
};

function countOptional({ properties, required }: Fields): number {
  if (!isFields(properties)) return 0;
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.keys(properties).filter((name) => !needed.includes(name)).length;
}
