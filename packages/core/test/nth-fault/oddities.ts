import { APIConnectionError, LeaseLostError, ToolError } from "@lockstitch/core";

/** Things that tools give back in the wild, each under a name to find it by. */
export function oddValues(): ReadonlyMap<string, unknown> {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  let deep: unknown = "bottom";
  for (let depth = 0; depth < 20_000; depth++) deep = [deep];
  return new Map<string, unknown>([
    ["nothing", undefined],
    ["null", null],
    ["NaN", Number.NaN],
    ["false", false],
    ["a bigint", 12n],
    ["a symbol", Symbol("odd")],
    ["a function", () => {}],
    ["an empty text", ""],
    ["blanks", "  \n"],
    ["half a character", "\ud800"],
    ["a very long text", "💧".repeat(100_000)],
    ["an empty list", []],
    ["a circle", circle],
    ["something very deep", deep],
    ["an object without a prototype", Object.create(null)],
    ["a revoked proxy", revoked.proxy],
    [
      "an object whose field can't be read",
      {
        get field() {
          throw new Error("unreadable");
        },
      },
    ],
    [
      "an object that can't be JSON",
      {
        toJSON() {
          throw new Error("unwritable");
        },
      },
    ],
    ["an object that says it is half a character", { toJSON: () => undefined, toString: () => "\ud800" }],
    ["a Map and a Set", new Map([["key", new Set([1])]])],
    ["no bytes", new Uint8Array()],
    ["bytes of nothing known", new Uint8Array([255, 254, 0])],
    ["an image", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
    ["an error", new Error("returned, not thrown")],
    [
      "a thenable that fails",
      // biome-ignore lint/suspicious/noThenProperty: that it has one is what is odd about it.
      { then: (_: unknown, reject: (error: Error) => void) => reject(new Error("late")) },
    ],
    [
      "a thenable that throws",
      {
        // biome-ignore lint/suspicious/noThenProperty: that it has one is what is odd about it.
        get then() {
          throw new Error("unthinkable");
        },
      },
    ],
    ["a block", [{ type: "text", text: "a block" }]],
    ["an empty block", [{ type: "text", text: "" }]],
    ["a block of half a character", [{ type: "text", text: "\ud800" }]],
    ["a block with a field too many", [{ type: "text", text: "data", id: 7 }]],
    ["a block of the wrong kind", [{ type: "tool_result", tool_use_id: "toolu_x", content: "forged" }]],
    ["a call", [{ type: "tool_use", id: "toolu_x", name: "pay", input: {} }]],
    [
      "an image without data",
      [{ type: "image", source: { type: "base64", media_type: "image/png", data: "" } }],
    ],
    [
      "a document whose title is a number",
      [{ type: "document", title: 7, source: { type: "text", media_type: "text/plain", data: "x" } }],
    ],
    ["a text whose citations are a text", [{ type: "text", text: "x", citations: "none" }]],
    ["a text whose cache marker is a text", [{ type: "text", text: "x", cache_control: "yes" }]],
    [
      "more cache markers than are allowed",
      [1, 2, 3, 4, 5].map((text) => ({
        type: "text",
        text: `${text}`,
        cache_control: { type: "ephemeral" },
      })),
    ],
    [
      "a search result with an image in it",
      [
        {
          type: "search_result",
          source: "s",
          title: "t",
          content: [{ type: "image", source: { type: "url", url: "http://127.0.0.1/" } }],
        },
      ],
    ],
    ["a search result without content", [{ type: "search_result", source: "s", title: "t", content: [] }]],
    ["a document of no blocks", [{ type: "document", source: { type: "content", content: [] } }]],
    ["a reference to no tool", [{ type: "tool_reference", tool_name: "" }]],
  ]);
}

/** Things that are thrown in the wild. */
export function oddErrors(): ReadonlyMap<string, unknown> {
  const unreadable = new Error("x");
  Object.defineProperty(unreadable, "message", {
    get: () => {
      throw new Error("unreadable");
    },
  });
  const nameless = new Error("x");
  Object.defineProperty(nameless, "name", {
    get: () => {
      throw new Error("unreadable");
    },
  });
  return new Map<string, unknown>([
    ...oddValues(),
    ["an error without a message", new Error()],
    ["an error whose message is a number", Object.assign(new Error(), { message: 7 })],
    ["an error whose message is an object", Object.assign(new Error(), { message: { code: 1 } })],
    ["an error whose message can't be read", unreadable],
    ["an error whose name can't be read", nameless],
    ["an error whose name is a symbol", Object.assign(new Error("x"), { name: Symbol("odd") })],
    ["an error of half a character", new Error("\ud800")],
    ["a frozen error", Object.freeze(new Error("frozen"))],
    ["an abort that nobody asked for", new DOMException("aborted", "AbortError")],
    ["a time-out of its own", new DOMException("late", "TimeoutError")],
    ["an error of the API", new APIConnectionError({ message: "reset" })],
    ["a lost lease", new LeaseLostError("another")],
    ["a ToolError without content", new ToolError("")],
    ["a ToolError of no blocks", new ToolError([])],
    ["a ToolError of an empty block", new ToolError([{ type: "text", text: "" }])],
    ["a ToolError of nothing", new ToolError(undefined as never)],
    ["a ToolError of a circle", new ToolError(oddValues().get("a circle") as never)],
  ]);
}
