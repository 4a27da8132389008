import type { Unrepresentable } from "./unrepresentable.js";

/** What one schema of a tree says about itself, in words common to both major versions of zod. */
export interface SchemaNode {
  /** Set where no JSON value can be of this type. */
  readonly unrepresentable?: Unrepresentable | undefined;
  readonly described: boolean;
  /** It holds a check that has no JSON form. */
  readonly refined: boolean;
  readonly children: readonly SchemaChild[];
}

export interface SchemaChild {
  readonly schema: object;
  readonly path: string;
  /** The child is a property of its own, not a wrapped type, an element or an option of the same property. */
  readonly isProperty?: boolean;
}

/** What a walk over the whole tree found. */
export interface Survey {
  /** The first place, in the order of writing, that has no JSON form. */
  readonly offence: { readonly path: string; readonly kind: Unrepresentable } | undefined;
  /** Properties with a check that the model can't see: it has no JSON form, and no description could tell of it. */
  readonly hidden: readonly string[];
  /** Schemas that hold themselves. */
  readonly recursive: ReadonlySet<object>;
}

/** Walks a tree of schemas depth first, each once. `read` says what a schema is and what it holds. */
export function survey(root: object, read: (schema: object, path: string) => SchemaNode): Survey {
  const seen = new Set<object>();
  const open = new Set<object>();
  const recursive = new Set<object>();
  const notes = new Map<string, { described: boolean; refined: boolean }>();
  let offence: Survey["offence"];

  const visit = (schema: object, path: string, owner: string): void => {
    if (open.has(schema)) recursive.add(schema);
    if (seen.has(schema) || offence !== undefined) return;
    seen.add(schema);
    const node = read(schema, path);
    if (node.unrepresentable !== undefined) {
      offence = { path, kind: node.unrepresentable };
      return;
    }
    const note = notes.get(owner);
    notes.set(owner, {
      described: node.described || note?.described === true,
      refined: node.refined || note?.refined === true,
    });
    open.add(schema);
    for (const child of node.children) visit(child.schema, child.path, child.isProperty ? child.path : owner);
    open.delete(schema);
  };
  visit(root, "", "");

  // The tool's own description speaks for the root.
  const hidden = [...notes]
    .filter(([path, note]) => path !== "" && note.refined && !note.described)
    .map(([path]) => path);
  return { offence, hidden, recursive };
}
