import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import {
  assistant,
  cached,
  expectRefusal,
  type Fields,
  history,
  newest,
  request,
  result,
  text,
  use,
  user,
} from "./request-parts.js";

const documentOf = (...content: Fields[]): Fields => ({
  type: "document",
  source: { type: "content", content },
});
const answer = (...content: Fields[]): Fields => history(assistant(use("a")), user(result("a", { content })));
const search = (...content: Fields[]): Fields => ({
  type: "search_result",
  source: "a",
  title: "b",
  content,
});

describe("cache markers within a block count, and are looked at, as its own are:", () => {
  test.each<[where: string, path: string, make: (...texts: Fields[]) => Fields]>([
    ["in a result", "messages.2.content.0.tool_result.content.0", answer],
    [
      "in a document",
      "messages.0.content.0.document.source.content.content.0",
      (...texts) => request({ messages: [user(documentOf(...texts))] }),
    ],
    [
      "in a document in a result",
      "messages.2.content.0.tool_result.content.0.document.source.content.content.0",
      (...texts) => answer(documentOf(...texts)),
    ],
    [
      "in a search result",
      "messages.0.content.0.search_result.content.0",
      (...texts) => request({ messages: [user(search(...texts))] }),
    ],
    [
      "in a search result in a result",
      "messages.2.content.0.tool_result.content.0.search_result.content.0",
      (...texts) => answer(search(...texts)),
    ],
  ])("%s", (_, path, make) => {
    const marked = (count: number): Fields[] => Array.from({ length: count }, () => text("c", cached));
    expect(refuseMessageRequest(make(...marked(4)), newest)).toBeUndefined();
    expectRefusal(make(...marked(5)), "A maximum of 4 blocks with cache_control may be provided. Found 5.");
    expectRefusal(
      make(text("c", { cache_control: { type: "bogus" } })),
      `${path}.cache_control: Input tag 'bogus' found using 'type' does not match any of the expected tags: 'ephemeral'`,
    );
  });
});
