import { describe, expect, it } from "vitest";
import { DEFAULT_MODEL, parseCommandLine } from "../src/command-line.js";

describe("the command line", () => {
  it("leaves the question open when none is given", () => {
    expect(parseCommandLine([])).toEqual({ kind: "ask", model: DEFAULT_MODEL, json: false });
    expect(parseCommandLine(["  "])).toEqual({ kind: "ask", model: DEFAULT_MODEL, json: false });
  });

  it("joins several words into one question", () => {
    expect(parseCommandLine(["Will", "it", "rain", "in Oslo?"])).toMatchObject({
      question: "Will it rain in Oslo?",
    });
  });

  it("takes options before and after the question", () => {
    const asked = { kind: "ask", question: "Oslo?", model: "claude-sonnet-5-5", json: true };
    expect(parseCommandLine(["--json", "--model", "claude-sonnet-5-5", "Oslo?"])).toEqual(asked);
    expect(parseCommandLine(["Oslo?", "--model=claude-sonnet-5-5", "--json"])).toEqual(asked);
  });

  it.each([["--model", ""], ["--model="], ["--model", "  "]])("refuses the empty model of %j", (...words) => {
    expect(parseCommandLine(["Oslo?", ...words])).toEqual({
      kind: "wrong_usage",
      problem: expect.stringContaining("--model needs a model's id"),
    });
  });

  it.each(["--help", "-h"])("understands %s, whatever else is said", (flag) => {
    expect(parseCommandLine(["Oslo?", flag])).toEqual({ kind: "help" });
  });

  it.each([["--celsius"], ["-x"], ["--model"], ["--json=yes"]])("refuses %j and names it", (word) => {
    expect(parseCommandLine([word])).toEqual({
      kind: "wrong_usage",
      problem: expect.stringContaining(word.replace("=yes", "")),
    });
  });
});
