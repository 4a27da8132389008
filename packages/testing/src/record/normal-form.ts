import type { ModelRequest } from "@lockstitch/core";

type Json = Readonly<Record<string, unknown>>;

/** A block of a request in its normal form: fields in whatever order, content always as blocks. */
export type NormalBlock = Json & { readonly type: string };

/** A request in the one form in which two of them can be compared. */
export type NormalRequest = Json & {
  readonly messages: readonly { readonly role: string; readonly content: readonly NormalBlock[] }[];
};

/**
 * A request without what may differ although nothing does:
 * - ids of calls, which the loop makes anew where two replies use the same one, become their number in the conversation;
 * - a text alone is a list of one text block, which is how the API reads it;
 * - cache markers are left out: the model never sees them, and a newer version may set others.
 */
export function normalRequest(request: Partial<ModelRequest>): NormalRequest {
  const {
    system,
    tools,
    messages = [],
    cache_control: _,
    ...rest
  } = JSON.parse(JSON.stringify(request)) as Json;
  const nameOf = callNames();
  return {
    ...rest,
    ...(system === undefined ? {} : { system: blocks(system, nameOf) }),
    ...(tools === undefined ? {} : { tools: (tools as readonly Json[]).map(withoutMarker) }),
    messages: (messages as readonly Json[]).map(({ role, content, ...more }) => ({
      ...more,
      role: String(role),
      content: blocks(content, nameOf),
    })),
  };
}

/** Content as blocks in their normal form. */
export function normalContent(content: unknown): readonly NormalBlock[] {
  return blocks(JSON.parse(JSON.stringify(content ?? [])), callNames());
}

type NameOf = (id: unknown) => string;

/** Numbers calls in the order in which they are first met. */
function callNames(): NameOf {
  const names = new Map<unknown, string>();
  return (id) => {
    const name = names.get(id) ?? `call ${names.size + 1}`;
    names.set(id, name);
    return name;
  };
}

function blocks(content: unknown, nameOf: NameOf): readonly NormalBlock[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content.map((item) => block(item as Json, nameOf)) : [];
}

function block(given: Json, nameOf: NameOf): NormalBlock {
  const normal: Record<string, unknown> = { ...withoutMarker(given) };
  if (typeof normal.id === "string" && String(given.type).endsWith("tool_use")) normal.id = nameOf(normal.id);
  if ("tool_use_id" in normal) normal.tool_use_id = nameOf(normal.tool_use_id);
  if (typeof normal.caller === "object" && normal.caller !== null && "tool_id" in normal.caller)
    normal.caller = { ...normal.caller, tool_id: nameOf(normal.caller.tool_id) };
  if (given.type === "tool_result") normal.content = blocks(normal.content ?? [], nameOf);
  return normal as NormalBlock;
}

function withoutMarker({ cache_control: _, ...rest }: Json): Json {
  return rest;
}
