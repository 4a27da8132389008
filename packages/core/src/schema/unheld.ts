import { isDefinition, isSchema, type JsonSchema, partsOf, type SchemaProblem } from "./json-schema.js";
import { follow } from "./reference.js";
import { unheldRule } from "./unheld-rule.js";

/** References may lead on and on, and each is a step deeper into the stack. */
const maxSteps = 500;

/**
 * The first thing in a legal schema that the API can't hold a reply to, be it the input of a strict tool or the form of an answer;
 * `undefined` where it can hold a reply to all of it.
 */
export function findUnheld(root: unknown): SchemaProblem | undefined {
  const whole = isSchema(root) ? root : {};
  /** The schemas on the way here, and those that were looked through already. */
  const open = new Set<unknown>();
  const done = new Set<unknown>();
  const definitions: { readonly schema: unknown; readonly path: string }[] = [];

  const visit = (schema: unknown, path: string): SchemaProblem | undefined => {
    if (open.has(schema))
      return { path, what: "holds itself", wayOut: "Write out as many levels as you need" };
    if (open.size > maxSteps)
      return { path, what: `is nested more than ${maxSteps} levels deep`, wayOut: "Take fewer levels" };
    if (done.has(schema)) return undefined;
    const rule = unheldRule(schema, whole);
    if (rule !== undefined) return { path, ...rule };
    if (!isSchema(schema)) return undefined;
    open.add(schema);
    const problem = within(schema, path);
    open.delete(schema);
    done.add(schema);
    return problem;
  };

  const within = (schema: JsonSchema, path: string): SchemaProblem | undefined => {
    const { $ref } = schema;
    const target = typeof $ref === "string" ? [{ schema: follow($ref, whole), path }] : [];
    const parts = partsOf(schema, path);
    // Only what is used can lead back to itself: a definition is looked at where it is referred to, or in the end.
    definitions.push(...parts.filter(isDefinition));
    return first([...target, ...parts.filter((part) => !isDefinition(part) && !isClosing(part))]);
  };

  const first = (parts: readonly { readonly schema: unknown; readonly path: string }[]) => {
    for (const { schema, path } of parts) {
      const problem = visit(schema, path);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };

  // The list grows on the way: a definition may hold others.
  return visit(root, "") ?? first(definitions);
}

/** `additionalProperties: false` closes an object, where `false` elsewhere means that nothing fits. */
function isClosing({ keyword }: { readonly keyword: string }): boolean {
  return keyword === "additionalProperties";
}
