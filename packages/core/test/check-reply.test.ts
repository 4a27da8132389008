import { expect, it } from "vitest";
import { checkReply } from "../src/pure/reply/check-reply.js";
import { resultOf } from "../src/pure/tool-result/tool-result.js";
import { pdfOf, pngOf } from "./media-files.js";

const reply = {
  role: "assistant",
  content: [{ type: "text", text: "Hi." }],
  stop_reason: "end_turn",
  model: "m",
};
const deep: unknown = JSON.parse(`${"[".repeat(300)}${"]".repeat(300)}`);

it.each<[string, unknown]>([
  ["a whole one", reply],
  ["without content", { ...reply, content: [] }],
  ["without a model's name", { ...reply, model: undefined }],
  ["a block without its text, as gateways send it", { ...reply, content: [{ type: "text" }] }],
  ["a block whose text is null", { ...reply, content: [{ type: "text", text: null }] }],
  ["a block that nobody knows yet", { ...reply, content: [{ type: "hologram", text: 7 }] }],
  [
    "a call that is nested too deep, which has an answer of its own",
    { ...reply, content: [{ type: "tool_use", input: deep }] },
  ],
])("is a reply: %s", (_what, value) => {
  expect(() => checkReply(value)).not.toThrow();
});

it.each<[string, unknown, RegExp]>([
  ["nothing", undefined, /no object/],
  ["null", null, /no object/],
  ["text", "Hi.", /no object/],
  ["a list", [reply], /no object/],
  ["no list of content", { ...reply, content: "Hi." }, /no content blocks/],
  ["no stop reason", { ...reply, stop_reason: null }, /no stop reason/],
  ["an empty stop reason", { ...reply, stop_reason: "" }, /no stop reason/],
  ["a model that is a number", { ...reply, model: 7 }, /model is no text/],
  ["a block that is null", { ...reply, content: [null] }, /content block 0 is none/],
  [
    "a second block that is a list",
    { ...reply, content: [{ type: "text", text: "a" }, []] },
    /content block 1 is none/,
  ],
  ["a block without a type", { ...reply, content: [{ text: "a" }] }, /content block 0 is none/],
  ["a text that is a number", { ...reply, content: [{ type: "text", text: 7 }] }, /content block 0 is none/],
  [
    "a block that is nested too deep",
    { ...reply, content: [{ type: "hologram", data: deep }] },
    /content block 0 is none/,
  ],
])("is no reply: %s", (_what, value, words) => {
  expect(() => checkReply(value)).toThrow(words);
  expect(() => checkReply(value)).toThrow(expect.objectContaining({ reason: "broken_stream" }));
});

const pdf = { type: "base64", media_type: "application/pdf", data: pdfOf({ pages: 1 }).toString("base64") };
const png = { type: "base64", media_type: "image/png", data: pngOf(4, 4).toString("base64") };
const text = { type: "text", text: "a" };
const found = { type: "search_result", source: "s", title: "t", content: [text] };

it.each<[string, object]>([
  [
    "a document with citations, context and title",
    { type: "document", source: pdf, citations: { enabled: true }, context: "c", title: "t" },
  ],
  [
    "a document of plain text",
    { type: "document", source: { type: "text", media_type: "text/plain", data: "a" } },
  ],
  [
    "a document of blocks",
    { type: "document", source: { type: "content", content: [text, { type: "image", source: png }] } },
  ],
  ["a search result", { ...found, citations: { enabled: false } }],
  ["an image by its address", { type: "image", source: { type: "url", url: "https://a.example/b.png" } }],
  ["an image by its file", { type: "image", source: { type: "file", file_id: "file_1" } }],
  ["a text without citations", { ...text, citations: null }],
  ["a browser's state", { type: "browser_state", tabs: [], state_changes: null }],
  ["a field that is undefined", { ...text, title: undefined }],
])("is a block that goes to the model as it is: %s", (_what, block) => {
  expect(resultOf([block]).content).toEqual([JSON.parse(JSON.stringify(block))]);
});

it.each<[string, object]>([
  ["citations that are no switch", { type: "document", source: pdf, citations: { enabled: "yes" } }],
  [
    "citations with another field",
    { type: "document", source: pdf, citations: { enabled: true, more: true } },
  ],
  ["citations that are a word", { type: "document", source: pdf, citations: "on" }],
  ["a title that is a number", { type: "document", source: pdf, title: 7 }],
  ["a document of calls", { type: "document", source: { type: "content", content: [found] } }],
  ["a document of nothing", { type: "document", source: { type: "content", content: [] } }],
  ["a search result of images", { ...found, content: [text, { type: "image", source: png }] }],
  ["a text with citations", { ...text, citations: [{ type: "char_location" }] }],
  ["an image that is a PDF", { type: "image", source: pdf }],
  ["an image whose base64 is broken", { type: "image", source: { ...png, data: "iV-O" } }],
  ["an image whose base64 is cut", { type: "image", source: { ...png, data: "iVB" } }],
  ["an image without an address", { type: "image", source: { type: "url", url: " " } }],
  ["an image at no address", { type: "image", source: { type: "url", url: "not a url" } }],
  [
    "an image at an address without https",
    { type: "image", source: { type: "url", url: "http://a.example" } },
  ],
  [
    "an image that can't be fetched",
    { type: "image", source: { type: "url", url: "ftp://a.example/b.png" } },
  ],
  ["a search result that says nothing", { ...found, content: [{ type: "text", text: "" }] }],
  [
    "a document that says nothing",
    { type: "document", source: { type: "content", content: [{ type: "text", text: " " }] } },
  ],
  ["a source of no kind", { type: "image", source: { url: "https://a.example/b.png" } }],
  ["a browser's state with changes that are none", { type: "browser_state", tabs: [], state_changes: [7] }],
  ["a marker of another kind", { ...text, cache_control: { type: "forever" } }],
  ["a marker with another field", { ...text, cache_control: { type: "ephemeral", scope: "x" } }],
  ["a block that nobody knows", { type: "hologram" }],
])("is data that only looks like a block: %s", (_what, block) => {
  expect(typeof resultOf([block]).content).toBe("string");
});

it("has a note in place of an image that is too large", () => {
  const large = {
    type: "image",
    source: { ...png, data: `${png.data.replaceAll("=", "A")}${"A".repeat(10_000_004)}` },
  };
  expect(resultOf([large]).content).toMatchObject([{ type: "text", text: /^\(not shown: / }]);
});

it.each([null, { type: "ephemeral" }, { type: "ephemeral", ttl: "1h" }])(
  "a marker that the API knows makes a block no less of one, and is taken off: %o",
  (cache_control) => {
    expect(resultOf([{ ...text, cache_control }]).content).toEqual([text]);
  },
);
