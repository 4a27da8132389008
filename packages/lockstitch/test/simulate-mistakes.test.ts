import { describe, expect, it } from "vitest";

import { failing, file } from "./simulate-driver.js";

describe("lockstitch simulate", () => {
  it.each<[string, string[], number, RegExp]>([
    ["an option that there is not", ["--prot", "1"], 2, /--prot/],
    ["a word too many", ["8080"], 2, /8080/],
    ["a port that is no number", ["--port", "http"], 2, /--port is "http"/],
    ["a port that there is not", ["--port", "70000"], 2, /--port is "70000"/],
    ["a pace that there is not", ["--pace", "slow"], 2, /--pace has "slow"; it takes first=/],
    ["a pace of nothing", ["--pace", "tokens=0"], 2, /must be a positive number/],
    ["a tier that there is not", ["--rate-limits", "gold"], 2, /no rate tier "gold". Tiers: /],
    ["a fault that there is not", ["--faults", "1:earthquake"], 2, /no kind "earthquake"/],
    ["a script that there is not", ["--script", "nowhere.mjs"], 1, /nowhere\.mjs can't be loaded/],
    ["a recording that there is not", ["--script", "nowhere.jsonl"], 1, /nowhere\.jsonl can't be read/],
    ["a JSON script that there is not", ["--script", "nowhere.json"], 1, /nowhere\.json can't be read/],
  ])("says what is wrong with %s", async (_what, words, status, message) => {
    const result = await failing(...words);
    expect(result).toEqual({ status, stdout: "", stderr: expect.stringMatching(message) });
    expect(result.stderr.includes("Usage:")).toBe(status === 2);
  });

  it.each<[string, string, RegExp]>([
    ["a.json", "[,]", /a\.json can't be read/],
    ["a.json", '{ "content": [] }', /holds no script/],
    ["a.json", '["fine", { "contents": [] }]', /reply 2 of 2 is none/],
    ["a.json", '[{ "content": 5 }]', /reply 1 of 1 is none/],
    ["a.json", '[{ "message": null }]', /reply 1 of 1 is none/],
    ["a.json", "[null]", /reply 1 of 1 is none/],
    ["a.mjs", 'export const replies = ["one"];', /by default/],
  ])("says what is wrong with a script: %s %s", async (name, text, message) => {
    expect(await failing("--script", file(name, text))).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });
});
