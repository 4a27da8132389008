import { follow } from "./follow.js";
import { isRecord, type Schema } from "./record.js";
import { allSchemas, appliedParts } from "./subschemas.js";

/** A schema on a way through others, and the reference that led to it if it was one. */
interface Step {
  readonly schema: Schema;
  readonly reference?: string;
}

/** The names of the references by which a schema leads back to itself, the first of them at the end once more, if any does. */
export function findCircle(root: Schema): readonly string[] | undefined {
  const cleared = new Set<Schema>();
  for (const start of allSchemas(root)) {
    const circle = circleFrom(start, root, cleared);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/**
 * `cleared` are the schemas that lead to no circle: each is followed once, however many lead to it. The way is a list and no
 * call within a call: one definition may lead to the next for many thousand of them.
 */
function circleFrom(start: Schema, root: Schema, cleared: Set<Schema>): readonly string[] | undefined {
  if (cleared.has(start)) return undefined;
  const way: Step[] = [];
  const ahead = new Map<Schema, Step[]>();
  const enter = (step: Step): void => {
    way.push(step);
    ahead.set(step.schema, stepsFrom(step.schema, root).reverse());
  };
  enter({ schema: start });
  for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
    const next = ahead.get(here.schema)?.pop();
    if (next === undefined) {
      cleared.add(here.schema);
      ahead.delete(here.schema);
      way.pop();
    } else if (ahead.has(next.schema)) {
      const first = way.findIndex(({ schema }) => schema === next.schema);
      return namesOf(next, [...way.slice(first + 1), next]);
    } else if (!cleared.has(next.schema)) enter(next);
  }
  return undefined;
}

function stepsFrom(schema: Schema, root: Schema): Step[] {
  const { $ref } = schema;
  const target = typeof $ref === "string" ? follow($ref, root) : undefined;
  const parts = appliedParts(schema).map((part): Step => ({ schema: part }));
  return isRecord(target) ? [...parts, { schema: target, reference: String($ref) }] : parts;
}

/** Only a reference can lead back, so that the last step is one. */
function namesOf(last: Step, circle: readonly Step[]): readonly string[] {
  return [last, ...circle].flatMap(({ reference }) => (reference === undefined ? [] : [nameOf(reference)]));
}

/** A definition by its name alone, as people speak of it; any other place in full. */
function nameOf(reference: string): string {
  return /^#\/(?:\$defs|definitions)\/([^/]*)$/.exec(reference)?.[1] ?? reference;
}
