import type { ModelRequest } from "../claude-function.js";
import { isFields } from "../pure/tool-result/shape.js";

/**
 * A whole request as text: the same for equal requests, whatever the order of their fields. Only cache markers are left out: they change
 * what a prompt costs, and never the answer. They are left out where the API takes them, and nowhere else: a tool's input may have a
 * field of that name.
 */
export function requestText(request: ModelRequest): string {
  const { cache_control: _marker, ...fields } = request as ModelRequest & {
    readonly cache_control?: unknown;
  };
  return stableJson({
    ...fields,
    system: withoutMarkers(fields.system),
    tools: withoutMarkers(fields.tools),
    messages: fields.messages.map((message) => ({ ...message, content: withoutMarkers(message.content) })),
  });
}

/** Of a list of blocks or tools, and of the blocks inside results. Content that is a text becomes a block, as it must to take a marker. */
function withoutMarkers(items: unknown): unknown {
  if (typeof items === "string") return [{ type: "text", text: items }];
  if (!Array.isArray(items)) return items;
  return items.map((item: unknown) => {
    if (!isFields(item)) return item;
    const { cache_control: _marker, ...fields } = item;
    return fields.type === "tool_result" ? { ...fields, content: withoutMarkers(fields.content) } : fields;
  });
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    isFields(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
