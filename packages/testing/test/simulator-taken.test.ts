import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import {
  assistant,
  browserState,
  cached,
  expectRefusal,
  type Fields,
  hello,
  history,
  image,
  newest,
  older,
  pixel,
  request,
  result,
  serverResult,
  serverUse,
  text,
  tool,
  use,
  user,
} from "./request-parts.js";

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
      "a turn that was paused twice, the second time with what the tool has found",
      history(assistant(serverUse("srvtoolu_1")), assistant(serverResult("srvtoolu_1"))),
    ],
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

test.each(["", []])("a reply may be begun with nothing (%j) where the model lets one be begun", (content) => {
  const begun = history({ role: "assistant", content });
  expect(refuseMessageRequest({ ...begun, model: "claude-haiku-4-5" }, newest)).toBeUndefined();
  expectRefusal(begun, /prefill/);
  expectRefusal(history({ role: "assistant", content }, hello), /all messages must have non-empty content/);
});
