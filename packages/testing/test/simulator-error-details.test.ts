import { describe, expect, test } from "vitest";
import { judgeMessageRequest } from "../src/simulator/validate/validate.js";
import { answer, changed, first, of, surroundings } from "./changed-requests.js";
import { picture, plain } from "./legal-requests.js";
import { pictureBytes, webpBytes } from "./pictures.js";

describe("the whole refusal", () => {
  test("is a 404 for a model that is not there, and nothing is said of it where no list is given", () => {
    const request = changed(plain, "model", "claude-opus-9");
    expect(judgeMessageRequest(request, surroundings())).toEqual({
      status: 404,
      error: { type: "not_found_error", message: "model: claude-opus-9" },
    });
    expect(judgeMessageRequest(request, { version: "2026-10-21", betas: [] })).toBeUndefined();
  });

  test("names every picture that is too large", () => {
    const large = changed(plain, `${answer}.content.1`, picture("image/jpeg", 1, 9_000));
    const both = changed(large, `${first}.0`, picture("image/png", 9_000, 1));
    expect(judgeMessageRequest(both, of("plain"))?.error).toEqual({
      type: "invalid_request_error",
      message: expect.stringContaining("8000 pixels"),
      details: {
        error_code: "image_dimensions_too_large",
        max_side_length_pixels: 8_000,
        paths: ["messages.0.content.0", "messages.2.content.0.content.1"],
      },
    });
  });

  const large = pictureBytes("image/jpeg", 1, 9_000);
  /** A JPEG with more between its beginning and its frame. */
  const jpegWith = (hex: string): Buffer =>
    Buffer.concat([large.subarray(0, 20), Buffer.from(hex, "hex"), large.subarray(20)]);
  const noFrame = (marker: string): string => `ff${marker}0011${"00".repeat(15)}`;

  test.each([
    ["jpeg", jpegWith("ffffff")],
    ["jpeg", jpegWith(noFrame("c4"))],
    ["jpeg", jpegWith(noFrame("c8"))],
    ["jpeg", jpegWith(noFrame("cc"))],
    ["png", pictureBytes("image/png", 9_000, 1)],
    ["jpeg", pictureBytes("image/jpeg", 1, 9_000)],
    ["gif", pictureBytes("image/gif", 9_000, 1)],
    ["webp", pictureBytes("image/webp", 1, 9_000)],
    ["webp", webpBytes("VP8 ", 9_000, 1)],
    ["webp", webpBytes("VP8L", 1, 9_000)],
  ])("knows the size of a %s", (kind, bytes) => {
    const source = { type: "base64", media_type: `image/${kind}`, data: bytes.toString("base64") };
    expect(
      judgeMessageRequest(changed(plain, `${first}.0.source`, source), of("plain"))?.error.message,
    ).toContain("8000 pixels");
  });
});
