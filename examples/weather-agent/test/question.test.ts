import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { DEFAULT_QUESTION } from "../src/command-line.js";
import { askQuestion } from "../src/question.js";

function terminal(isTTY: boolean) {
  return { input: Object.assign(new PassThrough(), { isTTY }), output: new PassThrough() };
}

describe("asking for the question", () => {
  it("takes what the person types, and offers the default", async () => {
    const { input, output } = terminal(true);
    input.write("  Snow in Oslo? \n");
    expect(await askQuestion(new AbortController(), { input, output })).toBe("Snow in Oslo?");
    output.end();
    expect(await text(output)).toContain(DEFAULT_QUESTION);
  });

  it("takes the default on plain Enter", async () => {
    const { input, output } = terminal(true);
    input.write("\n");
    expect(await askQuestion(new AbortController(), { input, output })).toBe(DEFAULT_QUESTION);
  });

  it("asks nobody where there is no terminal", async () => {
    const { input, output } = terminal(false);
    expect(await askQuestion(new AbortController(), { input, output })).toBe(DEFAULT_QUESTION);
    expect(output.readableLength).toBe(0);
  });

  it("interrupts when the terminal is closed instead of answered", async () => {
    const { input, output } = terminal(true);
    const interrupt = new AbortController();
    input.end();
    await expect(askQuestion(interrupt, { input, output })).rejects.toThrow();
    expect(interrupt.signal.aborted).toBe(true);
  });

  it("gives up when interrupted", async () => {
    const { input, output } = terminal(true);
    const interrupt = new AbortController();
    const asked = askQuestion(interrupt, { input, output });
    interrupt.abort();
    await expect(asked).rejects.toThrow();
  });
});
