import { follow } from "./follow.js";
import { isRecord, type Schema } from "./record.js";

/**
 * Whether a reference leads back to itself, alone or by way of others, without going down into a value. No value can ever be
 * judged by such a schema. One that leads back by way of a property or an item, such as a tree, is well.
 */
export function hasEndlessReference(root: Schema): boolean {
  const { leadsTo, incoming } = graphOf(root);
  // Whatever nothing leads to is taken away, again and again: only circles, and what is behind them, are left in the end.
  const free = [...leadsTo.keys()].filter((schema) => !incoming.has(schema));
  let left = leadsTo.size;
  for (let schema = free.pop(); schema !== undefined; schema = free.pop()) {
    left -= 1;
    for (const next of leadsTo.get(schema) ?? []) {
      const others = (incoming.get(next) ?? 0) - 1;
      incoming.set(next, others);
      if (others === 0) free.push(next);
    }
  }
  return left > 0;
}

interface Graph {
  /** What each schema applies to the same value as itself. */
  readonly leadsTo: ReadonlyMap<Schema, readonly Schema[]>;
  readonly incoming: Map<Schema, number>;
}

function graphOf(root: Schema): Graph {
  const leadsTo = new Map<Schema, readonly Schema[]>();
  const incoming = new Map<Schema, number>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) for (const each of value) pending.push(each);
    if (!isRecord(value) || leadsTo.has(value)) continue;
    const next = appliedBy(value, root);
    leadsTo.set(value, next);
    for (const schema of next) incoming.set(schema, (incoming.get(schema) ?? 0) + 1);
    for (const each of [...Object.values(value), ...next]) pending.push(each);
  }
  return { leadsTo, incoming };
}

function appliedBy(schema: Schema, root: Schema): readonly Schema[] {
  const { $ref, allOf, anyOf, oneOf, not } = schema;
  const listed = [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const one = [not, schema.if, schema.then, schema.else];
  return [typeof $ref === "string" ? follow($ref, root) : undefined, ...listed, ...one].filter(isRecord);
}
