import { describe, test } from "vitest";
import {
  assistant,
  browserState,
  cached,
  expectRefusal,
  hello,
  history,
  image,
  type Row,
  request,
  result,
  serverUse,
  text,
  tool,
  unanswered,
  unexpected,
  unknownTag,
  use,
  user,
} from "./request-parts.js";

describe("the API refuses", () => {
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
