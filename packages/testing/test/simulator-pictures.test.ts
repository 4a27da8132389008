import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { pictureBytes, webpBytes } from "./pictures.js";
import {
  assistant,
  expectRefusal,
  type Fields,
  hello,
  history,
  image,
  newest,
  pixel,
  result,
  use,
  user,
} from "./request-parts.js";

const place = "messages.1.content.0.image.source.base64";
const bytesOf = (kind: string, bytes: Buffer): Fields =>
  image({ type: "base64", media_type: `image/${kind}`, data: bytes.toString("base64") });
const at = (url: unknown): Fields => ({ type: "url", url });
const latin = (text: string): Buffer => Buffer.from(text, "latin1");

const kinds = ["png", "jpeg", "gif", "webp"];
const whole = (kind: string): Buffer => pictureBytes(`image/${kind}`, 3, 2);
/** As short as a picture can be: WebP, lossless, of one pixel. */
const tiny = latin("RIFF\x12\0\0\0WEBPVP8L\x06\0\0\0/\0\0\0\0\0");
/** A JPEG with more between its beginning and its frame. */
const jpegWith = (hex: string): Buffer =>
  Buffer.concat([whole("jpeg").subarray(0, 20), Buffer.from(hex, "hex"), whole("jpeg").subarray(20)]);

describe("an address", () => {
  const placed: readonly [what: string, block: (source: Fields) => Fields, path: string][] = [
    ["an image", image, "messages.1.content.0.image.source.url.url"],
    [
      "a document",
      (source) => ({ type: "document", source }),
      "messages.1.content.0.document.source.url.url",
    ],
    [
      "an image in a document",
      (source) => ({ type: "document", source: { type: "content", content: [image(source)] } }),
      "messages.1.content.0.document.source.content.content.0.image.source.url.url",
    ],
  ];

  test.each(placed)("of %s begins with https:", (_, block, path) => {
    expect(refuseMessageRequest(history(user(block(at("https://example.com/a")))), newest)).toBeUndefined();
    expect(refuseMessageRequest(history(user(block(at("HTTPS://example.com/a")))), newest)).toBeUndefined();
    for (const url of [
      "http://example.com/a",
      "ftp://example.com/a",
      "data:image/png;base64,",
      "https:",
      "a",
    ])
      expectRefusal(history(user(block(at(url)))), `${path}: Only HTTPS URLs are supported.`);
  });

  test("in a tool's result does too", () => {
    const holding = (url: string): Fields =>
      history(assistant(use("a")), user(result("a", { content: [image(at(url))] })));
    expect(refuseMessageRequest(holding("https://example.com/a"), newest)).toBeUndefined();
    expectRefusal(
      holding("http://example.com/a"),
      "messages.2.content.0.tool_result.content.0.image.source.url.url: Only HTTPS URLs are supported.",
    );
  });
});

describe("a picture", () => {
  test.each<[what: string, block: Fields]>([
    ...kinds.map((kind): [string, Fields] => [`a ${kind}`, bytesOf(kind, whole(kind))]),
    ["a PNG of one pixel", bytesOf("png", Buffer.from(pixel, "base64"))],
    ["a lossy WebP", bytesOf("webp", webpBytes("VP8 ", 3, 2))],
    ["a lossless WebP", bytesOf("webp", webpBytes("VP8L", 3, 2))],
    ["a WebP of 26 bytes", bytesOf("webp", tiny)],
    ["a JPEG with strays between its segments", bytesOf("jpeg", jpegWith("0000ffffff"))],
    ["a GIF with colours, and a comment before its picture", bytesOf("gif", colourful())],
    ...kinds.map((kind): [string, Fields] => [
      `a ${kind} with more behind its end`,
      bytesOf(kind, Buffer.concat([whole(kind), latin("and more")])),
    ]),
  ])("is taken: %s", (_, block) => {
    expect(refuseMessageRequest(history(user(block)), newest)).toBeUndefined();
  });

  test.each<[what: string, kind: string, bytes: Buffer]>([
    ["no more than a PNG's first bytes", "png", whole("png").subarray(0, 8)],
    ["a PNG whose header is cut", "png", whole("png").subarray(0, 23)],
    ["a PNG that begins with another chunk", "png", replaced(whole("png"), "IHDR", "tEXt")],
    ["a PNG of a header alone", "png", whole("png").subarray(0, 33)],
    ["a PNG without pixels", "png", replaced(whole("png"), "IDAT", "tEXt")],
    ["a PNG without an end", "png", whole("png").subarray(0, -12)],
    ["no more than a JPEG's first bytes", "jpeg", whole("jpeg").subarray(0, 4)],
    ["a JPEG without a frame", "jpeg", whole("jpeg").subarray(0, 20)],
    ["a JPEG whose frame is cut", "jpeg", whole("jpeg").subarray(0, 28)],
    ["a JPEG without a scan", "jpeg", whole("jpeg").subarray(0, 33)],
    ["a JPEG without an end", "jpeg", whole("jpeg").subarray(0, -2)],
    ["a JPEG that ends in its preview", "jpeg", previewed().subarray(0, -2)],
    ["no more than a GIF's first bytes", "gif", whole("gif").subarray(0, 6)],
    ["a GIF whose header is cut", "gif", whole("gif").subarray(0, 9)],
    ["a GIF without a picture", "gif", whole("gif").subarray(0, 13)],
    ["a GIF that ends before its picture", "gif", colourful().subarray(0, 22)],
    ["no more than a WebP's first bytes", "webp", whole("webp").subarray(0, 12)],
    ["a WebP whose header is cut", "webp", whole("webp").subarray(0, 29)],
    ["a lossless WebP whose header is cut", "webp", tiny.subarray(0, 24)],
    ["a lossy WebP whose header is cut", "webp", webpBytes("VP8 ", 3, 2).subarray(0, 29)],
    ["a WebP of another kind", "webp", replaced(whole("webp"), "VP8X", "VP9 ")],
    ["a WebP that is shorter than it says", "webp", whole("webp").subarray(0, -1)],
    ["a PNG of no width", "png", pictureBytes("image/png", 0, 2)],
    ["a PNG of no height", "png", pictureBytes("image/png", 2, 0)],
    ["a JPEG of no width", "jpeg", pictureBytes("image/jpeg", 0, 2)],
    ["a JPEG of no height", "jpeg", pictureBytes("image/jpeg", 2, 0)],
    ["a GIF of no width", "gif", pictureBytes("image/gif", 0, 2)],
    ["a GIF of no height", "gif", pictureBytes("image/gif", 2, 0)],
    ["a lossy WebP of no width", "webp", webpBytes("VP8 ", 0, 2)],
  ])("is refused: %s", (_, kind, bytes) => {
    expectRefusal(history(user(bytesOf(kind, bytes))), `${place}.data: Could not process image`);
  });

  test("is refused inside a tool's result, and by the place it has there", () => {
    const holding = (bytes: Buffer): Fields =>
      history(assistant(use("a")), user(result("a", { content: [bytesOf("png", bytes)] })));
    expect(refuseMessageRequest(holding(whole("png")), newest)).toBeUndefined();
    expectRefusal(
      holding(whole("png").subarray(0, 33)),
      "messages.2.content.0.tool_result.content.0.image.source.base64.data: Could not process image",
    );
  });

  test.each(kinds.flatMap((is) => kinds.filter((said) => said !== is).map((said) => [is, said] as const)))(
    "that is a %s is refused as a %s",
    (is, said) => {
      expectRefusal(
        history(user(bytesOf(said, whole(is)))),
        `${place}: The image was specified using the image/${said} media type, but the image appears to be a image/${is} image`,
      );
    },
  );

  test("that is a document is none", () => {
    const pdf = bytesOf("png", latin("%PDF-1.7\n"));
    expectRefusal(history(user(pdf), hello), `${place}.data: Could not process image`);
  });
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  return latin(bytes.toString("latin1").replace(from, to));
}

/** Thirteen bytes, a table of two colours, a comment of three bytes, and a picture. */
function colourful(): Buffer {
  const plain = whole("gif").toString("latin1");
  const colours = "\xff\xff\xff\0\0\0";
  return latin(`${plain.slice(0, 10)}\x80${plain.slice(11, 13)}${colours}!\xfe\x03abc\0${plain.slice(13)}`);
}

/** A JPEG with another, whole one in a segment before its frame. */
function previewed(): Buffer {
  const preview = whole("jpeg");
  const length = (preview.length + 2).toString(16).padStart(4, "0");
  return jpegWith(`ffe1${length}${preview.toString("hex")}`);
}
