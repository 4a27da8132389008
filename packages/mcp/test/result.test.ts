import { ToolError } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { outputOf as cleanOutputOf } from "../src/result.js";
import type { Answer } from "../src/sealed.js";
import { bmp, gif, heavyGif, jpeg, pdf, png, pngOf } from "./files.js";
import { text } from "./support.js";

const outputOf = (answer: Answer) => cleanOutputOf(answer, (said) => said);
const of = (...content: unknown[]) => outputOf({ content });
const words = (said: string) => text(said)[0];
const image = (data: unknown, mimeType?: unknown) => ({ type: "image", data, mimeType });
const shown = (media_type: string, data: string) => ({
  type: "image",
  source: { type: "base64", media_type, data },
});

describe("outputOf", () => {
  it("takes text and images as they are", () => {
    expect(of(words("a"), image(png, "image/png"))).toEqual([words("a"), shown("image/png", png)]);
  });

  it("goes by an image's bytes, not by what the server calls them", () => {
    expect(of(image(jpeg, "image/jpg"), image(gif, "image/png"), image(png))).toEqual([
      shown("image/jpeg", jpeg),
      shown("image/gif", gif),
      shown("image/png", png),
    ]);
  });

  it("takes base64 that is broken into lines, or lacks its end", () => {
    const lines = png.replace(/.{20}/g, "$&\r\n");
    expect(of(image(lines, "image/png"), image(png.replace(/=+$/, ""), "image/png"))).toEqual([
      shown("image/png", png),
      shown("image/png", png),
    ]);
  });

  it("says what can't be shown, for the API would refuse it now and ever after", () => {
    expect(
      of(
        image(bmp, "image/png"),
        image("no base64!", "image/png"),
        image("", "image/png"),
        image(pngOf(9_000), "image/png"),
        image(heavyGif, "image/gif"),
        { type: "audio", data: "aGk=", mimeType: "audio/wav" },
      ),
    ).toEqual(
      [
        /^\[image, image\/png, 4 bytes: it can't be shown here\]$/,
        /^\[image, image\/png, broken: it can't be shown here\]$/,
        /^\[image, image\/png, 0 bytes: it can't be shown here\]$/,
        /^\[image, image\/png, \d+ bytes: not shown, it is an image of 9000×1 pixels, too large: /,
        /^\[image, image\/gif, 8000032 bytes: not shown, it is an image of \d+ characters in base64, too large: /,
        /^\[audio, audio\/wav, 2 bytes: it can't be shown here\]$/,
      ].map((said) => ({ type: "text", text: expect.stringMatching(said) })),
    );
  });

  it("says that there was something where it is not as the protocol has it: by then it has happened", () => {
    const asked = [
      { type: "hologram", data: "aGk=" },
      image(5, "image/png"),
      { type: "text", text: null },
      { type: "resource_link", name: "a" },
      { type: "resource" },
      { type: "resource", resource: { uri: "x:/a" } },
      null,
      "words",
    ];
    const notes = of(...asked);
    expect(notes).toHaveLength(asked.length);
    expect(JSON.stringify(notes)).toMatch(/hologram.*kind image.*kind text.*resource_link.*kind resource/);
    expect(notes.slice(-2)).toEqual([words("null"), words("words")]);
    expect(outputOf({ content: { a: 1 } })).toEqual([words('{"a":1}')]);
    expect(outputOf({})).toBe("");
  });

  it("shows resources, and says where linked ones are", () => {
    expect(
      of(
        { type: "resource", resource: { uri: "x:/a", text: "words" } },
        { type: "resource", resource: { uri: "x:/a.pdf", mimeType: "application/pdf", blob: pdf } },
        { type: "resource", resource: { uri: "x:/b", mimeType: "image/gif", blob: gif } },
        { type: "resource", resource: { uri: "x:/c", blob: "aGk=" } },
        { type: "resource_link", uri: "x:/d", name: "d", mimeType: "text/plain", description: "Notes" },
        { type: "resource_link", uri: "x:/e", name: "e" },
      ),
    ).toEqual([
      words("[resource x:/a]\nwords"),
      {
        type: "document",
        title: "x:/a.pdf",
        source: { type: "base64", media_type: "application/pdf", data: pdf },
      },
      shown("image/gif", gif),
      words("[resource x:/c, of no known type, 2 bytes: it can't be shown here]"),
      words("[resource d: x:/d (text/plain: Notes)]"),
      words("[resource e: x:/e]"),
    ]);
  });

  it("shows structured content once, and what else there is beside it", () => {
    const structuredContent = { celsius: 4, sky: "rain" };
    const content = [words('{ "sky": "rain", "celsius": 4 }'), words("Take an umbrella.")];
    expect(outputOf({ content, structuredContent })).toEqual([
      words('{"celsius":4,"sky":"rain"}'),
      words("Take an umbrella."),
    ]);
    expect(outputOf({ structuredContent })).toEqual([words('{"celsius":4,"sky":"rain"}')]);
    expect(outputOf({ content: [], structuredContent: [1, null] })).toEqual([words("[1,null]")]);
  });

  it("says that structured content is too deep, where it is", () => {
    const deep = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`) as unknown;
    expect(outputOf({ content: [], structuredContent: deep })).toEqual([
      words("[structured content that is too deep to be shown]"),
    ]);
  });

  it("throws what the server says of a failure", () => {
    const thrown = (() => {
      try {
        return outputOf({ content: text("no such file"), isError: true });
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(ToolError);
    expect((thrown as ToolError).content).toEqual(text("no such file"));
    expect(() => outputOf({ content: [], isError: true })).toThrow(/failed without saying why/);
    expect(() => outputOf({ content: null, isError: true })).toThrow(/failed without saying why/);
  });

  it("gives nothing where there is nothing", () => {
    expect(of()).toBe("");
  });
});
