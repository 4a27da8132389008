import { isObject } from "./object.js";

/** What a server says of one of its tools, as far as it matters to the model or to what we do with it. */
export interface McpDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** What a server listed as a tool: its definition, or in a sentence why it is none. */
export type Listed =
  | { readonly definition: McpDefinition }
  | { readonly name: string; readonly problem: string };

/** No schema that means something is deeper, and a walk of one that is could run out of stack. */
const deepest = 100;

/** In characters of JSON. No model reads as much of one tool, and to look through it would keep everything else waiting. */
const largest = 1_000_000;

/** Reads what a server listed as a tool, of which nothing is known. What is not as the protocol has it is left out where it can be. */
export function readListed(listed: unknown): Listed {
  const {
    name,
    title,
    description,
    inputSchema = {},
    outputSchema,
    annotations,
  } = isObject(listed) ? listed : {};
  const problem = (words: string): Listed => ({
    name: typeof name === "string" ? name : "a tool",
    problem: words,
  });
  if (typeof name !== "string") return problem("It has no name.");
  if (!isObject(inputSchema)) return problem("Its input schema is no schema.");
  if (isTooDeep([inputSchema, outputSchema]))
    return problem(`Its schema is more than ${deepest} levels deep.`);
  if (JSON.stringify([inputSchema, outputSchema]).length > largest)
    return problem("Its schema is larger than 1 MB.");
  return {
    definition: {
      name,
      inputSchema,
      ...(typeof title === "string" ? { title } : {}),
      ...(typeof description === "string" ? { description } : {}),
      ...(isObject(outputSchema) ? { outputSchema } : {}),
      ...(isObject(annotations) ? { annotations: hintsOf(annotations) } : {}),
    },
  };
}

const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];

/** What the protocol knows of; a server may put anything else beside it, another thing every time. */
function hintsOf(annotations: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const known = Object.entries(annotations).filter(
    ([key, value]) =>
      (key === "title" && typeof value === "string") || (hints.includes(key) && typeof value === "boolean"),
  );
  return Object.fromEntries(known);
}

/** Not by calls within calls: what is too deep for one walk is too deep for this. */
function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((it) => (typeof it === "object" && it !== null ? Object.values(it) : []));
  }
  return false;
}

/** The same text for the same definition, in whatever order a server gives its fields. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === "object" && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}

/** SHA-256 of a definition, in hexadecimal digits. */
export async function hashOf(definition: unknown): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical(definition)));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
