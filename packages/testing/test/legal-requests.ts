import { pdfBytes } from "./pdfs.js";
import { pictureBytes } from "./pictures.js";

/** Requests that the API takes, to be changed in one place. */
export type Fields = Record<string, unknown>;

export const text = (words: string, more: Fields = {}): Fields => ({ type: "text", text: words, ...more });

export const picture = (mediaType: string, width: number, height: number): Fields => ({
  type: "image",
  source: {
    type: "base64",
    media_type: mediaType,
    data: pictureBytes(mediaType, width, height).toString("base64"),
  },
});

/** A schema that allows nothing but what it names. */
export const closed = (
  properties: Record<string, Fields>,
  required: readonly string[] = Object.keys(properties),
): Fields => ({ type: "object", properties, required, additionalProperties: false });

export const strictTool = (name: string, more: Fields = {}): Fields => ({
  name,
  strict: true,
  input_schema: closed({ city: { type: "string" } }),
  ...more,
});

export const serverUse = (id: string, name: string): Fields => ({
  type: "server_tool_use",
  id,
  name,
  input: {},
});

const pdf = pdfBytes().toString("base64");
const signature = Buffer.from("signed elsewhere").toString("base64");

/** A conversation with a bit of everything, on a model that takes nearly all of it. */
export const plain: Fields = {
  model: "claude-opus-5",
  max_tokens: 4_096,
  system: [text("Be brief.")],
  metadata: { user_id: "someone" },
  stop_sequences: ["END"],
  service_tier: "auto",
  tool_choice: { type: "auto" },
  tools: [
    { ...strictTool("weather"), description: "Tells the weather." },
    { name: "rare", input_schema: { type: "object" }, defer_loading: true },
    { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
    { type: "web_search_20250305", name: "web_search", max_uses: 2, allowed_domains: ["example.com"] },
  ],
  messages: [
    {
      role: "user",
      content: [
        picture("image/png", 10, 10),
        { type: "document", source: { type: "base64", media_type: "application/pdf", data: pdf } },
        { type: "document", source: { type: "content", content: [text("a")] } },
        text("What is the weather in Oslo?"),
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "I must look.", signature },
        serverUse("srvtoolu_1", "web_search"),
        { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
        { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Oslo" } },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          content: [
            text("Rain."),
            picture("image/jpeg", 10, 10),
            { type: "tool_reference", tool_name: "rare" },
          ],
        },
        text("And tomorrow?"),
      ],
    },
    { role: "system", content: [text("It is Monday.")] },
    { role: "assistant", content: [text("Sun.")] },
    {
      role: "user",
      content: [
        {
          type: "search_result",
          source: "a",
          title: "b",
          content: [text("c")],
          citations: { enabled: true },
        },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        text("Thanks."),
      ],
    },
  ],
};

/** Code that waits, in its container, for the result of a call that it has made. */
export const programmatic: Fields = {
  model: "claude-sonnet-5",
  max_tokens: 1_000,
  container: "container_1",
  tools: [
    { type: "code_execution_20260120", name: "code_execution" },
    { name: "rows", input_schema: { type: "object" }, allowed_callers: ["code_execution_20260120"] },
  ],
  messages: [
    { role: "user", content: "How many?" },
    {
      role: "assistant",
      content: [
        serverUse("srvtoolu_1", "code_execution"),
        {
          type: "tool_use",
          id: "toolu_1",
          name: "rows",
          input: {},
          caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" },
        },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "3" }] },
  ],
};

/** Manual thinking in the middle of a turn, on a model that still has it. */
export const manual: Fields = {
  model: "claude-haiku-4-5",
  max_tokens: 4_096,
  thinking: { type: "enabled", budget_tokens: 2_048 },
  tools: [{ name: "weather", input_schema: { type: "object" } }],
  messages: [
    { role: "user", content: "The weather in Oslo?" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "", signature },
        { type: "tool_use", id: "toolu_1", name: "weather", input: {} },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "Rain." }] },
  ],
};

/** An answer in a given form. */
export const structured: Fields = {
  model: "claude-sonnet-5-5",
  max_tokens: 1_000,
  thinking: { type: "adaptive", display: "summarized" },
  tools: [strictTool("weather")],
  output_config: {
    effort: "high",
    format: {
      type: "json_schema",
      schema: {
        ...closed(
          {
            name: { type: "string", format: "email" },
            age: { type: "integer" },
            tags: { type: "array", items: { type: "string" }, minItems: 1 },
            owner: { $ref: "#/$defs/owner" },
            either: { anyOf: [{ type: "string" }, { type: "null" }] },
          },
          ["name"],
        ),
        $defs: { owner: closed({ name: { type: "string" } }) },
      },
    },
  },
  messages: [
    {
      role: "user",
      content: [
        { type: "document", source: { type: "text", media_type: "text/plain", data: "Ann, 5" } },
        text("Who is it?"),
      ],
    },
  ],
};

/** What older versions and models take: sampling parameters and words put into the model's mouth. */
export const aged: Fields = {
  model: "claude-haiku-4-5",
  max_tokens: 1_000,
  temperature: 0.5,
  top_k: 5,
  messages: [
    { role: "user", content: "Give me JSON." },
    { role: "assistant", content: "{" },
  ],
};
