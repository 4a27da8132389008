import {
  type Agent,
  type AgentEvent,
  memoryStore,
  readResult,
  resume,
  run,
  ToolError,
} from "@lockstitch/core";
import { type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitResult, mostKept, wholeCharacters } from "../src/pure/tool-result/read-on.js";
import { resultOf } from "../src/pure/tool-result/tool-result.js";
import { asksForSummary, only, page, smallModel, smallModels } from "./compaction-helpers.js";
import { readLog, storeWith, upTo } from "./crash.js";
import { handTool } from "./helpers.js";

const long = Array.from({ length: 500 }, (_, line) => `line ${line}`).join("\n");
const limits = { maxResultLength: 1_000 };
const book = handTool("book", () => long);
const agent: Agent = { tools: [book, readResult], limits };

const asks = (offset: number, id = "toolu_1"): ScriptedReply => [
  toolUse("read_result", { tool_use_id: id, offset }),
];

async function play(replies: readonly ScriptedReply[], { of = agent } = {}) {
  const events: AgentEvent[] = [];
  const store = memoryStore();
  const claude = scripted(replies);
  const onEvent = (event: AgentEvent | { type: string }) =>
    void ("seq" in event && events.push(event as AgentEvent));
  const result = await run(of, "Read the book.", { claude, store, session: "s", onEvent });
  return { result, events, claude, results: only(events, "tool.end").map(({ result }) => result) };
}

describe("a result that is longer than the agent's limit", () => {
  it("is cut with a note that says how to read on, and kept whole in the log", async () => {
    const { events, results } = await play([[toolUse("book", {}, "toolu_1")], "Done."]);
    expect(results[0]?.content).toMatch(/^line 0\nline 1\n/);
    expect(results[0]?.content).toContain(
      `[cut: characters 0 to 1000 of ${long.length} are shown. To read on, call read_result with {"tool_use_id":"toolu_1","offset":1000}]`,
    );
    expect(only(events, "tool.end")[0]?.full).toBe(long);
  });

  it("can be read on in by the model, page by page, to its last character", async () => {
    const offsets = Array.from(
      { length: Math.ceil(long.length / 1_000) - 1 },
      (_, index) => (index + 1) * 1_000,
    );
    const of = { ...agent, limits: { ...limits, maxSteps: 30 } };
    const { results } = await play(
      [[toolUse("book", {}, "toolu_1")], ...offsets.map((at) => asks(at)), "Done."],
      { of },
    );
    const pages = results.map(({ content }) => String(content).replace(/\n\[[^\n]*\]$/, ""));
    expect(pages.join("")).toBe(long);
    expect(results.at(-1)?.content).toMatch(/Here it ends\.\]$/);
    expect(results.at(-2)?.content).toMatch(/It goes on at offset \d+\.\]$/);
  });

  it("is only cut where the agent has no tool to read on with", async () => {
    const { events, results } = await play([[toolUse("book", {}, "toolu_1")], "Done."], {
      of: { tools: [book], limits },
    });
    expect(results[0]?.content).toMatch(/\[cut: the first 1000 of \d+ characters are shown\]$/);
    expect(only(events, "tool.end")[0]).not.toHaveProperty("full");
  });

  it("is not kept where it is short enough, and neither is what is read of another", async () => {
    const short = handTool("short", () => "short");
    const { events } = await play(
      [[toolUse("short", {}, "toolu_0")], [toolUse("book", {}, "toolu_1")], asks(1_000), "Done."],
      { of: { ...agent, tools: [short, book, readResult] } },
    );
    expect(only(events, "tool.end").map(({ full }) => full?.length)).toEqual([
      undefined,
      long.length,
      undefined,
    ]);
  });

  it("may be JSON, blocks with images among them, or an error: all its text can be read on in", async () => {
    const image = { type: "image", source: { type: "url", url: "https://example.com/a.png" } };
    const make: Record<string, () => unknown> = {
      json: () => ({ lines: long }),
      blocks: () => [{ type: "text", text: "Look:" }, image, { type: "text", text: long }],
      error: () => {
        throw new ToolError(long);
      },
    };
    const tools = Object.entries(make).map(([name, work]) => handTool(name, work));
    const calls = Object.keys(make).map((name) => toolUse(name, {}, `toolu_${name}`));
    const { events } = await play([calls, "Done."], { of: { ...agent, tools: [...tools, readResult] } });
    const end = (name: string) => only(events, "tool.end").find((event) => event.name === name);
    expect(JSON.parse(end("json")?.full ?? "")).toEqual({ lines: long });
    expect(end("blocks")?.full).toBe(`Look:\n${long}`);
    expect(end("blocks")?.result.content).toMatchObject([{ type: "text" }, { type: "image" }]);
    expect(end("error")).toMatchObject({ full: long, result: { is_error: true } });
  });

  it("leaves what is no text of it as much room, and no more", async () => {
    const found = (title: string, length: number) => ({
      type: "search_result",
      source: "https://example.com",
      title,
      content: [{ type: "text", text: "x".repeat(length) }],
    });
    const search = handTool("search", () => [
      { type: "text", text: long },
      found("short", 100),
      found("endless", 100_000),
    ]);
    const { events, results } = await play([[toolUse("search", {}, "toolu_1")], "Done."], {
      of: { ...agent, tools: [search, readResult] },
    });
    expect(only(events, "tool.end")[0]?.full).toContain(long);
    expect(JSON.stringify(results[0]).length).toBeLessThan(3_000);
    expect(JSON.stringify(results[0])).toContain("short");
  });

  it("is kept only as long as a session has room for it, beside those of the same reply", async () => {
    const huge = "x".repeat(mostKept.ofResult);
    const tool = handTool("huge", () => huge);
    const calls = Array.from({ length: 7 }, (_, index) => toolUse("huge", {}, `toolu_${index}`));
    const { events } = await play([calls, [toolUse("huge", {}, "toolu_7")], "Done."], {
      of: { ...agent, tools: [tool, readResult] },
    });
    const kept = only(events, "tool.end").flatMap(({ full }) => full?.length ?? []);
    expect(kept).toEqual(Array.from({ length: mostKept.ofSession / mostKept.ofResult }, () => huge.length));
  });

  it("under a name of the user's own is read on in by that name", async () => {
    const more = { ...readResult, name: "more" };
    const { results } = await play([[toolUse("book", {}, "toolu_1")], "Done."], {
      of: { ...agent, tools: [book, more] },
    });
    expect(results[0]?.content).toContain("call more with");
  });
});

describe("reading on", () => {
  it("works in another process, after the first has died", async () => {
    const { events } = await play([[toolUse("book", {}, "toolu_1")], "Done."]);
    const store = await storeWith(upTo(events, "tool.end"));
    const claude = scripted([asks(1_000), "Done."]);
    await resume(agent, "s", { claude, store });
    expect(only(await readLog(store), "tool.end").at(-1)?.result.content).toContain(long.slice(1_000, 1_900));
  });

  it("works in a later run of the session, and after a compaction", async () => {
    const store = memoryStore();
    const options = { store, session: "s", models: smallModels };
    const of: Agent = { ...agent, model: smallModel.id, maxTokens: 500, compact: { keep: 0 } };
    await run(of, "Read the book.", {
      ...options,
      claude: scripted([[toolUse("book", {}, "toolu_1")], "Done."]),
    });
    const usage = { input_tokens: 7_000, output_tokens: 10 };
    const more = scripted([{ content: "Well.", usage }, "Read a book: toolu_1.", asks(2_000), "Done."]);
    await run(of, page.repeat(3), { ...options, claude: more });
    await run(of, "And now?", { ...options, claude: more });
    expect(more.requests.filter(asksForSummary)).toHaveLength(1);
    const log = await readLog(store);
    expect(only(log, "compaction")).toHaveLength(1);
    expect(only(log, "tool.end").at(-1)?.result.content).toContain(long.slice(2_000, 2_900));
  });

  it("tells the model what is wrong where there is nothing to read", async () => {
    const { results } = await play([
      [toolUse("book", {}, "toolu_1")],
      asks(1_000, "toolu_9"),
      asks(99_999),
      [toolUse("read_result", { tool_use_id: "toolu_1", offset: -1 })],
      asks(0, "constructor"),
      "Done.",
    ]);
    expect(results.slice(1)).toMatchObject([
      { is_error: true, content: expect.stringContaining('No result of "toolu_9" was kept') },
      { is_error: true, content: expect.stringContaining(`has ${long.length} characters`) },
      { is_error: true, content: expect.stringContaining("offset must be a whole number") },
      { is_error: true, content: expect.stringContaining('No result of "constructor"') },
    ]);
  });

  it("gives as many characters as are asked for, and never half of one", async () => {
    expect(wholeCharacters("a😀b", 2)).toBe(1);
    expect(wholeCharacters("a😀b", 3)).toBe(3);
    expect(wholeCharacters("a\ud83db", 2)).toBe(2);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 2, maxLength: 60 }),
        fc.integer({ min: 1, max: 50 }),
        (text, size) => {
          const whole = text.toWellFormed();
          const call = { resultOf: () => whole, maxResultLength: size };
          let read = "";
          for (let offset = 0; offset < whole.length; ) {
            const given = String(readResult.run({ tool_use_id: "a", offset }, call as never));
            const [, end] = /\[characters \d+ to (\d+) of/.exec(given.slice(given.lastIndexOf("\n["))) ?? [];
            read += given.slice(0, given.lastIndexOf("\n["));
            expect(Number(end)).toBeGreaterThan(offset);
            offset = Number(end);
          }
          expect(read).toBe(whole);
        },
      ),
    );
  });

  it("begins and ends with whole characters wherever it is told to, also where one is wider than what was asked for", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (text, offset, length, maxResultLength) => {
          fc.pre(offset < text.length);
          const call = { resultOf: () => text, maxResultLength };
          const given = String(readResult.run({ tool_use_id: "a", offset, length }, call as never));
          const note = given.lastIndexOf("\n[characters ");
          const [, start, end] = /(\d+) to (\d+) of/.exec(given.slice(note)) ?? [];
          const read = given.slice(0, note);
          expect(read).toBe(text.slice(Number(start), Number(end)));
          expect(read.isWellFormed()).toBe(true);
          expect(read).not.toContain("\ufffd");
          expect(Number(start)).toBeLessThanOrEqual(offset);
          expect(Number(end)).toBeGreaterThan(offset);
        },
      ),
    );
    const read = (offset: number, length: number) => {
      const call = { resultOf: () => "😀😀", maxResultLength: 7 };
      return readResult.run({ tool_use_id: "a", offset, length }, call as never);
    };
    expect(read(1, 1)).toBe("😀\n[characters 0 to 2 of 4. It goes on at offset 2.]");
    expect(read(3, 9)).toBe("😀\n[characters 2 to 4 of 4. Here it ends.]");
  });
});

describe("fitResult", () => {
  const reader = { tool: "read_result", toolUseId: "toolu_1", room: 50_000 };

  it("keeps nothing where the session's log has no more room, and cuts as ever", () => {
    const fit = (room: number) => fitResult((most) => resultOf(long, most), 1_000, { ...reader, room });
    expect(fit(long.length).full).toBe(long);
    expect(fit(long.length - 1)).toEqual({ result: resultOf(long, 1_000) });
  });

  it("keeps ten million characters of a result at most", () => {
    const { full } = fitResult((most) => resultOf("x".repeat(11_000_000), most), 1_000, {
      ...reader,
      room: 50_000_000,
    });
    expect(full?.length).toBeLessThan(10_000_100);
    expect(full?.slice(-60)).toContain("of 11000000 characters are shown]");
  });
});
