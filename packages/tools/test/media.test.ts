import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LockstitchError, run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { document, image, MediaError, tool } from "@lockstitch/tools";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sizeOfImage } from "../../core/src/pure/image-size.js";
import { mediaTypeOf } from "../../core/src/pure/media.js";
import { readImageHeader } from "../../testing/src/simulator/validate/image-header.js";

const folder = mkdtempSync(join(tmpdir(), "media-"));
afterAll(() => rmSync(folder, { recursive: true }));

const latin = (text: string) => Buffer.from(text, "latin1");
const two = (side: number) => String.fromCharCode(side >> 8, side & 255);
const png = (width: number, height: number) =>
  latin(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0${two(width)}\0\0${two(height)}`);
const jpeg = latin(`\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08${two(20)}${two(30)}\x03\0\0\0\0`);
const gif = latin("GIF89a\x1e\0\x14\0\0\0\0");
const webp = latin("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x1d\0\0\x13\0\0");
const pdf = latin("%PDF-1.7\n…");

function fileOf(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const imageBlock = (media_type: string, bytes: Buffer) => ({
  type: "image",
  source: { type: "base64", media_type, data: bytes.toString("base64") },
});

describe("image", () => {
  test.each([
    ["image/png", png(30, 20)],
    ["image/jpeg", jpeg],
    ["image/gif", gif],
    ["image/webp", webp],
  ])("knows %s by its bytes, whatever the file is called", async (type, bytes) => {
    expect(await image(bytes)).toEqual(imageBlock(type, bytes));
    const path = fileOf("picture.txt", bytes);
    expect(await image(path)).toEqual(imageBlock(type, bytes));
    expect(await image(pathToFileURL(path))).toEqual(imageBlock(type, bytes));
    expect(await image(pathToFileURL(path).href)).toEqual(imageBlock(type, bytes));
    expect(await image(Uint8Array.from(bytes).buffer)).toEqual(imageBlock(type, bytes));
  });

  test("of an address of the web is fetched by the API, and by nobody here", async () => {
    const block = { type: "image", source: { type: "url", url: "https://example.invalid/a.png" } };
    expect(await image("https://example.invalid/a.png")).toEqual(block);
    expect(await image(new URL("https://example.invalid/a.png"))).toEqual(block);
  });

  const large = () => Buffer.concat([png(1, 1), Buffer.alloc(7_500_001)]);
  test.each<[string, () => Parameters<typeof image>[0], RegExp]>([
    ["too many bytes", large, /^What was given is an image of .* too large: the API takes 10 MB\. Make it/],
    ["a file with too many bytes", () => fileOf("l.png", large()), /l\.png has 7500025 bytes, too large/],
    ["too wide an image", () => png(8_001, 1), /8001×1 pixels.*8000×8000\. Make it smaller: .* 2576/],
    ["too high an image", () => fileOf("high.png", png(1, 8_001)), /high\.png is an image of 1×8001 pixels/],
    ["what is no image", () => latin("BM…"), /no image that the API takes\. Convert it to JPEG/],
    ["a PDF", () => pdf, /is a PDF\. Show it to the model with document\(\)/],
    [
      "no such file",
      () => join(folder, "none.png"),
      /none\.png can't be read: ENOENT.*Give the path of a file/,
    ],
    ["a folder", () => folder, /can't be read: EISDIR/],
    ["a data URL", () => "data:image/png;base64,AAAA", /begins with data: can't be shown/],
    ["what is no source", () => 5 as unknown as string, /Give a file's path, a URL, or bytes/],
  ])("refuses %s, and says the way out", async (_what, source, words) => {
    const refused = image(source());
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toBeInstanceOf(MediaError);
    await expect(refused).rejects.toMatchObject({ reason: "media" });
    await expect(refused).rejects.toBeInstanceOf(LockstitchError);
  });

  test("takes the largest that the API takes", async () => {
    expect(await image(png(8_000, 8_000))).toMatchObject({ type: "image" });
    const bytes = Buffer.concat([png(1, 1), Buffer.alloc(7_500_000 - 24)]);
    expect((await image(fileOf("just.png", bytes))).source).toMatchObject({ data: /^iVBOR/ });
  });
});

describe("document", () => {
  test("takes a PDF and a text by their bytes, with what the model is told of them", async () => {
    expect(
      await document(fileOf("report", pdf), { title: "Report", context: "Q3", citations: true }),
    ).toEqual({
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: pdf.toString("base64") },
      title: "Report",
      context: "Q3",
      citations: { enabled: true },
    });
    expect(await document(fileOf("notes.pdf", "Héllo"))).toEqual({
      type: "document",
      source: { type: "text", media_type: "text/plain", data: "Héllo" },
    });
    expect(await document("https://example.invalid/a.pdf")).toEqual({
      type: "document",
      source: { type: "url", url: "https://example.invalid/a.pdf" },
    });
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    ["an image", () => jpeg, /is an image\. Show it to the model with image\(\)/],
    ["neither PDF nor text", () => Uint8Array.from([0xff, 0xfe]), /neither a PDF nor a text\. Give a PDF/],
    ["an empty one", () => latin(" \n"), /is empty\. Give a PDF/],
    ["too large a PDF", () => Buffer.concat([pdf, Buffer.alloc(18_000_001)]), /too large.*Give a part of it/],
    ["too large a text", () => Buffer.alloc(18_000_001, "a"), /18000001 bytes, and a request takes 32 MB/],
  ])("refuses %s, and says the way out", async (_what, bytes, words) => {
    await expect(document(bytes())).rejects.toThrow(words);
    await expect(document(bytes())).rejects.toBeInstanceOf(MediaError);
  });
});

test("a tool that returns an image shows it; one that can't says why to the model", async () => {
  const show = tool({
    name: "show",
    description: "Shows a chart.",
    effects: "none",
    run: () => image(png(30, 20)),
  });
  const fail = tool({ name: "fail", description: "Shows no chart.", run: () => image(png(9_000, 1)) });
  const claude = scripted([[toolUse("show"), toolUse("fail")], "Done."]);
  const { messages } = await run({ tools: [show, fail] }, [await image(gif)], { claude });
  expect(messages[0]?.content).toEqual([imageBlock("image/gif", gif)]);
  expect(messages[2]?.content).toMatchObject([
    { content: [imageBlock("image/png", png(30, 20))] },
    { is_error: true, content: /9000×1 pixels/ },
  ]);
});

test("two readers of image headers, written apart, say the same of any bytes", () => {
  const starts = [png(30, 20), jpeg, gif, webp, latin("RIFF\0\0\0\0WEBPVP8 "), latin("RIFF\0\0\0\0WEBPVP8L")];
  const bytes = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 70 }));
  fc.assert(
    fc.property(bytes, ([start, more, length]) => {
      const all = Buffer.concat([start, more]).subarray(0, length);
      const other = readImageHeader(all);
      expect(mediaTypeOf(all)).toBe(other?.mediaType);
      if (other?.size !== undefined) expect(sizeOfImage(all)).toEqual(other.size);
    }),
    { numRuns: 500 },
  );
});
