import { ToolError } from "@lockstitch/core";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";
import { outputOf } from "../src/result.js";

const text = (words: string) => ({ type: "text" as const, text: words });
const of = (...content: CallToolResult["content"]) => outputOf({ content });

describe("outputOf", () => {
  it("takes text and images as they are", () => {
    expect(of(text("a"), { type: "image", data: "aGk=", mimeType: "image/png" })).toEqual([
      text("a"),
      { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } },
    ]);
  });

  it("says what can't be shown, for the API would refuse it now and ever after", () => {
    expect(
      of(
        { type: "image", data: "aGk=", mimeType: "image/tiff" },
        { type: "image", data: "no base64!", mimeType: "image/png" },
        { type: "audio", data: "aGk=", mimeType: "audio/wav" },
      ),
    ).toEqual([
      text("[image, image/tiff, about 3 bytes: it can't be shown here]"),
      text("[image, image/png, about 7 bytes: it can't be shown here]"),
      text("[audio, audio/wav, about 3 bytes: it can't be shown here]"),
    ]);
  });

  it("shows resources, and says where linked ones are", () => {
    const pdf = { uri: "x:/a.pdf", mimeType: "application/pdf", blob: "aGk=" };
    expect(
      of(
        { type: "resource", resource: { uri: "x:/a", text: "words" } },
        { type: "resource", resource: pdf },
        { type: "resource", resource: { uri: "x:/b", mimeType: "image/gif", blob: "aGk=" } },
        { type: "resource", resource: { uri: "x:/c", blob: "aGk=" } },
        { type: "resource_link", uri: "x:/d", name: "d", mimeType: "text/plain", description: "Notes" },
        { type: "resource_link", uri: "x:/e", name: "e" },
      ),
    ).toEqual([
      text("[resource x:/a]\nwords"),
      {
        type: "document",
        title: "x:/a.pdf",
        source: { type: "base64", media_type: "application/pdf", data: "aGk=" },
      },
      { type: "image", source: { type: "base64", media_type: "image/gif", data: "aGk=" } },
      text("[resource x:/c, application/octet-stream, about 3 bytes: it can't be shown here]"),
      text("[resource d: x:/d (text/plain: Notes)]"),
      text("[resource e: x:/e]"),
    ]);
  });

  it("shows structured content once, and what else there is beside it", () => {
    const structuredContent = { celsius: 4, sky: "rain" };
    const content = [text('{ "sky": "rain", "celsius": 4 }'), text("Take an umbrella.")];
    expect(outputOf({ content, structuredContent })).toEqual([
      text('{"celsius":4,"sky":"rain"}'),
      text("Take an umbrella."),
    ]);
  });

  it("throws what the server says of a failure", () => {
    const thrown = (() => {
      try {
        return outputOf({ content: [text("no such file")], isError: true });
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(ToolError);
    expect((thrown as ToolError).content).toEqual([text("no such file")]);
    expect(() => outputOf({ content: [], isError: true })).toThrow(/failed without saying why/);
  });

  it("gives nothing where there is nothing", () => {
    expect(of()).toBe("");
  });
});
