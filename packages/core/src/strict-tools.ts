import type { ToolDefinition } from "./tool-definition.js";

type Schema = Readonly<Record<string, unknown>>;

/** The limits of what a reply is held to, over all strict tools of a request and its output format. Source: the API's rules for strict tool use. */
const maxTools = 20;
const maxOptional = 24;
const maxUnions = 16;

/**
 * Why the API would refuse these definitions together, though each may be right by itself, and what to do about it; `undefined` if
 * it would not. `format` is the schema of the request's output format, which counts as well.
 */
export function strictProblem(definitions: readonly ToolDefinition[], format?: unknown): string | undefined {
  const strict = definitions.filter((tool) => "strict" in tool && tool.strict === true);
  if (strict.length > maxTools)
    return (
      `${strict.length} tools are strict, and the API takes ${maxTools}. Leave \`strict\` out where a wrong input does little harm: ` +
      "every input is checked against its schema anyway."
    );
  const counts = strict.map((tool) => ({
    name: "name" in tool ? tool.name : "a tool",
    ...countIn("input_schema" in tool ? tool.input_schema : undefined),
  }));
  if (format !== undefined) counts.push({ name: "the output format", ...countIn(format) });
  const tools = strict.length > 0 ? "The strict tools" : "The parts of the output format";
  const who = strict.length > 0 && format !== undefined ? `${tools} and the output format` : tools;
  const orLoosen = strict.length > 0 ? ", or leave `strict` out of some tools" : "";
  const problem = (kind: "optional" | "unions", limit: number, what: string, wayOut: string) => {
    const sum = counts.reduce((total, count) => total + count[kind], 0);
    if (sum <= limit) return undefined;
    const most = counts.reduce((left, right) => (right[kind] > left[kind] ? right : left));
    return `${who} have ${sum} ${what} together, and the API takes ${limit}; most, ${most[kind]}, are in ${most.name}. ${wayOut}${orLoosen}.`;
  };
  return (
    problem("optional", maxOptional, "optional properties", "Make properties required") ??
    problem("unions", maxUnions, "unions, nullable properties among them", "Take one type for a property")
  );
}

/** The keywords of a strict schema under which other schemas stand: one, a list, or one a name. */
const inner: readonly string[] = ["items", "anyOf", "oneOf", "allOf"];
const named: readonly string[] = ["properties", "$defs", "definitions"];

/** Properties that may be left out, and unions, at every depth. */
function countIn(schema: unknown): { readonly optional: number; readonly unions: number } {
  if (!isSchema(schema)) return { optional: 0, unions: 0 };
  const required = Array.isArray(schema.required) ? schema.required : [];
  const below = [
    ...inner.flatMap((keyword) => schema[keyword] ?? []),
    ...named.flatMap((keyword) => (isSchema(schema[keyword]) ? Object.values(schema[keyword]) : [])),
  ].map(countIn);
  const properties = isSchema(schema.properties) ? Object.keys(schema.properties) : [];
  const isUnion = Array.isArray(schema.type) || schema.anyOf !== undefined;
  return below.reduce(
    (sum, count) => ({ optional: sum.optional + count.optional, unions: sum.unions + count.unions }),
    { optional: properties.filter((name) => !required.includes(name)).length, unions: isUnion ? 1 : 0 },
  );
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
