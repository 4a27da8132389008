import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import type { Claude } from "@lockstitch/core";
import { CassetteError, readCassette, record, replay, scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { ask, said, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();

describe("the file of a recording", () => {
  it("makes the folders it needs, and refuses to write over a recording unless it is told to", async () => {
    const file = folder.path("deep/er/a.jsonl");
    await ask(record(scripted(["One."]), file), said("1"));
    expect(() => record(scripted([]), file)).toThrow(/holds a recording already. Delete it or give ifExists/);
    expect(readCassette(file)).toHaveLength(1);
    await ask(record(scripted(["Two."]), file, { ifExists: "append" }), said("2"));
    expect(readCassette(file).map(({ request }) => request.messages)).toEqual([
      said("1").messages,
      said("2").messages,
    ]);
    await ask(record(scripted(["Three."]), file, { ifExists: "overwrite" }), said("3"));
    expect(readCassette(file)).toHaveLength(1);
  });

  it("goes on after a crash that cut its last line off, and reads such a file without it", async () => {
    const file = folder.path("a.jsonl");
    await ask(record(scripted(["Ä."]), file), said("1"));
    appendFileSync(file, '{"request":{"messages":[{"role":"user","content":"hal');
    expect(readCassette(file)).toHaveLength(1);
    await ask(record(scripted(["Two."]), file, { ifExists: "append" }), said("2"));
    expect(readCassette(file)).toHaveLength(2);
  });

  it.each<[string, string, RegExp]>([
    ["that is something else", "name,age\n", /is no recording/],
    ["that is empty", "", /is no recording/],
    [
      "of a newer version",
      '{"format":"lockstitch.cassette","version":2}\n',
      /version 2, and this is made for version 1/,
    ],
    [
      "with a call that got nothing",
      '{"format":"lockstitch.cassette","version":1}\n{"request":{"messages":[]},"message":null}\n',
      /line 2 is not a recorded call/,
    ],
    [
      "with a version that is no number",
      '{"format":"lockstitch.cassette","version":"1"}\n',
      /line 1 must have the number 1 as its version, and has "1"/,
    ],
    [
      "that somebody changed",
      '{"format":"lockstitch.cassette","version":1}\n{"requ\n',
      /line 2 is not a recorded call/,
    ],
  ])("says what is wrong with a file %s, and leaves it alone", (_what, text, message) => {
    const file = folder.path("other.csv");
    writeFileSync(file, text);
    expect(() => readCassette(file)).toThrow(message);
    expect(() => replay(file)).toThrow(CassetteError);
    if (!text.includes("requ"))
      expect(() => record(scripted([]), file, { ifExists: "append" })).toThrow(CassetteError);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  const begun = '{"format":"lockstitch.cassette","version":1}\n';
  const reply = {
    content: [{ type: "text", text: "Hi." }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const lineOf = (more: object) => JSON.stringify({ request: { messages: [] }, events: [], ...more });
  const whole = lineOf({ message: reply });

  it.each<[string, string]>([
    ["null", "it is no JSON object"],
    ["[]", "it is no JSON object"],
    ['{"request":null,"message":{}}', "`request` must be an object"],
    ['{"request":"x","message":{}}', "`request` must be an object"],
    ['{"request":{},"message":{}}', "`request.messages` must be a list"],
    ['{"request":{"messages":{}},"message":{}}', "`request.messages` must be a list"],
    ['{"request":{"messages":[null]},"message":{}}', "`request.messages[0]` must have a text"],
    ['{"request":{"messages":[{"content":[null]}]},"message":{}}', "`request.messages[0]` must have a text"],
    ['{"request":{"messages":[{"content":null}]},"message":{}}', "`request.messages[0]` must have a text"],
    ['{"request":{"messages":[],"system":[1]},"message":{}}', "`request.system` must be"],
    ['{"request":{"messages":[],"tools":"x"},"message":{}}', "`request.tools` must be"],
    ['{"request":{"messages":[]},"events":null,"message":{}}', "`events` must be a list"],
    ['{"request":{"messages":[]},"events":[null],"message":{}}', "`events` must be a list"],
    ['{"request":{"messages":[]},"message":"hi"}', "`message` must be an object"],
    ['{"request":{"messages":[]},"error":null}', "`error` must be an object"],
    ['{"request":{"messages":[]},"error":{}}', "`error` must be an object"],
    [lineOf({ message: {} }), "`message.content` must be a list of blocks"],
    [lineOf({ message: { ...reply, content: null } }), "`message.content` must be a list of blocks"],
    [
      lineOf({ message: { type: "error", error: { type: "api_error", message: "x" } } }),
      "`message.content` must",
    ],
    [
      lineOf({ message: { ...reply, content: [5] } }),
      "`message.content[0]` must be an object that has a `type`",
    ],
    [
      lineOf({ message: { ...reply, content: [...reply.content, { type: "text" }] } }),
      "`message.content[1].text` must be a text",
    ],
    [
      lineOf({ message: { ...reply, content: [{ type: "tool_use", name: "look" }] } }),
      "`message.content[0].id` must be a text",
    ],
    [lineOf({ message: { ...reply, stop_reason: null } }), "`message.stop_reason` must be a text"],
    [lineOf({ message: { ...reply, model: 5 } }), "`message.model` must be a text"],
    [lineOf({ message: { ...reply, usage: undefined } }), "`message.usage` must be an object"],
    [
      lineOf({ message: { ...reply, usage: { input_tokens: 1 } } }),
      "`message.usage.output_tokens` must be a whole number from 0 on",
    ],
    [
      lineOf({ error: { name: "E", message: "m", status: 42 } }),
      "`error.status` must be the status of an HTTP",
    ],
    [lineOf({ error: { name: "E", message: "m", status: "500" } }), "`error.status` must be"],
    [lineOf({ error: { name: "E", message: "m", type: 5 } }), "`error.type` must be a text"],
    [
      lineOf({ error: { name: "E", message: "m", headers: { "retry-after": "1\n2" } } }),
      '`error.headers["retry-after"]` must be a text that a header can hold',
    ],
    [lineOf({ error: { name: "E", message: "m", headers: { "retry-after": 1 } } }), "`error.headers["],
    [lineOf({ error: { name: "E", message: "m", requestID: "a\nb" } }), "`error.requestID` must be a text"],
    [
      lineOf({ events: [{ type: "message_stop" }, { type: "message_start" }], message: reply }),
      "`events[1].message` must be an object",
    ],
    ['{"request":{"messages":[]}}', "it has neither `message` nor `error`"],
  ])("names file, line and fault of %s", (line, fault) => {
    const file = folder.path("a.jsonl");
    writeFileSync(file, `${begun}${whole}\n${line}\n`);
    const words = `${file}, line 3 is not a recorded call: ${fault}`;
    for (const read of [readCassette, replay]) {
      expect(() => read(file)).toThrow(CassetteError);
      expect(() => read(file)).toThrow(words);
    }
  });

  it.each<[string, unknown]>([
    ["nothing", null],
    ["an object that is none", {}],
    ["one without a stop reason", { content: [], usage: reply.usage }],
  ])(
    "keeps a reply that was %s as the error that a run takes it for, and can be read again",
    async (_what, odd) => {
      const file = folder.path("a.jsonl");
      const broken: Claude = async () => odd as never;
      expect((await ask(record(broken, file), said("1"))).message).toEqual(odd);
      expect((await ask(replay(file), said("1"))).error).toMatchObject({
        name: "BrokenStreamError",
        message: expect.stringMatching(/not one of the Messages API: `message/),
      });
    },
  );

  it("keeps a reply that tells no usage, as one that used none", async () => {
    const file = folder.path("a.jsonl");
    const { usage: _, ...silent } = reply;
    await ask(
      record(async () => silent as never, file),
      said("1"),
    );
    expect((await ask(replay(file), said("1"))).message).toEqual({
      ...silent,
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  it("keeps no status that is none of HTTP, and no request id that is no header", async () => {
    const file = folder.path("a.jsonl");
    const odd = Object.assign(new Error("exit"), { status: 7, requestID: "a\nb" });
    await ask(record(scripted([odd]), file), said("1"));
    expect((await ask(replay(file), said("1"))).error).toMatchObject({ message: "exit" });
  });

  it("keeps a last line that only lacks its line break, and goes on after it", async () => {
    const file = folder.path("a.jsonl");
    writeFileSync(file, `${begun}${whole}`);
    expect(readCassette(file)).toHaveLength(1);
    await ask(record(scripted(["Two."]), file, { ifExists: "append" }), said("2"));
    expect(readCassette(file)).toHaveLength(2);
    writeFileSync(file, begun.trimEnd());
    await ask(record(scripted(["One."]), file, { ifExists: "append" }), said("1"));
    expect(readCassette(file)).toHaveLength(1);
  });

  it("is read although an editor put a byte order mark before it", async () => {
    const file = folder.path("a.jsonl");
    for (const text of [`${begun}${whole}\n`, begun.trimEnd()]) {
      writeFileSync(file, `\ufeff${text}`);
      const before = readCassette(file).length;
      await ask(record(scripted(["Two."]), file, { ifExists: "append" }), said("2"));
      expect(readCassette(file)).toHaveLength(before + 1);
    }
  });

  it("says how to make one that is not there, and that one can't be written", async () => {
    expect(() => replay(folder.path("none.jsonl"))).toThrow(/Make it with record\(claude, file\)/);
    writeFileSync(folder.path("file"), "");
    expect(() => record(scripted([]), folder.path("file/a.jsonl"))).toThrow(/can't be written/);
  });

  it("keeps calls of parallel runs in whole lines", async () => {
    const echo: Claude = async (request, call) => scripted([JSON.stringify(request.messages)])(request, call);
    const recorded = record(echo, folder.path("a.jsonl"));
    await Promise.all(Array.from({ length: 50 }, (_, index) => ask(recorded, said(`question ${index}`))));
    const asked = readCassette(folder.path("a.jsonl")).map(({ request }) => request.messages[0]?.content);
    expect(new Set(asked).size).toBe(50);
  });
});
