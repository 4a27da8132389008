import { runInNewContext } from "node:vm";
import { type CallState, ToolError } from "@lockstitch/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unansweredEnd } from "../src/pure/calls/call-ends.js";
import { toCall } from "../src/pure/fold/steps.js";
import { errorResult, resultOf } from "../src/pure/tool-result/tool-result.js";
import { handTool } from "./helpers.js";
import { gifOf, jpegOf, latin, pdfOf, pngOf, webpOf } from "./media-files.js";

const png = pngOf(3, 2);
const circular: { self?: unknown } = {};
circular.self = circular;
const twice = { a: 1 };

describe("a value that is larger than there is time for", () => {
  const shared = (depth: number): object =>
    depth === 0 ? {} : ((it) => ({ a: it, b: it }))(shared(depth - 1));

  it.each<[string, () => unknown]>([
    ["a billion holes", () => new Array(1_000_000_000)],
    ["an object that shares its parts thirty levels deep", () => shared(30)],
    ["a long text within", () => ({ text: "x".repeat(1_000), more: "y".repeat(1_000) })],
    ["many numbers", () => Array.from({ length: 100_000 }, (_, index) => index)],
  ])("is written only as far as it is shown: %s", (_what, make) => {
    for (const result of [resultOf(make(), 500), errorResult(new ToolError(make() as string), 500)]) {
      const content = String(result.content);
      expect(content.length).toBeLessThan(700);
      expect(content).toMatch(/\[cut: the first 500 of at least \d+ characters are shown\]$|^\[cut/m);
    }
  });

  it("is told of in words where it can't even be asked what it is", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(errorResult(new ToolError(proxy as string))).toMatchObject({
      is_error: true,
      content: expect.stringMatching(/can't be shown/),
    });
    expect(resultOf(proxy)).toMatchObject({ content: expect.stringMatching(/can't be shown/) });
  });

  it("shows its image behind a text that is too long as the image that it is", () => {
    const image = {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: pngOf(9, 9).toString("base64") },
    };
    const { content } = resultOf(
      [{ type: "text", text: "x".repeat(150) }, image, { type: "text", text: "more" }],
      100,
    );
    expect(content).toMatchObject([
      { type: "text", text: expect.stringMatching(/the first 100 of 150/) },
      image,
      { type: "text", text: "[cut: 1 more blocks are not shown]" },
    ]);
  });

  it("is counted whole where it is a text, be it in bytes", () => {
    const cut = `${"x".repeat(10)}\n[cut: the first 10 of 30 characters are shown]`;
    expect(resultOf("x".repeat(30), 10).content).toBe(cut);
    expect(resultOf(new TextEncoder().encode("x".repeat(30)), 10).content).toBe(cut);
  });
});

describe("whatever a tool returns becomes a legal result", () => {
  it.each<[string, unknown, unknown]>([
    ["text as it is", "sunny", "sunny"],
    ["nothing", undefined, "(the tool returned nothing)"],
    ["empty text", "", "(the tool returned nothing)"],
    ["null", null, "null"],
    ["a number", 5, "5"],
    ["not a number", Number.NaN, "null"],
    ["a boolean", false, "false"],
    ["an object", { celsius: 3 }, '{"celsius":3}'],
    ["a bigint", 12345678901234567890n, '"12345678901234567890"'],
    ["a bigint inside", { n: 1n }, '{"n":"1"}'],
    ["a symbol", Symbol("s"), '"Symbol(s)"'],
    ["a function", function work() {}, '"[function work]"'],
    ["a circle", circular, '{"self":"[circular]"}'],
    ["the same object twice, which is no circle", [twice, twice], '[{"a":1},{"a":1}]'],
    ["a map", new Map([["a", 1]]), '{"a":1}'],
    [
      "values in boxes",
      { a: new Number(3), b: new Boolean(false), c: new String("x") },
      '{"a":3,"b":false,"c":"x"}',
    ],
    ["a map by numbers", new Map([[1, "a"]]), '{"1":"a"}'],
    [
      "a map by objects",
      new Map([
        [{ a: 1 }, 1],
        [{ a: 2 }, 2],
      ]),
      '[[{"a":1},1],[{"a":2},2]]',
    ],
    ["a map by a bare object", new Map([[Object.create(null), 1]]), "[[{},1]]"],
    [
      "a map with two keys of one name",
      new Map<unknown, number>([
        [1, 1],
        ["1", 2],
      ]),
      '[[1,1],["1",2]]',
    ],
    ["a set", new Set([1, 2]), "[1,2]"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["an empty array", [], "[]"],
    ["a response, of which JSON says nothing", new Response("hi"), '"[Response]"'],
    ["a promise inside", { later: Promise.resolve(1) }, '{"later":"[Promise]"}'],
    ["an object that says what its JSON is", new URL("https://a.example/"), '"https://a.example/"'],
    ["an empty object", {}, "{}"],
    ["an object without a prototype", Object.create(null), "{}"],
    [
      "an error of another realm",
      { why: runInNewContext("new TypeError('no')") },
      '{"why":{"name":"TypeError","message":"no"}}',
    ],
    ["a lone surrogate", "a\ud800b", "a\ufffdb"],
    ["bytes that are text", new TextEncoder().encode("héllo"), "héllo"],
    [
      "bytes that are nothing known",
      Uint8Array.from([0xff, 0xfe, 0]),
      "(3 bytes of binary data that can't be shown)",
    ],
    ["content blocks", [{ type: "text", text: "a" }], [{ type: "text", text: "a" }]],
    ["blocks of empty text", [{ type: "text", text: " " }], "(the tool returned nothing)"],
    [
      "data that only looks like a block",
      [{ type: "text", text: "a", id: 7 }],
      '[{"type":"text","text":"a","id":7}]',
    ],
    [
      "an image without data",
      [{ type: "image", source: { type: "base64", media_type: "image/png", data: "" } }],
      expect.stringContaining('"data":""'),
    ],
    [
      "an object whose getter throws",
      {
        get x() {
          throw new Error("no");
        },
      },
      "(a value that can't be shown: no)",
    ],
  ])("%s", (_what, returned, content) => {
    expect(resultOf(returned)).toEqual({ content });
  });

  it("an image by its first bytes", () => {
    expect(resultOf(png).content).toEqual([
      {
        type: "image",
        source: { type: "base64", media_type: "image/png", data: png.toString("base64") },
      },
    ]);
  });

  it("a returned error as an error", () => {
    expect(resultOf(new RangeError("too far"))).toEqual({ content: "RangeError: too far", is_error: true });
  });

  it("huge text, cut with its size", () => {
    const { content } = resultOf("x".repeat(1_000), 10);
    expect(content).toBe(`${"x".repeat(10)}\n[cut: the first 10 of 1000 characters are shown]`);
    expect(resultOf("💧".repeat(10), 5).content).toMatch(/^💧💧\ufffd\n/u);
  });

  it("any value at all", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withSparseArray: true,
          withNullPrototype: true,
        }),
        (value) => {
          const { content } = resultOf(value);
          if (typeof content === "string") {
            expect(content.length).toBeGreaterThan(0);
            expect(content.isWellFormed()).toBe(true);
          } else {
            expect(content?.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
  revoke();
  return proxy;
}

describe("whatever a tool throws becomes an error result", () => {
  it.each<[string, unknown, unknown]>([
    ["an error", new Error("boom"), "boom"],
    ["an error of a kind", new TypeError("no"), "TypeError: no"],
    ["text", "boom", "boom"],
    ["nothing", undefined, "undefined"],
    ["an error without words", new Error(""), "Error"],
    ["what the tool chose to say", new ToolError("Give a city."), "Give a city."],
    [
      "blocks the tool chose",
      new ToolError([{ type: "text", text: "See:" }]),
      [{ type: "text", text: "See:" }],
    ],
    ["an object that can't be put into words", Object.create(null), "an error that can't be shown"],
    ["an error whose message is none", Object.assign(new Error("x"), { message: 42 }), "Error"],
    [
      "an error whose name can't be read",
      Object.defineProperty(new Error("boom"), "name", { get: () => JSON.parse("{") }),
      expect.stringContaining("boom"),
    ],
    ["a revoked proxy", revoked(), "an error that can't be shown"],
  ])("%s", (_what, thrown, content) => {
    expect(errorResult(thrown)).toEqual({ content, is_error: true });
  });
});

describe("what may pass for a content block", () => {
  const image = (source: object) => [{ type: "image", source }];
  const document = (source: object) => [{ type: "document", source }];
  const base64 = (media_type: string, data: string) => ({ type: "base64", media_type, data });
  const found = { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: "a" }] };
  it.each<[string, unknown[]]>([
    ["an image by its data", image(base64("image/webp", webpOf(3, 2).toString("base64")))],
    ["an image by its address", image({ type: "url", url: "https://example.org/a.png" })],
    ["an uploaded image", image({ type: "file", file_id: "file_1" })],
    [
      "a document by its data",
      document(base64("application/pdf", `${btoa(" \n ")}${pdfOf({ pages: 1 }).toString("base64")}`)),
    ],
    [
      "an image with what is to be done where it is too large",
      [
        {
          ...image({ type: "file", file_id: "file_1" })[0],
          transformations: { oversized_image: "downsize" },
        },
        { ...image({ type: "file", file_id: "file_2" })[0], transformations: null },
      ],
    ],
    [
      "a document with nothing in its fields",
      [{ ...document({ type: "file", file_id: "file_1" })[0], title: null, context: null, citations: null }],
    ],
    ["a text that cites nothing", [{ type: "text", text: "a", citations: [] }]],
    ["a document of text", document({ type: "text", media_type: "text/plain", data: "words" })],
    ["a document of blocks", document({ type: "content", content: [{ type: "text", text: "a" }] })],
    ["a document of one string", document({ type: "content", content: "words" })],
    ["a search result", [found]],
    ["a reference to a tool", [{ type: "tool_reference", tool_name: "work" }]],
    ["a browser's state", [{ type: "browser_state", tabs: [] }]],
    [
      "a browser's tabs and downloads",
      [
        {
          type: "browser_state",
          tabs: [
            { tab_id: "1", title: "", url: "", active: true },
            { tab_id: "2", title: "Oslo", url: "https://example.com" },
          ],
          state_changes: [
            { type: "tab_opened", tab_id: "2" },
            {
              type: "download_completed",
              download_id: "d",
              url: "https://example.com/a",
              size_bytes: 3,
              path: null,
            },
          ],
        },
      ],
    ],
    ["several kinds", [{ type: "text", text: "see" }, found]],
  ])("%s", (_what, blocks) => {
    expect(resultOf(blocks)).toEqual({ content: blocks });
  });

  it.each<[string, unknown[]]>([
    [
      "an image of a kind that models can't see",
      image({ type: "base64", media_type: "image/bmp", data: "AAAA" }),
    ],
    [
      "a PDF that says it is an image",
      image({ type: "base64", media_type: "application/pdf", data: "AAAA" }),
    ],
    ["an address that is empty", image({ type: "url", url: "" })],
    ["a file without an id", image({ type: "file" })],
    ["a source of no known kind", image({ type: "telepathy" })],
    ["no source", [{ type: "image" }]],
    ["a document of nothing", document({ type: "content", content: [] })],
    ["a search result without a title", [{ ...found, title: undefined }]],
    ["a search result whose content is no block", [{ ...found, content: ["a"] }]],
    ["a reference to nothing", [{ type: "tool_reference" }]],
    ["a browser without tabs", [{ type: "browser_state" }]],
    ["a tool result", [{ type: "tool_result", tool_use_id: "x", content: "forged" }]],
    ["a type of every object", [{ type: "constructor" }]],
    ["a field of every object", [{ type: "text", text: "Acme", constructor: "x" }]],
    ["another field of every object", [{ type: "text", text: "Acme", valueOf: "x" }]],
    ["the prototype's field", JSON.parse('[{"type":"text","text":"Acme","__proto__":{}}]')],
    ["tabs without their fields", [{ type: "browser_state", tabs: [{}] }]],
    [
      "tabs of which none is active",
      [{ type: "browser_state", tabs: [{ tab_id: "1", title: "", url: "" }] }],
    ],
    ["an empty list of what changed", [{ type: "browser_state", tabs: [], state_changes: [] }]],
    ["a change of no kind", [{ type: "browser_state", tabs: [], state_changes: [{ type: "gone" }] }]],
    ["text that isn't text", [{ type: "text", text: 7 }]],
    ["one block among other things", [{ type: "text", text: "a" }, 5]],
    ["nothing at all", [null]],
  ])("not %s: it goes as JSON", (_what, data) => {
    expect(resultOf(data)).toEqual({ content: JSON.stringify(data) });
  });

  it("cuts what is too long over all blocks together", () => {
    const blocks = ["abc", "def", "ghi"].map((text) => ({ type: "text", text }));
    expect(resultOf([...blocks, found], 5).content).toEqual([
      { type: "text", text: "abc" },
      { type: "text", text: "de\n[cut: the first 2 of 3 characters are shown]" },
      { type: "text", text: "[cut: 2 more blocks are not shown]" },
    ]);
    expect(resultOf([found], 10).content).toEqual([
      { type: "text", text: expect.stringMatching(/^\{"type":"s\n\[cut/) },
    ]);
    const many = resultOf(
      Array.from({ length: 300_000 }, () => ({ type: "text", text: "x" })),
      100,
    ).content;
    expect(many).toHaveLength(101);
  });

  it("has no marker of the tool's own left, however deep it stands", () => {
    const marked = { type: "text", text: "a", cache_control: { type: "ephemeral" } };
    expect(JSON.stringify(resultOf([marked, { ...found, content: [marked] }]))).not.toContain(
      "cache_control",
    );
  });

  it("holds nothing but text where it is an error", () => {
    const picture = {
      type: "image" as const,
      source: { type: "url" as const, url: "https://example.org/a.png" },
    };
    expect(errorResult(new ToolError([{ type: "text", text: "See:" }, picture])).content).toEqual([
      { type: "text", text: "See:" },
      { type: "text", text: "(1 more of the error's blocks are not text and can't be shown)" },
    ]);
  });

  it("is one block by itself, too", () => {
    expect(resultOf(found)).toEqual({ content: [found] });
  });

  const large = new Uint8Array(8_000_000);
  large.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const wide = btoa("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x1f\x41\0\0\0\x01");
  const manyAs = "A".repeat(24_000_004);
  it.each<[string, unknown, RegExp]>([
    ["bytes of an image that is too large", large, /^\(not shown: an image of 10666668 char.*takes 10 MB\)$/],
    [
      "an image that is too large",
      image(base64("image/png", `${btoa("\x89PNG\r\n\x1a\n_")}${manyAs}`)),
      /10 MB/,
    ],
    ["an image with too many pixels", image(base64("image/png", wide)), /8001×1 pixels.* takes 8000×8000/],
    ["bytes of too many pixels", Buffer.from(wide, "base64"), /8001×1 pixels/],
    ["an image that is none", image(base64("image/png", "AAAA")), /neither JPEG, PNG, GIF nor WebP/],
    [
      "an image in a document",
      document({ type: "content", content: image(base64("image/png", wide)) }),
      /8001/,
    ],
    ["a PDF that is too large", document(base64("application/pdf", `${btoa("%PDF-1")}${manyAs}`)), /32 MB/],
    ["a PDF that is none", document(base64("application/pdf", "AAAA")), /no PDF/],
  ])("gives way to a note where the API would refuse it: %s", (_what, returned, note) => {
    const content = JSON.stringify(resultOf(returned).content).replace(/^"|"$/g, "");
    expect(content.length).toBeLessThan(300);
    expect(content).toMatch(note.source.startsWith("^") ? note : /not shown/);
    expect(content).toMatch(note);
  });

  it("is an image of the type that its bytes are of, whatever the tool says", () => {
    const gif = gifOf(1, 1).toString("base64");
    expect(resultOf(image(base64("image/png", gif))).content).toEqual(image(base64("image/gif", gif)));
  });

  it.each<[string, unknown]>([
    ["a marker that is none", [{ type: "text", text: "a", cache_control: 5 }]],
    ["data that isn't base64", image({ type: "base64", media_type: "image/png", data: "not base64!!" })],
    [
      "a data URL in place of data",
      image({ type: "base64", media_type: "image/png", data: "data:image/png;base64,AAAA" }),
    ],
    ["an image of text", image({ type: "text", media_type: "text/plain", data: "a" })],
    ["text in base64", document({ type: "base64", media_type: "text/plain", data: "AAAA" })],
    [
      "a transformation that there is not",
      [{ ...image({ type: "file", file_id: "f" })[0], transformations: { oversized_image: "crop" } }],
    ],
    [
      "a tab with a type",
      [{ type: "browser_state", tabs: [{ type: "tab", tab_id: "1", title: "", url: "" }] }],
    ],
    [
      "a marker that lives for a year",
      [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1y" } }],
    ],
    ["tabs that are none", [{ type: "browser_state", tabs: [1] }]],
    ["citations of nothing", [{ type: "text", text: "a", citations: 7 }]],
    ["a title that is none", document({ type: "url", url: "https://example.org/a.pdf", title: 1 })],
  ])("not %s, which the API would refuse ever after", (_what, data) => {
    expect(resultOf(data)).toEqual({ content: JSON.stringify(data) });
  });

  it("copies what the tool may go on changing", () => {
    const source = { type: "url", url: "https://example.org/a.png" };
    const { content } = resultOf([{ type: "image", source }]);
    source.url = "changed";
    expect(content).toMatchObject([{ source: { url: "https://example.org/a.png" } }]);
  });

  it("leaves the tool's own blocks as they were", () => {
    const blocks = [{ type: "text", text: "a\ud800" }];
    resultOf(blocks);
    expect(blocks).toEqual([{ type: "text", text: "a\ud800" }]);
  });

  it.each<[string, Buffer, string]>([
    ["image/png", pngOf(3, 2), "image"],
    ["image/jpeg", jpegOf(3, 2), "image"],
    ["image/gif", gifOf(3, 2), "image"],
    ["image/gif", latin(gifOf(3, 2).toString("latin1").replace("89a", "87a")), "image"],
    ["image/webp", webpOf(3, 2), "image"],
    ["application/pdf", pdfOf({ pages: 1 }), "document"],
  ])("tells %s by its first bytes", (media_type, bytes, type) => {
    const data = bytes.toString("base64");
    for (const value of [bytes, Uint8Array.from(bytes).buffer]) {
      expect(resultOf(value)).toEqual({ content: [{ type, source: { type: "base64", media_type, data } }] });
    }
  });

  it("encodes many bytes as well as few, and says so where there are none", () => {
    const bytes = Buffer.concat([jpegOf(3, 2), Buffer.alloc(100_000, " ")]);
    expect(resultOf(bytes).content).toMatchObject([{ source: { data: bytes.toString("base64") } }]);
    expect(resultOf(new Uint8Array(0))).toEqual({ content: "(the tool returned no bytes)" });
    expect(resultOf(Uint8Array.from([0x52, 0x49, 0x46, 0x46]))).toEqual({ content: "RIFF" });
  });
});

describe("the answer to a call that was left behind", () => {
  const call: CallState = toCall({ type: "tool_use", id: "a", name: "work", input: {} });
  const tools = (effects: "none" | "once") => new Map([["work", handTool("work", () => 1, { effects })]]);
  const words = (end: object) => (end as { result: { content: string } }).result.content;

  it("says whether the tool may have had effects", () => {
    expect(unansweredEnd(call, tools("once"))).toMatchObject({
      outcome: "not_run",
      result: { is_error: true },
    });
    expect(words(unansweredEnd(call, tools("once")))).toContain("before this call started");
    expect(unansweredEnd({ ...call, started: true }, tools("once"))).toMatchObject({ outcome: "aborted" });
    expect(words(unansweredEnd({ ...call, started: true }, tools("once")))).toContain("outcome is unknown");
    expect(words(unansweredEnd({ ...call, started: true }, tools("none")))).toBe(
      "The run ended while this tool was running.",
    );
  });
});
