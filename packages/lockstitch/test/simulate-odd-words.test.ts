import { describe, expect, it } from "vitest";
import { lineOf } from "../src/command/simulate-line.js";
import { loadScript } from "../src/command/simulate-script.js";
import { failing, file } from "./simulate-driver.js";

const request = { model: "m", max_tokens: 1, messages: [] };
const context = { now: 0, signal: new AbortController().signal };

describe("lockstitch simulate", () => {
  it.each<[string, string[], number, RegExp]>([
    ["a key with spaces", ["--key", " a b "], 2, /--key has white space/],
    ["a key with a line break", ["--key", "a\nb"], 2, /--key has white space/],
    ["a script without a name", ["--script", ""], 2, /--script is empty/],
    ["faults that are white space", ["--faults", " "], 2, /there is none in it/],
    [
      "a date that is none",
      ["--faults", "1:429@date+99999999999999"],
      2,
      /retryAfterDateMs .* year of four digits/,
    ],
    ["a session with a colon", ["--faults", "session=top1:toolu_1:cut"], 2, /session="top:toolu_1":cut/],
  ])("refuses %s", async (_what, words, status, message) => {
    expect(await failing(...words)).toEqual({ status, stdout: "", stderr: expect.stringMatching(message) });
  });

  it("refuses an empty recording as it does an empty list", async () => {
    const recording = file("a.jsonl", '{"format":"lockstitch.cassette","version":1}\n');
    expect((await failing("--script", recording)).stderr).toMatch(/a\.jsonl is a recording without a reply/);
    expect((await failing("--script", file("a.json", "[]"))).stderr).toMatch(/a\.json is an empty list/);
  });

  it("reads a script with a byte order mark, and one whose name ends in capitals", async () => {
    for (const path of [file("a.json", '\ufeff["Hi"]'), file("A.JSON", '["Hi"]')])
      expect(await (await loadScript(path))(request, context)).toBe("Hi");
  });

  it("cuts what a client has sent to what a line has room for", () => {
    const line = lineOf({
      at: 0,
      method: "POST",
      path: "/v1/messages",
      headers: {},
      body: { model: "m".repeat(100_000) },
      status: 404,
      error: { type: "not_found_error", message: `model: ${"m".repeat(100_000)}` },
    });
    expect(line.length).toBeLessThan(600);
    expect(line).toContain("… (100000 characters)");
    expect(line).toContain("not_found_error: model: mmm");
  });
});
