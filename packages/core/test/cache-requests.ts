import fc from "fast-check";
import type { ModelRequest } from "../src/claude-function.js";

/** Requests of every shape, with and without markers of the caller's own, and how to look at markers. */
type Json = Readonly<Record<string, unknown>>;

const marker = (ttl: "5m" | "1h") => ({ type: "ephemeral", ...(ttl === "5m" ? {} : { ttl }) });

/** A request without any marker, and every content as blocks: what the model sees of it. */
export function unmarked(request: ModelRequest): unknown {
  const { system, messages, ...rest } = request;
  const seen = {
    ...rest,
    ...(system === undefined ? {} : { system: asBlocks(system) }),
    messages: messages.map((message) => ({ ...message, content: asBlocks(message.content) })),
  };
  return JSON.parse(JSON.stringify(seen, (name, value) => (name === "cache_control" ? undefined : value)));
}

function asBlocks(content: unknown): unknown {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** Where a request's markers are and how long each lives, e.g. `messages.2.0 5m`. */
export function markersIn(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    name === "cache_control"
      ? item
        ? [`${path === "" ? "request" : path} ${(item as { ttl?: string }).ttl ?? "5m"}`]
        : []
      : markersIn(item, name === "content" ? path : path === "" ? name : `${path}.${name}`),
  );
}

export function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

const words = fc.constantFrom("Yes.", "Look.", "A longer answer, in a few words.");
const text = words.map((said): Json => ({ type: "text", text: said }));
const image = fc.constant<Json>({ type: "image", source: { type: "url", url: "https://example.com/a.png" } });
const thinking = fc.constantFrom<Json>(
  { type: "thinking", thinking: "", signature: "c2ln" },
  { type: "redacted_thinking", data: "c2ln" },
);
const said = fc.oneof(words, fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }));
const result = fc.oneof(words, fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 2 }));

interface Turn {
  readonly said: unknown;
  readonly told: boolean;
  readonly steps: readonly { readonly before: readonly Json[]; readonly results: readonly unknown[] }[];
  readonly after: readonly Json[];
}

const before = fc.tuple(fc.array(thinking, { maxLength: 2 }), fc.array(text, { maxLength: 1 }));
const step = fc.record({
  before: before.map((blocks) => blocks.flat()),
  results: fc.array(result, { minLength: 1, maxLength: 14 }),
});
const turn: fc.Arbitrary<Turn> = fc.record({
  said,
  told: fc.boolean(),
  steps: fc.array(step, { maxLength: 3 }),
  // A blank text is the assistant's own, and taken back.
  after: fc.array(fc.oneof(text, fc.constant<Json>({ type: "text", text: " " })), {
    minLength: 1,
    maxLength: 2,
  }),
});

/** As far as the last question: what a person said, results, a system message, or a reply that the API broke off. */
function history(turns: readonly Turn[], end: "said" | "results" | "paused"): readonly Json[] {
  let calls = 0;
  const messages = turns.flatMap(({ said: content, told, steps, after }, at): readonly Json[] => {
    const isLast = at === turns.length - 1;
    const worked = steps.flatMap(({ before: begin, results }): readonly Json[] => {
      const ids = results.map(() => `toolu_${++calls}`);
      return [
        {
          role: "assistant",
          content: [...begin, ...ids.map((id) => ({ type: "tool_use", id, name: "work", input: {} }))],
        },
        {
          role: "user",
          content: results.map((answer, index) => ({
            type: "tool_result",
            tool_use_id: ids[index],
            content: answer,
          })),
        },
      ];
    });
    const begun: Json[] = [
      { role: "user", content },
      ...(told ? [{ role: "system", content: "It is Monday." }] : []),
    ];
    if (!isLast) return [...begun, ...worked, { role: "assistant", content: after }];
    return end === "said" ? begun : [...begun, ...worked];
  });
  if (end !== "paused") return messages;
  const use = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
  return [...messages, { role: "assistant", content: [{ type: "text", text: "I search." }, use] }];
}

const custom = (name: string, more: object = {}): Json => ({
  name,
  input_schema: { type: "object" },
  ...more,
});
const search: Json = { type: "web_search_20250305", name: "web_search" };
const tools = fc
  .array(fc.boolean(), { maxLength: 3 })
  .map((deferred): readonly Json[] => [
    custom("work"),
    search,
    ...deferred.map((defer_loading, index) => custom(`rare_${index}`, { defer_loading })),
  ]);

const system = fc.oneof(fc.constant(undefined), words, fc.array(text, { minLength: 1, maxLength: 3 }));

/**
 * Requests that the API takes. Of their `own` markers the first live for an hour and the others for five minutes, as it wants it;
 * in messages there may be more of them than it takes.
 */
export const requests: fc.Arbitrary<ModelRequest> = requestsWith((nth, hours) => nth < hours);

/** The same, but for the order, which the API would refuse. */
export const shuffledRequests: fc.Arbitrary<ModelRequest> = requestsWith((nth) => nth % 2 === 1);

function requestsWith(isLong: (nth: number, hours: number) => boolean): fc.Arbitrary<ModelRequest> {
  return fc
    .record({
      turns: fc.array(turn, { minLength: 1, maxLength: 4 }),
      end: fc.constantFrom("said", "results", "paused"),
      tools,
      system,
      automatic: fc.boolean(),
      own: fc.array(fc.boolean(), { maxLength: 40 }),
      hours: fc.nat(5),
    })
    .map(({ turns, end, own, hours, automatic, ...prefix }) => {
      let met = 0;
      let prefixMarkers = automatic ? 1 : 0;
      let marked = 0;
      const mark = (block: Json, most: () => boolean): Json => {
        if (own[met++] !== true || !most() || block.defer_loading === true) return block;
        if (String(block.type).includes("thinking") || block.text === " ") return block;
        return { ...block, cache_control: marker(isLong(marked++, hours) ? "1h" : "5m") };
      };
      const few = () => ++prefixMarkers <= 4;
      const inContent = (content: unknown): unknown =>
        Array.isArray(content)
          ? content.map((block: Json) =>
              mark("content" in block ? { ...block, content: inContent(block.content) } : block, () => true),
            )
          : content;
      const markedTools = prefix.tools.map((tool) => mark(tool, few));
      const markedSystem = Array.isArray(prefix.system)
        ? prefix.system.map((block: Json) => mark(block, few))
        : prefix.system;
      const messages = history(turns, end).map((message) => ({
        ...message,
        content: inContent(message.content),
      }));
      return {
        model: "claude-opus-5",
        max_tokens: 1_000,
        tools: markedTools,
        ...(markedSystem === undefined ? {} : { system: markedSystem }),
        ...(automatic ? { cache_control: marker(isLong(marked, hours) ? "1h" : "5m") } : {}),
        messages,
      } as unknown as ModelRequest;
    });
}
