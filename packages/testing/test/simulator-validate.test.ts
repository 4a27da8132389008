import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";

/** The rules are held against the words of the API itself, as its users have quoted them in bug reports. */

const newest = { version: "2026-10-21", betas: [] };
const older = { version: "2023-06-01", betas: [] };

type Fields = Record<string, unknown>;

const user = (...content: unknown[]): Fields => ({ role: "user", content });
const assistant = (...content: unknown[]): Fields => ({ role: "assistant", content });
const text = (words: string, more: Fields = {}): Fields => ({ type: "text", text: words, ...more });
const use = (id: string, more: Fields = {}): Fields => ({
  type: "tool_use",
  id,
  name: "look",
  input: {},
  ...more,
});
const result = (id: string, more: Fields = {}): Fields => ({
  type: "tool_result",
  tool_use_id: id,
  content: "ok",
  ...more,
});
const serverUse = (id: string): Fields => ({
  type: "server_tool_use",
  id,
  name: "web_search",
  input: { query: "x" },
});
const serverResult = (id: string): Fields => ({
  type: "web_search_tool_result",
  tool_use_id: id,
  content: [],
});
const tool = (more: Fields = {}): Fields => ({
  name: "look",
  input_schema: { type: "object", properties: {} },
  ...more,
});
const image = (source: Fields): Fields => ({ type: "image", source });
const browserState = (more: Fields = {}): Fields => ({
  type: "browser_state",
  tabs: [{ tab_id: "1", title: "", url: "https://example.com", active: true }],
  ...more,
});
/** A picture of one pixel. */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const cached = { cache_control: { type: "ephemeral" } };
const hello = user(text("Hello"));

const request = (more: Fields = {}): Fields => ({
  model: "claude-haiku-5-5",
  max_tokens: 100,
  messages: [hello],
  ...more,
});
const history = (...messages: Fields[]): Fields => request({ messages: [hello, ...messages] });

const unanswered = (index: number, ids: string): string =>
  `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. ` +
  "Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
const unexpected = (path: string, id: string): string =>
  `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
  "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.";
const unknownTag = (tag: string): RegExp =>
  new RegExp(`Input tag '${tag}' found using 'type' does not match any of the expected tags: '`);

type Row = [what: string, request: unknown, message: string | RegExp];

describe("the API refuses", () => {
  test.each<Row>([
    ["a body that is no object", "hi", "Input should be a valid dictionary"],
    ["no model", { max_tokens: 1, messages: [hello] }, "model: Field required"],
    ["an empty model", request({ model: "" }), "model: String should have at least 1 character"],
    ["a model that is no text", request({ model: 5 }), "model: Input should be a valid string"],
    ["no max_tokens", { model: "m", messages: [hello] }, "max_tokens: Field required"],
    ["half a token", request({ max_tokens: 1.5 }), "max_tokens: Input should be a valid integer"],
    ["tokens as text", request({ max_tokens: "10" }), "max_tokens: Input should be a valid integer"],
    [
      "less than no tokens",
      request({ max_tokens: -1 }),
      "max_tokens: Input should be greater than or equal to 0",
    ],
    ["a stream of nothing", request({ max_tokens: 0, stream: true }), /^max_tokens: .* when streaming$/],
    ["no messages", { model: "m", max_tokens: 1 }, "messages: Field required"],
    ["an empty list of messages", request({ messages: [] }), "messages: at least one message is required"],
    ["messages that are no list", request({ messages: "hi" }), "messages: Input should be a valid list"],
    ["a field it does not know", request({ maxTokens: 5 }), "maxTokens: Extra inputs are not permitted"],
    ["a field by the name of a method", request({ toString: 5 }), "toString: Extra inputs are not permitted"],
    ["a beta field without a beta", request({ thread: {} }), "thread: Extra inputs are not permitted"],
    [
      "temperature, even at its default",
      request({ temperature: 1 }),
      "temperature: Extra inputs are not permitted",
    ],
    ["top_p", request({ top_p: 1 }), "top_p: Extra inputs are not permitted"],
    ["top_k", request({ top_k: 5 }), "top_k: Extra inputs are not permitted"],
    ["a stream that is no yes or no", request({ stream: "yes" }), "stream: Input should be a valid boolean"],
    [
      "an empty stop sequence",
      request({ stop_sequences: [" "] }),
      /^stop_sequences: each stop sequence must contain/,
    ],
    ["a system prompt that is a number", request({ system: 5 }), "system: Input should be a valid string"],
    [
      "an empty system block",
      request({ system: [text("")] }),
      "system: text content blocks must be non-empty",
    ],
    ["a picture as a system prompt", request({ system: [image({})] }), unknownTag("image")],
    [
      "a service tier of another name",
      request({ service_tier: "gold" }),
      "service_tier: Input should be 'auto' or 'standard_only'",
    ],
  ])("%s", (_, body, message) => expectRefusal(body, message));

  test.each<Row>([
    ["a message that is no object", history("hi" as never), "messages.1: Input should be a valid dictionary"],
    ["a message without a role", history({ content: "hi" }), "messages.1.role: Field required"],
    [
      "a role of another name",
      history({ role: "tool", content: "x" }),
      /^messages.1.role: Input should be 'user'/,
    ],
    ["a message without content", history({ role: "user" }), "messages.1.content: Field required"],
    [
      "a message with more fields",
      history({ role: "user", content: "x", id: "1" }),
      "messages.1.id: Extra inputs are not permitted",
    ],
    [
      "an empty message",
      history({ role: "user", content: "" }),
      /^messages.1: all messages must have non-empty content/,
    ],
    ["a message without blocks", history(user()), /^messages.1: all messages must have non-empty content/],
    [
      "content that is a number",
      history({ role: "user", content: 5 }),
      "messages.1.content: Input should be a valid string",
    ],
    [
      "an assistant who speaks first",
      request({ messages: [assistant(text("Hi")), hello] }),
      'messages: first message must use the "user" role',
    ],
    [
      "words put in the model's mouth",
      history(assistant(text("Sure, "))),
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    ],
  ])("%s", (_, body, message) => expectRefusal(body, message));

  test.each<Row>([
    [
      "a block that is a text",
      history(user("hi")),
      "messages.1.content.0: Input should be a valid dictionary",
    ],
    ["a block without a type", history(user({ text: "hi" })), "messages.1.content.0.type: Field required"],
    ["a block of an unknown type", history(user({ type: "video" })), unknownTag("video")],
    ["an empty text block", history(user(text(""))), "messages: text content blocks must be non-empty"],
    [
      "a blank text block",
      history(user(text(" \n"))),
      "messages: text content blocks must contain non-whitespace text",
    ],
    [
      "an empty text block of the model",
      history(assistant(text("")), hello),
      "messages: text content blocks must be non-empty",
    ],
    [
      "a text block without text",
      history(user({ type: "text" })),
      "messages.1.content.0.text.text: Field required",
    ],
    [
      "a text block with more fields",
      history(user(text("a", { parsed: 1 }))),
      "messages.1.content.0.text.parsed: Extra inputs are not permitted",
    ],
    [
      "citations of a user",
      history(user(text("a", { citations: [{ type: "char_location" }] }))),
      "messages.1.content.0.text.citations: Extra inputs are not permitted",
    ],
    [
      "a document said by the model",
      history(assistant({ type: "document", source: { type: "url", url: "u" } }), hello),
      /`document` blocks are not permitted within assistant turns/,
    ],
    [
      "an image said by the model",
      history(assistant(image({ type: "url", url: "u" })), hello),
      /`image` blocks are not permitted within assistant turns/,
    ],
    [
      "thinking of a user",
      history(user({ type: "thinking", thinking: "a", signature: "b" })),
      unknownTag("thinking"),
    ],
    [
      "thinking without its signature",
      history(assistant({ type: "thinking", thinking: "a" }), hello),
      "messages.1.content.0.thinking.signature: Field required",
    ],
    [
      "a picture of another type",
      history(user(image({ type: "base64", media_type: "image/tiff", data: "aaaa" }))),
      "messages.1.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
    ],
    [
      "an empty picture",
      history(user(image({ type: "base64", media_type: "image/png", data: "" }))),
      "messages.1.content.0.image.source.base64: image cannot be empty",
    ],
    [
      "a picture that is not base64",
      history(user(image({ type: "base64", media_type: "image/png", data: "data:image/png;base64,aa" }))),
      "messages.1.content.0.image.source.base64.data: Invalid base64 data",
    ],
    ["a picture from nowhere", history(user(image({ type: "cloud" }))), unknownTag("cloud")],
    [
      "a picture whose address is missing",
      history(user(image({ type: "url" }))),
      "messages.1.content.0.image.source.url.url: Field required",
    ],
  ])("%s", (_, body, message) => expectRefusal(body, message));

  test.each<Row>([
    ["a call without an answer", history(assistant(use("toolu_1")), hello), unanswered(1, "toolu_1")],
    ["a call at the end", history(assistant(use("toolu_1"))), unanswered(1, "toolu_1")],
    [
      "one of two calls without an answer",
      history(assistant(use("toolu_1"), use("toolu_2")), user(result("toolu_1"))),
      unanswered(1, "toolu_2"),
    ],
    [
      "an answer after a text",
      history(assistant(use("toolu_1")), user(text("Here"), result("toolu_1"))),
      unanswered(1, "toolu_1"),
    ],
    [
      "an answer one message too late",
      history(assistant(use("toolu_1")), hello, user(result("toolu_1"))),
      unanswered(1, "toolu_1"),
    ],
    [
      "answers in two messages",
      history(assistant(use("toolu_1"), use("toolu_2")), user(result("toolu_1")), user(result("toolu_2"))),
      unanswered(1, "toolu_2"),
    ],
    ["an answer to nothing", history(user(result("toolu_9"))), unexpected("messages.1.content.0", "toolu_9")],
    [
      "an answer to another call",
      history(assistant(use("toolu_1")), user(result("toolu_1"), result("toolu_9"))),
      unexpected("messages.2.content.1", "toolu_9"),
    ],
    [
      "two answers to one call",
      history(assistant(use("toolu_1")), user(result("toolu_1"), result("toolu_1"))),
      "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: toolu_1",
    ],
    [
      "two calls with one id",
      history(assistant(use("toolu_1"), use("toolu_1")), user(result("toolu_1"))),
      "messages.1.content.1: `tool_use` ids must be unique",
    ],
    [
      "an id used again later",
      history(
        assistant(use("toolu_1")),
        user(result("toolu_1")),
        assistant(use("toolu_1")),
        user(result("toolu_1")),
      ),
      "messages.3.content.0: `tool_use` ids must be unique",
    ],
    [
      "a person who speaks while a server tool is at work",
      history(assistant(serverUse("srvtoolu_1"), use("toolu_1")), user(result("toolu_1"), text("Hurry"))),
      "messages.1: `web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block",
    ],
    [
      "a call by a user",
      history(user(use("toolu_1"))),
      "messages.1: `tool_use` blocks can only be in `assistant` messages",
    ],
    [
      "an answer by the model",
      history(assistant(result("toolu_1")), hello),
      "messages.1: `tool_result` blocks can only be in `user` messages",
    ],
    [
      "a call with an odd id",
      history(assistant(use("to:1")), user(result("to:1"))),
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    [
      "a call whose input is text",
      history(assistant(use("toolu_1", { input: "{}" })), user(result("toolu_1"))),
      "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
    ],
    [
      "an answer that is an object",
      history(assistant(use("toolu_1")), user(result("toolu_1", { content: {} }))),
      "messages.2.content.0.tool_result.content: Input should be a valid list",
    ],
    [
      "an answer with an empty text",
      history(assistant(use("toolu_1")), user(result("toolu_1", { content: [text("")] }))),
      "messages: text content blocks must be non-empty",
    ],
    [
      "a failure that says nothing",
      history(assistant(use("toolu_1")), user(result("toolu_1", { content: "", is_error: true }))),
      "messages.2.content.0.tool_result: content cannot be empty if `is_error` is true",
    ],
    [
      "an answer with a bad picture",
      history(
        assistant(use("toolu_1")),
        user(result("toolu_1", { content: [image({ type: "base64", media_type: "image/png", data: "" })] })),
      ),
      "messages.2.content.0.tool_result.content.0.image.source.base64: image cannot be empty",
    ],
    [
      "a browser's state without its tabs",
      history(assistant(use("a")), user(result("a", { content: [{ type: "browser_state" }] }))),
      "messages.2.content.0.tool_result.content.0.browser_state.tabs: Field required",
    ],
    [
      "a browser's state whose tabs are no list",
      history(assistant(use("a")), user(result("a", { content: [browserState({ tabs: {} })] }))),
      "messages.2.content.0.tool_result.content.0.browser_state.tabs: Input should be a valid list",
    ],
    [
      "a browser's state whose changes are texts",
      history(assistant(use("a")), user(result("a", { content: [browserState({ state_changes: ["x"] })] }))),
      "messages.2.content.0.tool_result.content.0.browser_state.state_changes.0: Input should be a valid dictionary",
    ],
    [
      "a browser's state with a field that there is not",
      history(assistant(use("a")), user(result("a", { content: [browserState({ windows: [] })] }))),
      "messages.2.content.0.tool_result.content.0.browser_state.windows: Extra inputs are not permitted",
    ],
    ["a browser's state outside a result", history(user(browserState())), unknownTag("browser_state")],
  ])("%s", (_, body, message) => expectRefusal(body, message));

  test.each<Row>([
    [
      "a tool with a space in its name",
      tool({ name: "a b" }),
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
    ],
    [
      "a tool with a name of 65 letters",
      tool({ name: "a".repeat(65) }),
      /tools.0.custom.name: String should match pattern/,
    ],
    ["a tool without a name", { input_schema: { type: "object" } }, "tools.0.custom.name: Field required"],
    ["a tool without a schema", { name: "look" }, "tools.0.custom.input_schema: Field required"],
    [
      "a schema without a type",
      tool({ input_schema: {} }),
      "tools.0.custom.input_schema.type: Field required",
    ],
    [
      "a schema of a text",
      tool({ input_schema: { type: "string" } }),
      "tools.0.custom.input_schema.type: Input should be 'object'",
    ],
    [
      "a schema that is a union",
      tool({ input_schema: { type: "object", anyOf: [] } }),
      "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level",
    ],
    [
      "a schema whose properties are a list",
      tool({ input_schema: { type: "object", properties: [] } }),
      /JSON schema is invalid/,
    ],
    [
      "a tool with a run function's trace",
      tool({ run: null }),
      "tools.0.custom.run: Extra inputs are not permitted",
    ],
    [
      "a description that is no text",
      tool({ description: 5 }),
      "tools.0.custom.description: Input should be a valid string",
    ],
  ])("%s", (_, broken, message) => expectRefusal(request({ tools: [broken] }), message));

  test.each<Row>([
    ["two tools of one name", request({ tools: [tool(), tool()] }), "tools: Tool names must be unique."],
    ["tools that are no list", request({ tools: {} }), "tools: Input should be a valid list"],
    [
      "a choice of another kind",
      request({ tools: [tool()], tool_choice: { type: "some" } }),
      unknownTag("some"),
    ],
    [
      "a choice as a text",
      request({ tools: [tool()], tool_choice: "auto" }),
      "tool_choice: Input should be a valid dictionary",
    ],
    [
      "a choice without tools",
      request({ tool_choice: { type: "any" } }),
      "tool_choice: tool_choice may only be specified while providing tools",
    ],
    [
      "a choice of no tool",
      request({ tools: [tool()], tool_choice: { type: "tool" } }),
      "tool_choice.tool.name: Field required",
    ],
    [
      "a choice of a tool that is not there",
      request({ tools: [tool()], tool_choice: { type: "tool", name: "x" } }),
      "tool_choice: Tool 'x' not found in provided tools",
    ],
    [
      "five cache markers",
      request({
        system: [text("a", cached)],
        tools: [tool(cached)],
        messages: [user(text("a", cached), text("b", cached), text("c", cached))],
      }),
      "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ],
    [
      "four cache markers and one on the request",
      request({ ...cached, messages: [user(...["a", "b", "c", "d"].map((words) => text(words, cached)))] }),
      "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ],
    [
      "a marker on an empty text",
      history(user(text("", cached))),
      "messages.1.content.0.text: cache_control cannot be set for empty text blocks",
    ],
    [
      "a marker on thinking",
      history(assistant({ type: "thinking", thinking: "a", signature: "b", ...cached }), hello),
      "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
    ],
    ["a marker of another kind", request({ cache_control: { type: "forever" } }), unknownTag("forever")],
    [
      "a marker of another life",
      request({ cache_control: { type: "ephemeral", ttl: "2h" } }),
      "cache_control.ttl: Input should be '5m' or '1h'",
    ],
    [
      "a long marker after a short one",
      request({
        tools: [tool(cached)],
        system: [text("a", { cache_control: { type: "ephemeral", ttl: "1h" } })],
      }),
      /^system.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m'/,
    ],
  ])("%s", (_, body, message) => expectRefusal(body, message));
});

describe("the API takes", () => {
  test.each<[what: string, request: Fields]>([
    ["a plain question", request()],
    ["a question as a text", request({ messages: [{ role: "user", content: "Hello" }] })],
    ["several messages of one person", history(hello, hello)],
    [
      "a call and its answer",
      history(assistant(text("Let me look."), use("toolu_1")), user(result("toolu_1"))),
    ],
    [
      "answers in another order, and a text after them",
      history(assistant(use("a"), use("b")), user(result("b"), result("a"), text("Go on"))),
    ],
    [
      "an answer without content",
      history(assistant(use("a")), user({ type: "tool_result", tool_use_id: "a" })),
    ],
    [
      "an answer with pictures",
      history(
        assistant(use("a")),
        user(
          result("a", {
            content: [text("x"), image({ type: "base64", media_type: "image/png", data: pixel })],
          }),
        ),
      ),
    ],
    [
      "an answer with a browser's state",
      history(
        assistant(use("a"), use("b")),
        user(
          result("a", { content: [browserState(), browserState({ tabs: [], state_changes: null })] }),
          result("b", {
            content: [browserState({ state_changes: [{ type: "tab_opened", tab_id: "1" }], ...cached })],
          }),
        ),
      ),
    ],
    ["a turn that was paused, sent back as it is", history(assistant(serverUse("srvtoolu_1")))],
    [
      "a paused turn that went on",
      history(assistant(serverUse("srvtoolu_1")), assistant(serverResult("srvtoolu_1"), text("Done")), hello),
    ],
    [
      "results alone after a pending server tool",
      history(assistant(serverUse("srvtoolu_1"), use("a")), user(result("a"))),
    ],
    [
      "blocks that it made itself, whatever they are",
      history(assistant({ type: "something_new", data: 1 }), hello),
    ],
    ["a blank the model said", history(assistant(text(" "), use("a")), user(result("a")))],
    [
      "what a response holds, unchanged",
      history(
        assistant(text("x", { citations: null }), use("a", { caller: { type: "direct" } })),
        user(result("a")),
      ),
    ],
    [
      "a system message on the way",
      history({ role: "system", content: "The date is now known." }, assistant(text("I see.")), hello),
    ],
    [
      "four markers, long before short",
      request({
        tools: [tool({ cache_control: { type: "ephemeral", ttl: "1h" } })],
        system: [text("a", cached)],
        messages: [user(text("a", cached), text("b", cached))],
      }),
    ],
    [
      "its own tools beside ours",
      request({ tools: [tool(), { type: "web_search_20260318", name: "web_search" }] }),
    ],
    [
      "a tool by the name of a method",
      request({ tools: [tool({ name: "constructor" })], tool_choice: { type: "tool", name: "constructor" } }),
    ],
    ["a request that only fills the cache", request({ max_tokens: 0 })],
    ["null where a field may be empty", request({ cache_control: null, speed: null, inference_geo: null })],
  ])("%s", (_, body) => {
    expect(refuseMessageRequest(body, newest)).toBeUndefined();
  });

  test("temperature and a user's citations under the older version", () => {
    const old = {
      ...history(user(text("a", { citations: [{ type: "char_location" }] }))),
      model: "claude-haiku-4-5",
      temperature: 0.5,
    };
    expect(refuseMessageRequest(old, older)).toBeUndefined();
  });

  test("the fields of a beta where a beta is named", () => {
    const named = { version: "2026-10-21", betas: ["message-threads-2026-08-12"] };
    expect(refuseMessageRequest(request({ thread: {} }), named)).toBeUndefined();
    expect(refuseMessageRequest(request({ treadmill: {} }), named)).toBe(
      "treadmill: Extra inputs are not permitted",
    );
  });

  test("a prefill by a model that still does", () => {
    const prefilled = history(assistant(text("{")));
    expect(
      refuseMessageRequest({ ...prefilled, model: "claude-haiku-4-5-20251001" }, newest),
    ).toBeUndefined();
    expect(refuseMessageRequest({ ...prefilled, model: "claude-sonnet-4-6" }, newest)).toMatch(/prefill/);
  });
});

describe("a schema is looked at all the way down", () => {
  const property = (value: unknown): Fields => ({ properties: { place: { properties: { x: value } } } });
  const withSchema = (more: Fields): Fields =>
    request({ tools: [tool({ input_schema: { type: "object", ...more } })] });
  const refusal =
    /^tools\.0\.custom\.input_schema: JSON schema is invalid\. It must match JSON Schema draft 2020-12/;

  test.each<[what: string, schema: Fields]>([
    ["a property that is a text", property("number")],
    ["a type that there is not", property({ type: "strng" })],
    ["a type that is a number", property({ type: 5 })],
    ["no type out of a list", property({ type: [] })],
    ["the same type twice", property({ type: ["string", "string"] })],
    ["an enum that is no list", property({ enum: "a" })],
    ["items in a list, as drafts before had it", property({ type: "array", items: [{ type: "string" }] })],
    ["a property that says of itself that it is required", property({ type: "string", required: true })],
    ["a union that is no list", property({ anyOf: {} })],
    ["a union of nothing", property({ anyOf: [] })],
    ["a union of texts", property({ anyOf: ["string"] })],
    ["a length below zero", property({ type: "string", minLength: -1 })],
    ["a bound that is a boolean, as drafts before had it", property({ minimum: 1, exclusiveMinimum: true })],
    ["a multiple of zero", property({ multipleOf: 0 })],
    ["a pattern that is no text", property({ pattern: 5 })],
    ["a description that is no text", property({ description: ["x"] })],
    ["definitions in a list", { $defs: [] }],
    ["a definition that is none", { $defs: { place: 5 } }],
    ["a reference that is a number", property({ $ref: 5 })],
    ["a name required twice", { required: ["x", "x"] }],
    ["dependencies on what is neither a schema nor names", { dependencies: { x: [1] } }],
    ["additional properties that are a text", { additionalProperties: "no" }],
  ])("%s", (_, schema) => {
    expectRefusal(withSchema(schema), refusal);
  });

  test.each<[what: string, level: (inner: unknown) => unknown]>([
    ["schemas", (inner) => ({ type: "array", items: inner })],
    ["values", (inner) => ({ default: [inner] })],
  ])("but not without end: %s of 50,000 levels are refused", (_, level) => {
    let deep: unknown = {};
    for (let count = 0; count < 50_000; count++) deep = level(deep);
    expectRefusal(withSchema({ properties: { deep } }), refusal);
    expectRefusal(
      request({ output_config: { format: { type: "json_schema", schema: { properties: { deep } } } } }),
      /^output_config\.format\.schema: JSON schema is invalid/,
    );
  });

  test.each(["größe", "a b", "", "$x", "x".repeat(65)])("a parameter can't be named %j", (key) => {
    expectRefusal(
      withSchema({ properties: { [key]: {} } }),
      "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'",
    );
  });

  test("all that the draft knows is taken, and what it does not know", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://example.com/place",
      $defs: { place: { $anchor: "place", type: ["string", "null"], minLength: 0 } },
      definitions: { old: true },
      properties: {
        "a.b-c_D1": { $ref: "#/$defs/place", description: "Where", default: [{ deep: null }], examples: [1] },
        pair: {
          type: "array",
          prefixItems: [{ const: 1 }, {}],
          items: false,
          uniqueItems: true,
          maxItems: 2,
        },
        rate: { type: "number", exclusiveMinimum: 0, maximum: 1.5, multipleOf: 0.1, format: "double" },
        either: { anyOf: [{ enum: ["a", null, 1] }, { not: {} }], title: "Either", deprecated: false },
        map: {
          type: "object",
          properties: { größe: {} },
          patternProperties: { "^x": {} },
          propertyNames: {},
        },
        unset: { description: undefined },
      },
      required: ["pair"],
      dependentRequired: { pair: ["rate"] },
      dependencies: { rate: ["pair"], map: { required: ["rate"] } },
      if: { required: ["rate"] },
      additionalProperties: false,
      "x-order": 5,
    };
    expect(refuseMessageRequest(withSchema(schema), newest)).toBeUndefined();
  });
});

describe("a beta", () => {
  const naming = (...betas: string[]): typeof newest => ({ version: "2026-10-21", betas: betas as never });

  test("that the API never had is refused, however many others are named", () => {
    expect(refuseMessageRequest(request(), naming("context-1m-2025-08-07", "foo-2030-01-01"))).toBe(
      "Unexpected value(s) `foo-2030-01-01` for the `anthropic-beta` header. " +
        "Please consult our documentation at docs.claude.com or try again without the header.",
    );
  });

  test("that is in general use by now is still taken", () => {
    expect(refuseMessageRequest(request(), naming("prompt-caching-2024-07-31"))).toBeUndefined();
  });
});

describe("fields within fields", () => {
  const scoped = { cache_control: { type: "ephemeral", scope: "global" } };
  const search = { type: "web_search_20260318", name: "web_search" };
  const located = (more: Fields): Fields =>
    request({ tools: [{ ...search, user_location: { type: "approximate", city: "Oslo", ...more } }] });
  const called = (caller: Fields): Fields => history(assistant(use("a", { caller })), user(result("a")));
  const extra = "Extra inputs are not permitted";

  test.each<[what: string, body: Fields, message: string]>([
    [
      "a text's marker",
      request({ messages: [user(text("x", scoped))] }),
      `messages.0.content.0.cache_control.scope: ${extra}`,
    ],
    ["a tool's marker", request({ tools: [tool(scoped)] }), `tools.0.cache_control.scope: ${extra}`],
    ["a request's marker", request(scoped), `cache_control.scope: ${extra}`],
    ["a place", located({ street: "x" }), `tools.0.web_search_20260318.user_location.street: ${extra}`],
    [
      "a caller",
      called({ type: "direct", why: "x" }),
      `messages.1.content.0.tool_use.caller.direct.why: ${extra}`,
    ],
  ])("are known, too: %s", (_, body, message) => {
    expectRefusal(body, message);
    const named = { version: "2026-10-21", betas: ["fast-mode-2026-02-01"] as never };
    expect(refuseMessageRequest(body, named)).toBeUndefined();
  });

  test("are taken where they are known", () => {
    expect(refuseMessageRequest(located({ region: null }), newest)).toBeUndefined();
    expect(refuseMessageRequest(called({ type: "direct" }), newest)).toBeUndefined();
  });
});

test.each(["", []])("a reply may be begun with nothing (%j) where the model lets one be begun", (content) => {
  const begun = history({ role: "assistant", content });
  expect(refuseMessageRequest({ ...begun, model: "claude-haiku-4-5" }, newest)).toBeUndefined();
  expectRefusal(begun, /prefill/);
  expectRefusal(history({ role: "assistant", content }, hello), /all messages must have non-empty content/);
});

function expectRefusal(body: unknown, message: string | RegExp): void {
  const refusal = refuseMessageRequest(body, newest);
  if (typeof message === "string") expect(refusal).toBe(message);
  else expect(refusal).toMatch(message);
}
