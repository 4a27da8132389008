import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AgentError, LockstitchError, run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { document, image, MediaError, tool } from "@lockstitch/tools";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sizeOfImage } from "../../core/src/pure/media/image-size.js";
import { mediaTypeOf } from "../../core/src/pure/media/media.js";
import { readImageHeader } from "../../testing/src/simulator/validate/image-header.js";
import { readMedia } from "../src/read-media.js";

const folder = mkdtempSync(join(tmpdir(), "media-"));
afterAll(() => rmSync(folder, { recursive: true }));

const isWindows = process.platform === "win32";
const latin = (text: string) => Buffer.from(text, "latin1");
const two = (side: number) => String.fromCharCode(side >> 8, side & 255);
const pngHead = (width: number, height: number) =>
  latin(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0${two(width)}\0\0${two(height)}\x08\x03\0\0\0crc!`);
const pngEnd = latin("\0\0\0\0IEND\xaeB`\x82");
const png = (width: number, height: number, between = Buffer.alloc(0)) =>
  Buffer.concat([pngHead(width, height), between, pngEnd]);
const jpeg = latin(
  `\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08${two(20)}${two(30)}\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0?\0…\xff\xd9`,
);
const gif = latin("GIF89a\x1e\0\x14\0\0\0\0,\0\0\0\0\x1e\0\x14\0\0\x02\0;");
const webp = latin("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1d\0\0\x13\0\0");
const pdfOf = (pages: number, more = "") =>
  latin(
    `%PDF-1.7\n1 0 obj\n<</Type/Pages/Kids[]/Count ${pages}>>\nendobj\ntrailer\n<</Root 2 0 R${more}>>\nstartxref\n9\n%%EOF\n`,
  );
const pdf = pdfOf(1);

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

  const large = () => png(1, 1, Buffer.alloc(7_500_001));
  test.each<[string, () => Parameters<typeof image>[0], RegExp]>([
    ["too many bytes", large, /^What was given has 7500046 bytes, too large: 7500000 are.* Make it smaller/],
    [
      "a file with too many bytes",
      () => fileOf("l.png", large()),
      /l\.png has 7500046 bytes, too large.*Make it smaller/,
    ],
    ["too wide an image", () => png(8_001, 1), /8001×1 pixels.*8000×8000\. Make it smaller: .* 2576/],
    ["too high an image", () => fileOf("high.png", png(1, 8_001)), /high\.png is an image of 1×8001 pixels/],
    ["what is no image", () => latin("BM…"), /no image that the API takes\. Convert it to JPEG/],
    ["a PDF", () => pdf, /is a PDF\. Show it to the model with document\(\)/],
    [
      "no such file",
      () => join(folder, "none.png"),
      /none\.png can't be read: there is no such file.*Give the path of a file/,
    ],
    ["a folder", () => folder, /can't be read: it is a folder\. Give the path of a file/],
    ["a path through a file", () => join(fileOf("a.png", gif), "b"), /can't be read: there is no such file/],
    ["a path that can't be one", () => "a\0.png", /can't be read: .*null bytes.*Give the path of a file/],
    ["a data URL", () => "data:image/png;base64,AAAA", /begins with data: can't be shown/],
    ["what is no URL", () => "https://[bad", /begins with https: and is no URL.*Give an https: or file: URL/],
    ["a file: URL of another machine", () => "file://host/a.png", /can't be read: .*Give the path of a file/],
    ["an address without https", () => "http://example.invalid/a.png?key=k", /takes https: only/],
    ["such a URL", () => new URL("http://example.invalid/a.png"), /takes https: only/],
    ["an empty one", () => new Uint8Array(), /no image that the API takes/],
    ["a PNG of its mark alone", () => latin("\x89PNG\r\n\x1a\n"), /without a size.*Save or fetch it anew/],
    ["a PNG without a header", () => latin(`\x89PNG\r\n\x1a\n${"\x01".repeat(99)}IEND`), /without a size/],
    ["a PNG of no size", () => png(0, 0), /without a size/],
    ["a PNG of no height", () => fileOf("flat.png", png(9, 0)), /flat\.png is an image without a size/],
    [
      "a PNG that is cut off",
      () => fileOf("c.png", pngHead(9, 9)),
      /c\.png is an image that is cut off.*anew/,
    ],
    ["a JPEG of its mark alone", () => latin("\xff\xd8\xff"), /without a size/],
    ["a JPEG without a frame", () => jpeg.subarray(0, 12), /without a size/],
    ["a JPEG that is cut off", () => jpeg.subarray(0, -2), /an image that is cut off/],
    ["a JPEG without a scan", () => jpeg.subarray(0, 21), /an image that is cut off/],
    [
      "a JPEG of which only the preview has an end",
      () =>
        Buffer.concat([jpeg.subarray(0, 2), latin("\xff\xe1\0\x06\xff\xda\xff\xd9"), jpeg.subarray(2, -2)]),
      /an image that is cut off/,
    ],
    ["a GIF whose header is cut", () => gif.subarray(0, 8), /without a size/],
    ["a GIF of no size", () => Buffer.concat([gif.subarray(0, 6), Buffer.alloc(30)]), /without a size/],
    ["a GIF without a picture", () => gif.subarray(0, 13), /an image that is cut off/],
    ["a text about GIFs", () => latin("GIF89a is a format of the year 1989."), /pixels, too large/],
    ["a WebP whose header is cut", () => webp.subarray(0, 20), /without a size/],
    ["a WebP that is cut off", () => webp.subarray(0, webp.length - 1), /without a size|cut off/],
    [
      "a WebP shorter than it says",
      () => Buffer.concat([webp.subarray(0, 4), latin("\x17"), webp.subarray(5)]),
      /an image that is cut off/,
    ],
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
    const bytes = png(1, 1, Buffer.alloc(7_500_000 - png(1, 1).length));
    expect((await image(fileOf("just.png", bytes))).source).toMatchObject({ data: /^iVBOR/ });
  });

  test("takes what stands behind an image's end, and what is put before its frame", async () => {
    const followed = Buffer.concat([png(3, 2), Buffer.alloc(100_000)]);
    expect(await image(followed)).toMatchObject({ type: "image" });
    const preview = Buffer.concat([latin("\xff\xe1\xff\xff"), Buffer.alloc(0xfffd)]);
    const late = Buffer.concat([jpeg.subarray(0, 2), preview, preview, jpeg.subarray(2)]);
    expect(await image(fileOf("late.jpg", late))).toMatchObject({ type: "image" });
    const film = Buffer.concat([jpeg, latin("ftypmp42\xff\xda…")]);
    expect(await image(film)).toMatchObject({ type: "image" });
    const strayBytes = Buffer.concat([jpeg.subarray(0, 8), latin("\0\0\0"), jpeg.subarray(8)]);
    expect(await image(strayBytes)).toMatchObject({ type: "image" });
    const animated = Buffer.concat([gif.subarray(0, 13), latin("!\xff\x0bNETSCAPE2.0\0"), gif.subarray(13)]);
    expect(await image(animated)).toMatchObject({ type: "image" });
    const strayZero = Buffer.concat([gif.subarray(0, 13), latin("\0"), gif.subarray(13)]);
    expect(await image(strayZero)).toMatchObject({ type: "image" });
    const colours = Buffer.concat([gif.subarray(0, 10), latin("\x80\0\0abcdef"), gif.subarray(13)]);
    expect(await image(colours)).toMatchObject({ type: "image" });
  });

  test.skipIf(isWindows)(
    "refuses a pipe that nobody writes to, and a device, and waits for neither",
    async () => {
      const path = join(folder, "pipe.png");
      execFileSync("sh", ["-c", "mkfifo pipe.png"], { cwd: folder });
      await expect(image("/dev/zero")).rejects.toThrow(
        /zero can't be read: it is no regular file\. Give the path/,
      );
      await expect(image(path)).rejects.toThrow(/pipe\.png can't be read: it is no regular file/);
      await expect(document(path)).rejects.toBeInstanceOf(MediaError);
    },
  );

  test.skipIf(isWindows)("says that a file may not be read", async () => {
    const path = fileOf("secret.png", gif);
    chmodSync(path, 0o000);
    const isRoot = process.geteuid?.() === 0;
    // Root may read everything, so for a moment nobody asks.
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(image(path)).rejects.toThrow(/secret\.png can't be read: this process may not read it/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test("says nothing of what stands in an address that is refused", async () => {
    for (const source of ["https://[bad?key=secret", "http://user:secret@example.invalid/?key=secret"]) {
      const error = await image(source).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(MediaError);
      expect(JSON.stringify([String(error), (error as Error).cause, (error as Error).stack])).not.toMatch(
        /secret/,
      );
    }
  });
});

describe("reading", () => {
  test("begins when the image or document is asked for, and not before", async () => {
    const path = join(folder, "later.png");
    const waiting = [image(path), document(path)];
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(path, gif);
    expect(await waiting[0]).toEqual(imageBlock("image/gif", gif));
    await expect(waiting[1]).rejects.toThrow(/is an image/);
  });

  test("is done once, however often it is asked for", async () => {
    const path = fileOf("once.png", gif);
    const once = image(path);
    const first = await once;
    unlinkSync(path);
    expect(await once).toBe(first);
    expect(await Promise.all([once, once])).toEqual([first, first]);
  });

  test("of what nobody asks for never happens, and leaves no rejection that nobody handles", async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on("unhandledRejection", note);
    try {
      for (const source of ["nowhere.png", "https://[bad", 5 as unknown as string]) {
        void image(source);
        void document(source);
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
      await new Promise((resolve) => setImmediate(resolve));
      expect(rejections).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  test("gives a promise like any other", async () => {
    const read = image(gif);
    expect(read).toBeInstanceOf(Promise);
    expect(await read.finally(() => {})).toEqual(imageBlock("image/gif", gif));
    expect(await image(join(folder, "none")).catch((error: Error) => error.name)).toBe("MediaError");
    expect(await Promise.all([image(gif), image(jpeg)])).toHaveLength(2);
  });

  test("of a file that is of the wrong kind ends at its beginning, however large it is", async () => {
    const path = fileOf("film.mp4", "\0\0\0\x18ftypmp42");
    truncateSync(path, 3_000_000_000);
    await expect(image(path)).rejects.toThrow(/film\.mp4 is no image that the API takes/);
    const wide = fileOf("wide.png", png(9_000, 1));
    truncateSync(wide, 3_000_000_000);
    await expect(image(wide)).rejects.toThrow(/9000×1 pixels/);
    await expect(document(path)).rejects.toThrow(/3000000000 bytes/);
  });

  test.skipIf(process.platform !== "linux")(
    "goes to the end of a file whose size is not told beforehand",
    async () => {
      const version = await document("/proc/version");
      expect(version.source).toMatchObject({ type: "text", data: /Linux/ });
      const wanted = { maxBytes: 9, wayOut: "Give a part of it", check() {} };
      await expect(readMedia("/proc/version", wanted)).rejects.toThrow(/has \d+ bytes, too large: 9 are/);
    },
  );
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
    ["a PDF of its mark alone", () => latin("%PDF-"), /a PDF that is cut off.*Save or fetch it anew/],
    ["a PDF that is cut off", () => pdf.subarray(0, 60), /a PDF that is cut off/],
    ["a PDF without a page", () => pdfOf(0), /a PDF without a page/],
    ["a PDF with a password", () => pdfOf(1, "/Encrypt 9 0 R"), /encrypted.*Save it without a password/],
    ["a PDF encrypted in place", () => pdfOf(1, "/Encrypt<</Filter/Standard>>"), /encrypted/],
    ["too large a PDF", () => Buffer.concat([pdf, Buffer.alloc(18_000_001)]), /too large.*Give a part of it/],
    [
      "too large a text",
      () => Buffer.alloc(18_000_001, "a"),
      /18000001 bytes, too large.* Give a part of it/,
    ],
  ])("refuses %s, and says the way out", async (_what, bytes, words) => {
    await expect(document(bytes())).rejects.toThrow(words);
    await expect(document(bytes())).rejects.toBeInstanceOf(MediaError);
  });
});

test("takes a PDF with something before its beginning", async () => {
  const before = Buffer.concat([latin("\n"), pdf]);
  const source = { type: "base64", media_type: "application/pdf", data: before.toString("base64") };
  expect(await document(before)).toEqual({ type: "document", source });
  expect(await document(fileOf("before.pdf", before))).toEqual({ type: "document", source });
  await expect(image(before)).rejects.toThrow(/is a PDF\. Show it to the model with document/);
  const about = "# PDF\n\nSuch a file begins with %PDF-1.7.";
  expect(await document(latin(about))).toMatchObject({ source: { type: "text", data: about } });
});

test("takes a PDF with something after its end, and one that says nothing of its pages", async () => {
  const after = Buffer.concat([pdf, Buffer.alloc(9_000)]);
  const compressed = latin(
    "%PDF-1.7\n1 0 obj\n<</Type/ObjStm>>stream\n…\nendstream\nendobj\nstartxref\n9\n%%EOF",
  );
  for (const bytes of [after, compressed])
    expect(await document(bytes)).toMatchObject({ source: { media_type: "application/pdf" } });
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

test("one that was not awaited is refused in words as an input", async () => {
  const refused = run({}, [image(gif)] as never, { claude: scripted([]) });
  await expect(refused).rejects.toThrow(AgentError);
  await expect(refused).rejects.toThrow(/holds a promise\. Await it/);
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
