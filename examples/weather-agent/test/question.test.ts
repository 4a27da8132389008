import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { DEFAULT_QUESTION } from "../src/command-line.js";
import { askQuestion } from "../src/question.js";

/** Patience enough for what was written already, unless a test is about losing it. */
function terminal(isTTY: boolean, patience = 60_000) {
  return { input: Object.assign(new PassThrough(), { isTTY }), output: new PassThrough(), patience };
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

  it("asks nobody where there is no terminal, and waits no longer than its patience", async () => {
    const silent = terminal(false, 1);
    expect(await askQuestion(new AbortController(), silent)).toBe(DEFAULT_QUESTION);
    expect(silent.output.readableLength).toBe(0);
    // What is still read from would keep the program running.
    expect(silent.input.isPaused()).toBe(true);
  });

  it.each([
    ["Rome?\n", "Rome?"],
    ["\n  \n Rome? \r\nand more\n", "Rome?"],
    ["Rome? København?", "Rome? København?"],
  ])("takes the first line with words of a pipe: %j", async (piped, question) => {
    const { input, ...rest } = terminal(false);
    const asked = askQuestion(new AbortController(), { input, ...rest });
    // Byte by byte, as a slow writer might.
    for (const byte of Buffer.from(piped)) input.write(Buffer.of(byte));
    input.end();
    expect(await asked).toBe(question);
    expect(rest.output.readableLength).toBe(0);
  });

  it("takes a line as soon as it ends, though the pipe stays open", async () => {
    const { input, ...rest } = terminal(false);
    input.write("Rome?\n");
    expect(await askQuestion(new AbortController(), { input, ...rest })).toBe("Rome?");
  });

  it("takes what there is of a line whose end never comes", async () => {
    const unfinished = terminal(false, 1);
    unfinished.input.write("Rome?");
    expect(await askQuestion(new AbortController(), unfinished)).toBe("Rome?");
    const endless = terminal(false);
    endless.input.write("?".repeat(20_000));
    expect((await askQuestion(new AbortController(), endless)).length).toBe(20_000);
  });

  it.each(["", " \n\n"])("takes the default where the pipe brings but %j", async (piped) => {
    const { input, ...rest } = terminal(false);
    input.end(piped);
    expect(await askQuestion(new AbortController(), { input, ...rest })).toBe(DEFAULT_QUESTION);
  });

  it("takes the default where the input can't be read", async () => {
    const { input, ...rest } = terminal(false);
    const asked = askQuestion(new AbortController(), { input, ...rest });
    input.destroy(new Error("EISDIR"));
    expect(await asked).toBe(DEFAULT_QUESTION);
  });

  it("gives up on a pipe when interrupted, before or meanwhile", async () => {
    const interrupt = new AbortController();
    const asked = askQuestion(interrupt, terminal(false));
    interrupt.abort();
    await expect(asked).rejects.toThrow();
    await expect(askQuestion(interrupt, terminal(false))).rejects.toThrow();
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
