import type { MessageCreateParams, Tool } from "@anthropic-ai/sdk/resources/messages";
import { asSchema, isRecord, propertiesOf, requiredOf, resolve, type Schema } from "./schema.js";
import { meaningfulStems, stems } from "./words.js";

/** A tool as the demo mind sees it. */
export interface KnownTool {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  readonly parameters: readonly Parameter[];
  /** The stems in its name, without those that every name has. */
  readonly nameStems: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly description: string;
}

/** The tools that the demo mind can call: those with a schema. Tools that the API defines are left alone. */
export function knownTools({ tools = [] }: Pick<MessageCreateParams, "tools">): KnownTool[] {
  return tools.filter((tool): tool is Tool => "input_schema" in tool && isRecord(tool.input_schema)).map(knownTool);
}

function knownTool({ name, description = "", input_schema }: Tool): KnownTool {
  const root = asSchema(input_schema);
  const schema = resolve(root, root);
  const required = requiredOf(schema);
  const parameters = propertiesOf(schema).map(([parameter, inner]): Parameter => {
    const resolved = resolve(inner, root);
    return {
      name: parameter,
      schema: resolved,
      required: required.includes(parameter),
      description: typeof resolved["description"] === "string" ? resolved["description"] : "",
    };
  });
  return { name, description, schema, parameters, nameStems: meaningfulStems(name) };
}

/** Every stem that the tools use of themselves. */
export function vocabularyOf(tools: readonly KnownTool[]): Set<string> {
  return new Set(
    tools.flatMap(({ name, parameters }) => [name, ...parameters.map((parameter) => parameter.name)]).flatMap(stems),
  );
}
