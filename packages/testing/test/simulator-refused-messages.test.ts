import { describe, test } from "vitest";
import {
  assistant,
  expectRefusal,
  hello,
  history,
  image,
  type Row,
  request,
  result,
  serverResult,
  serverUse,
  text,
  unknownTag,
  use,
  user,
} from "./request-parts.js";

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
    [
      "citations on a text within a result",
      history(
        assistant(use("a")),
        user(result("a", { content: [text("b", { citations: [{ type: "char_location" }] })] })),
      ),
      "messages.2.content.0.tool_result.content.0.text.citations: Extra inputs are not permitted",
    ],
    [
      "citations that are none",
      history(assistant(text("a", { citations: [5] })), hello),
      "messages.1.content.0.text.citations.0: Input should be a valid dictionary",
    ],
    [
      "citations of no kind",
      history(assistant(text("a", { citations: [{}] })), hello),
      "messages.1.content.0.text.citations.0.type: Field required",
    ],
    [
      "a search result without a text",
      history(user({ type: "search_result", source: "a", title: "b", content: [] })),
      "messages.1.content.0.search_result.content: List should have at least 1 item after validation, not 0",
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
      "words put in the model's mouth after a turn of tools that is over",
      history(
        assistant(serverUse("srvtoolu_1"), serverResult("srvtoolu_1"), text("Done")),
        hello,
        assistant(text("Sure, ")),
      ),
      "This model does not support assistant message prefill. The conversation must end with a user message.",
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
});
