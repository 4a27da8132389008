import type Anthropic from "@anthropic-ai/sdk";
import { AgentError, mediaHead, mediaOf, memoryStore, run, steer } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { imagesIn, imagesProblem } from "../src/pure/conversation/image-room.js";
import { resultOf } from "../src/pure/tool-result/tool-result.js";
import { handTool } from "./helpers.js";
import { gifOf, jpegOf, latin, pdfOf, pngOf, webpOf } from "./media-files.js";

type Block = Anthropic.ContentBlockParam;
type MediaType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

const imageOf = (media_type: MediaType, bytes: Buffer): Anthropic.ImageBlockParam => ({
  type: "image",
  source: { type: "base64", media_type, data: bytes.toString("base64") },
});
const documentOf = (bytes: Buffer): Anthropic.DocumentBlockParam => ({
  type: "document",
  source: { type: "base64", media_type: "application/pdf", data: bytes.toString("base64") },
});

const broken: readonly (readonly [what: string, block: Block, bytes: Buffer | undefined, why: RegExp])[] = [
  ...(
    [
      ["a PNG of its mark alone", "image/png", pngOf(9, 9).subarray(0, 8), /without a size/],
      ["a PNG of no size", "image/png", pngOf(0, 0), /without a size/],
      ["a PNG cut off in the middle", "image/png", pngOf(9, 9).subarray(0, 40), /cut off/],
      ["a JPEG of its mark alone", "image/jpeg", jpegOf(9, 9).subarray(0, 3), /without a size/],
      ["a JPEG cut off in the middle", "image/jpeg", jpegOf(9, 9).subarray(0, -2), /cut off/],
      ["a GIF whose header is cut", "image/gif", gifOf(9, 9).subarray(0, 8), /without a size/],
      ["a GIF without a picture", "image/gif", gifOf(9, 9).subarray(0, 13), /cut off/],
      ["a GIF cut off within its picture", "image/gif", gifOf(9, 9).subarray(0, -2), /cut off/],
      [
        "a GIF cut off within the words before its picture",
        "image/gif",
        Buffer.concat([gifOf(9, 9).subarray(0, 13), latin("!\xfe\x05ab")]),
        /cut off/,
      ],
      ["a WebP shorter than it says", "image/webp", webpOf(9, 9).subarray(0, 40), /cut off/],
    ] as const
  ).map(([what, type, bytes, why]) => [what, imageOf(type, bytes), bytes, why] as const),
  ...(
    [
      ["a PDF of its mark alone", latin("%PDF-"), /cut off/],
      ["a PDF cut off in the middle", pdfOf({ pages: 1 }).subarray(0, 50), /cut off/],
      ["a PDF without a page", pdfOf({ pages: 0 }), /without a page/],
      ["an encrypted PDF", pdfOf({ pages: 1, trailer: "/Encrypt 5 0 R" }), /encrypted/],
    ] as const
  ).map(([what, bytes, why]) => [what, documentOf(bytes), bytes, why] as const),
  [
    "an image at an address without https",
    { type: "image", source: { type: "url", url: "http://example.org/a.png" } },
    undefined,
    /https/,
  ],
  [
    "a document at an address without https",
    { type: "document", source: { type: "url", url: "http://example.org/a.pdf" } },
    undefined,
    /https/,
  ],
  ["an image at no address", { type: "image", source: { type: "url", url: "a.png" } }, undefined, /https/],
  [
    "an image in broken base64",
    {
      type: "image",
      source: {
        type: "base64",
        media_type: "image/png",
        data: `${latin("\x89PNG\r\n\x1a\n").toString("base64")}!`,
      },
    },
    undefined,
    /base64/,
  ],
];

describe.each(broken)("%s", (_what, block, bytes, why) => {
  it("is no input, wherever it stands in it, and the session goes on without it", async () => {
    const store = memoryStore();
    const claude = scripted(["Fine.", "And this."]);
    const options = { claude, store, session: "s" };
    const within: Block = { type: "document", source: { type: "content", content: [block as never] } };
    const said: Anthropic.MessageParam[] = [
      { role: "user", content: "Look." },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_a", name: "look", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_a", content: [block as never] }] },
    ];
    // A document holds texts and images, and no other document.
    const places = block.type === "image" ? [[block], [within], said] : [[block], said];
    for (const input of places) {
      const refused = run({}, input as never, options);
      await expect(refused).rejects.toThrow(AgentError);
      await expect(refused).rejects.toThrow(why);
    }
    expect(await run({}, "Hi", options)).toMatchObject({ text: "Fine." });
    await expect(run({}, [block], options)).rejects.toThrow(why);
    expect(await run({}, "On.", options)).toMatchObject({ text: "And this." });
  });

  it("is shown to the model as words where a tool returns it", async () => {
    const values: readonly unknown[] = [block, [block], ...(bytes === undefined ? [] : [bytes])];
    for (const value of values) {
      const { content } = resultOf(value);
      expect(JSON.stringify(content)).not.toMatch(/"source":\{/);
      expect(JSON.stringify(content)).toMatch(bytes === undefined ? /source/ : why);
    }
    const look = handTool("look", () => [{ type: "text", text: "Here:" }, block]);
    const claude = scripted([[toolUse("look")], "I see nothing."]);
    const { text } = await run({ tools: [look] }, "Look.", { claude });
    expect(text).toBe("I see nothing.");
    expect(JSON.stringify(claude.requests[1]?.messages)).not.toMatch(/"type":"(image|document)"/);
  });
});

it("what is whole is taken, as a block and as bytes", () => {
  const files = [pngOf(9, 9), jpegOf(9, 9), gifOf(9, 9), webpOf(9, 9), pdfOf({ pages: 3 })];
  for (const bytes of files) {
    const media = mediaOf(bytes);
    expect(media).toMatchObject({ block: { source: { data: bytes.toString("base64") } } });
    expect(resultOf(bytes).content).toMatchObject([{ source: { type: "base64" } }]);
    if (media !== undefined && "block" in media) expect(resultOf(media.block).content).toEqual([media.block]);
  }
});

it("what is refused says what to do instead", () => {
  const wayOut = (bytes: Buffer) => {
    const media = mediaOf(bytes);
    return media !== undefined && "wayOut" in media ? media.wayOut : undefined;
  };
  expect(wayOut(pngOf(9_000, 1))).toMatch(/Make it smaller/);
  expect(wayOut(pngOf(9, 9).subarray(0, 40))).toMatch(/anew/);
  expect(wayOut(pdfOf({ pages: 1, trailer: "/Encrypt 5 0 R" }))).toMatch(/without a password/);
  expect(wayOut(Buffer.concat([pdfOf({ pages: 1 }), Buffer.alloc(18_000_001)]))).toMatch(/a part/);
});

describe("PDFs of a request", () => {
  const pdf = (pages: number) => documentOf(pdfOf({ pages }));

  it("count as images do, and their pages by themselves", () => {
    const text: Block = { type: "document", source: { type: "text", media_type: "text/plain", data: "a" } };
    const address: Block = { type: "document", source: { type: "url", url: "https://example.org/a.pdf" } };
    const said = [
      { role: "user" as const, content: [pdf(70), text, address, imageOf("image/png", pngOf(1, 1))] },
    ];
    expect(imagesIn(said)).toEqual({ count: 3, pages: 70, anyLarge: false });
    expect(imagesProblem({ count: 101, pages: 0, anyLarge: false }, 100)).toMatchObject({
      problem: /more than 100 images/,
    });
    expect(imagesProblem({ count: 1, pages: 101, anyLarge: false }, 100)).toMatchObject({
      problem: /more than 100 pages/,
    });
    expect(imagesProblem({ count: 100, pages: 100, anyLarge: false }, 100)).toBeUndefined();
  });

  it("with too many pages together are no input, and the newest of results gives way", async () => {
    const model = "claude-haiku-4-5";
    const store = memoryStore();
    const read = handTool("read", () => [pdf(30), pdf(31)]);
    const claude = scripted([[toolUse("read")], "Read.", "Fine."]);
    const options = { claude, store, session: "s" };
    await expect(run({ model }, [pdf(101)], options)).rejects.toThrow(/more than 100 pages/);
    const { messages } = await run({ tools: [read], model }, [pdf(40)], options);
    expect(messages[2]?.content).toMatchObject([
      { content: [{ type: "document" }, { type: "text", text: /a PDF .*no room.*100 pages/ }] },
    ]);
    await expect(run({ tools: [read], model }, [pdf(31)], options)).rejects.toThrow(/more than 100 pages/);
    expect(await run({ tools: [read], model }, [pdf(30)], options)).toMatchObject({ text: "Fine." });
  });

  it("say how many pages they have in their newest version", () => {
    const older = pdfOf({ pages: 900 });
    const newer = Buffer.concat([older, pdfOf({ pages: 5 })]);
    const tree = pdfOf({ pages: 7, more: "4 0 obj <</Type /Pages /Parent 1 0 R /Count 700>> endobj\n" });
    const referred = latin(pdfOf({ pages: 3 }).toString("latin1").replace("/Count 3", "/Count 30 0 R"));
    const pages = [older, newer, tree, referred].map((bytes) => imagesIn([documentOf(bytes)]).pages);
    expect(pages).toEqual([900, 5, 7, 0]);
  });
});

it("what is steered to a run is looked at too", async () => {
  const store = memoryStore();
  const block = imageOf("image/png", pngOf(0, 0));
  // Outside: what a tool throws goes to the model.
  let refused: unknown;
  const wait = handTool("wait", async () => {
    refused = await steer(store, "s", [block]).catch((error: unknown) => error);
  });
  const claude = scripted([[toolUse("wait")], "Done."]);
  expect(await run({ tools: [wait] }, "Go.", { claude, store, session: "s" })).toMatchObject({
    text: "Done.",
  });
  expect(refused).toMatchObject({ reason: "agent", message: /without a size.*anew\.$/ });
});

describe("what a PDF is", () => {
  const pdf = pdfOf({ pages: 1 });
  const behind = (text: string) => Buffer.concat([latin(text), pdf]);

  it.each<[string, Buffer]>([
    ["that begins with its mark", pdf],
    ["behind a line break", behind("\n")],
    ["behind words of a printer", behind('\x1b%-12345X@PJL SET COPIES="1"\r\n')],
    ["whose mark is the last in the first kilobyte", behind(" ".repeat(1_019))],
  ])("is told in one way of bytes and of base64: one %s", (_what, bytes) => {
    const block = documentOf(bytes);
    expect(mediaHead(bytes)).toEqual({ type: "application/pdf" });
    expect(mediaOf(bytes)).toEqual({ block });
    expect(resultOf(bytes).content).toEqual([block]);
    expect(resultOf([block]).content).toEqual([block]);
  });

  it.each<[string, Buffer]>([
    ["a text that names the mark", latin("A PDF begins with %PDF-1.7, and has objects.")],
    ["one whose mark is further in", behind(" ".repeat(1_020))],
  ])("and %s is none, in either form", (_what, bytes) => {
    expect(mediaHead(bytes)).toBeUndefined();
    expect(mediaOf(bytes)).toBeUndefined();
    expect(resultOf(bytes).content).toBe(bytes.toString("latin1"));
    expect(JSON.stringify(resultOf([documentOf(bytes)]).content)).toMatch(/no PDF/);
  });
});

it("a GIF is whole where its first picture is, whatever follows that", () => {
  const whole = gifOf(9, 9);
  const colours = Buffer.concat([
    whole.subarray(0, 13),
    latin("!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"),
    whole.subarray(13, 22),
    latin("\x80abcdef\x02\x03xyz\0"),
  ]);
  for (const bytes of [whole, whole.subarray(0, -1), Buffer.concat([whole, latin("more")]), colours])
    expect(mediaOf(bytes)).toMatchObject({ block: { type: "image" } });
  expect(mediaOf(colours.subarray(0, -1))).toMatchObject({ problem: /cut off/ });
});
