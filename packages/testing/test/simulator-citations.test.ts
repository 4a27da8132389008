import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import {
  assistant,
  expectRefusal,
  type Fields,
  hello,
  history,
  image,
  newest,
  pixel,
  request,
  result,
  text,
  tool,
  use,
  user,
} from "./request-parts.js";

const cited = { citations: { enabled: true } };
const uncited = { citations: { enabled: false } };
const document = (more: Fields = {}): Fields => ({
  type: "document",
  source: { type: "text", media_type: "text/plain", data: "a" },
  ...more,
});
const found = (more: Fields = {}): Fields => ({
  type: "search_result",
  source: "a",
  title: "b",
  content: [text("c")],
  ...more,
});
const makers = { document, search_result: found };
/** Said by a person, with the result of a call after it. */
const returning = (said: readonly Fields[], ...content: Fields[]): Fields =>
  history(user(...said, text("a")), assistant(use("a")), user(result("a", { content })));
const said = (...blocks: Fields[]): Fields => history(user(...blocks));
const taken = (body: Fields): void => expect(refuseMessageRequest(body, newest)).toBeUndefined();

describe.each([
  ["document", "documents"],
  ["search_result", "search results"],
] as const)("each %s of a request", (type, plural) => {
  const make = makers[type];
  const words = `citations must be enabled on all or none of the ${plural} in a request`;

  test("may be cited, and none may be", () => {
    taken(said(make(cited), make(cited)));
    taken(said(make(), make(uncited), make({ citations: null }), make({ citations: {} })));
    taken(returning([make(cited)], make(cited)));
    taken(returning([make()], make(uncited)));
  });

  test("is cited as the first is, or the request is refused by the place of the odd one", () => {
    expectRefusal(said(make(cited), make()), `messages.1.content.1.${type}.citations: ${words}`);
    expectRefusal(said(make(uncited), make(cited)), `messages.1.content.1.${type}.citations: ${words}`);
    expectRefusal(
      history(user(make(cited)), assistant(text("a")), user(make(cited), make({ citations: {} }))),
      `messages.3.content.1.${type}.citations: ${words}`,
    );
  });

  test("is cited alike inside tool results", () => {
    const place = `messages.3.content.0.tool_result.content.0.${type}.citations`;
    expectRefusal(returning([make(cited)], make()), `${place}: ${words}`);
    expectRefusal(returning([make()], make(cited)), `${place}: ${words}`);
    expectRefusal(
      returning([], make(), make(cited)),
      `messages.3.content.0.tool_result.content.1.${type}.citations: ${words}`,
    );
  });

  test("has no citations beside an output format", () => {
    const schema = { type: "object", properties: {}, additionalProperties: false };
    const format = { type: "json_schema", schema };
    const betas = ["structured-outputs-2025-11-13"];
    const conversations = [said(make(cited)), returning([], make(cited))];
    for (const conversation of conversations) {
      const words = "structured outputs cannot be used with citations";
      expectRefusal({ ...conversation, output_config: { format } }, `output_config.format: ${words}`);
      expect(refuseMessageRequest({ ...conversation, output_format: format }, { ...newest, betas })).toBe(
        `output_format: ${words}`,
      );
      taken({ ...conversation, output_config: { format: null } });
      taken({ ...conversation, output_config: { effort: "low" } });
    }
    taken({ ...said(make()), output_config: { format } });
    taken({ ...returning([make(uncited)], make()), output_config: { format } });
  });
});

test("documents may be cited where search results are not, and the other way round", () => {
  taken(said(document(cited), found()));
  taken(returning([document()], found(cited)));
});

describe("search results in a tool's result", () => {
  const place = "messages.3.content.0.tool_result.content";
  const words =
    "if any block of a `tool_result` is a `search_result`, all of its blocks must be `search_result`";
  const picture = image({ type: "base64", media_type: "image/png", data: pixel });

  test("may be by themselves, and beside a result of another call", () => {
    taken(returning([], found(), found()));
    taken(
      history(
        assistant(use("a"), use("b")),
        user(result("a", { content: [found()] }), result("b", { content: [text("a"), picture] })),
      ),
    );
  });

  test("may be beside anything where a person says them", () => {
    taken(said(found(), text("a"), picture, document()));
  });

  test.each<[what: string, content: Fields[], index: number]>([
    ["a text", [found(), text("a")], 1],
    ["a text before them", [text("a"), found()], 0],
    ["a picture", [found(), found(), picture], 2],
    ["a document", [found(), document(), text("a")], 1],
  ])("are refused beside %s", (_, content, index) => {
    expectRefusal(returning([], ...content), `${place}.${index}: ${words}`);
  });
});

describe("search results beside web search", () => {
  const web = ["web_search_20250305", "web_search_20260209", "web_search_20260318"];
  const words = "citations must be enabled on all search results when the web search tool is enabled";
  const asked = (type: string, conversation: Fields): Fields => ({
    ...conversation,
    tools: [tool(), { type, name: type.startsWith("web_search") ? "web_search" : "web_fetch" }],
  });

  test.each(web)("are all cited: %s", (type) => {
    taken(asked(type, said(found(cited))));
    taken(asked(type, returning([], found(cited))));
    taken(asked(type, said(document())));
    expectRefusal(asked(type, said(found())), `messages.1.content.0.search_result.citations: ${words}`);
    expectRefusal(
      asked(type, returning([], found(uncited))),
      `messages.3.content.0.tool_result.content.0.search_result.citations: ${words}`,
    );
  });

  test("need no citations beside other tools, be they called the same", () => {
    taken(asked("web_fetch_20260318", said(found())));
    taken({ ...said(found()), tools: [tool({ name: "web_search" })] });
    taken(request({ messages: [user(found()), hello] }));
  });
});
