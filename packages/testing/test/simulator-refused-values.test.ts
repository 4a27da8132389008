import { writeFileSync } from "node:fs";
import {
  CassetteError,
  exchangesOf,
  readCassette,
  record,
  recordingMind,
  scripted,
} from "@lockstitch/testing";
import { describe, expect, it, test } from "vitest";
import { createSimulator, type Mind, parseFaults, scriptMind } from "../src/index.js";
import { realSleep } from "../src/simulator/delivery/real-sleep.js";
import { post, question, start } from "./http-driver.js";
import { ask, said, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();

describe("a session in a rule of faults", () => {
  it.each([
    ['session="top1:toolu_1":cut', "top1:toolu_1", { every: 1 }],
    ['session="a, b; c" 3:reset', "a, b; c", { request: 3 }],
    ["session=alice 3:reset", "alice", { request: 3 }],
  ])("is read: %s", (words, session, when) => {
    expect(parseFaults(`1:empty, ${words}`)).toMatchObject([{ when: { request: 1 } }, { session, when }]);
  });

  it.each(["session=top1:toolu_1:cut", "session=a,b:cut", "session=a b:cut", 'session="a:cut'])(
    "is refused with the way to write it: %s",
    (words) =>
      expect(() => parseFaults(words)).toThrow(/is written in quotes, e\.g\. session="top:toolu_1":cut/),
  );

  it.each([" ", ",", "\n", ";, "])("is wanted: %j has no rule in it", (words) => {
    expect(() => parseFaults(words)).toThrow(/there is none in it/);
  });
});

describe("a time that can't be meant", () => {
  it.each([
    { timeToFirstTokenMs: Number.POSITIVE_INFINITY },
    { timeToFirstTokenMs: Number.NaN },
    { tokensPerSecond: Number.NaN },
    { tokensPerSecond: 5e-324 },
  ])("is refused as a pace: %j", async (pace) => {
    await expect(createSimulator({ pace })).rejects.toThrow(/^pace\.\w+ is \S+; it must be/);
  });

  test("is refused as a date to wait until", async () => {
    const fault = { type: "status", status: 429, retryAfterDateMs: 1e17 } as const;
    await expect(createSimulator({ faults: [{ when: { every: 1 }, fault }] })).rejects.toThrow(
      /retryAfterDateMs/,
    );
    const faults = parseFaults("1:429@date+7");
    const simulator = await start({ faults, now: () => Number.NaN });
    const { status, body } = await post(simulator, question);
    expect([status, body.error?.message]).toEqual([500, expect.stringContaining("by the clock it is NaN")]);
  });

  test("that a timer can't hold is waited for all the same", async () => {
    const over = new AbortController();
    let hasEnded = false;
    const waiting = realSleep(2 ** 31 + 5, over.signal).finally(() => {
      hasEnded = true;
    });
    // A timer that is too long fires in the next millisecond: before this one.
    await realSleep(20, over.signal);
    expect(hasEnded).toBe(false);
    over.abort();
    await expect(waiting).rejects.toThrow();
  });

  test("is waited for by a reply, too", async () => {
    const simulator = await start({ pace: { timeToFirstTokenMs: 2 ** 31 + 5 } });
    const over = new AbortController();
    let isAnswered = false;
    const answer = fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "any", "anthropic-version": "2026-10-21" },
      body: JSON.stringify(question),
      signal: over.signal,
    }).then(() => {
      isAnswered = true;
    });
    await realSleep(200, over.signal);
    expect([simulator.requests[0]?.status, isAnswered]).toEqual([200, false]);
    over.abort();
    await expect(answer).rejects.toThrow();
  });
});

test.each([" a", "a b", "a\n", "ä"])("a key that nobody can send is refused: %j", async (apiKey) => {
  await expect(createSimulator({ apiKey })).rejects.toThrow(RangeError);
});

describe("what a mind says", () => {
  const call = { type: "tool_use", id: "toolu_1", name: "t", input: {} };
  const whole = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    stop_reason: "tool_use",
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  it.each<[unknown, RegExp]>([
    [{ ...call, id: 5 }, /with an id that is no text|content\.0\.id is 5; it must be a text/],
    [{ ...call, id: "" }, /with an id that is no text/],
    [{ ...call, input: 5 }, /with an input that is no object/],
    [{ ...call, input: null }, /with an input that is no object/],
    [{ ...call, input: [1] }, /with an input that is no object/],
    [{ ...call, name: "" }, /with an empty name/],
    [{ type: "thinking", thinking: "hm", signature: 5 }, /with a signature that is no text/],
    [[call, call], /two calls with the id "toolu_1"/],
  ])("is refused in words, whole or not, where a block is none: %j", async (block, words) => {
    const content = Array.isArray(block) ? block : [block];
    for (const reply of [{ content }, { message: { ...whole, content } }]) {
      const { status, body } = await post(await start({ mind: () => reply as never }), question);
      expect([status, body.error?.message]).toEqual([500, expect.stringMatching(words)]);
    }
  });

  it.each(["content-length", "Transfer-Encoding", "content-encoding", "connection"])(
    "is refused in words with the header %s",
    async (name) => {
      const mind: Mind = () => ({
        status: 529,
        error: { type: "overloaded_error", message: "Overloaded" },
        headers: { [name]: "3" },
      });
      const { status, body } = await post(await start({ mind }), question);
      expect([status, body.error?.message]).toEqual([500, expect.stringContaining(name)]);
    },
  );

  it.each([undefined, null])("is refused in a script where a reply is %s", (reply) => {
    expect(() => scriptMind(["one", reply as never])).toThrow(`Reply 2 of 2 is ${String(reply)}.`);
  });
});

describe("a cassette that was changed by hand", () => {
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "tool_use", id: "a", name: "t", input: {} }],
    stop_reason: "tool_use",
    usage: { input_tokens: 1, output_tokens: 1, cache_read_input_tokens: null },
  };
  const written = (line: object): string => {
    const path = folder.path("a.jsonl");
    const header = { format: "lockstitch.cassette", version: 1 };
    writeFileSync(path, `${JSON.stringify(header)}\n${JSON.stringify(line)}\n`);
    return path;
  };
  const request = { model: "m", max_tokens: 1, messages: [] };

  it.each<[object, string]>([
    [{ type: "foo" }, '`message.type` must be "message"'],
    [{ role: "user" }, '`message.role` must be "assistant"'],
    [{ id: 5 }, "`message.id` must be a text"],
    [{ model: null }, "`message.model` must be a text"],
    [{ content: [{ type: "tool_use", id: "a", name: "t" }] }, "`message.content[0].input` must be there"],
    [
      { content: [{ type: "thinking", thinking: "", signature: 5 }] },
      "`message.content[0].signature` must be a text",
    ],
    ...[1.5, -1, "5", 1e300].map((count): [object, string] => [
      { usage: { input_tokens: count, output_tokens: 1 } },
      "`message.usage.input_tokens` must be a whole number from 0 on",
    ]),
    [
      { usage: { ...message.usage, cache_read_input_tokens: "5" } },
      "`message.usage.cache_read_input_tokens` must be a whole number",
    ],
  ])("is refused by the name of the field: %j", (change, words) => {
    const path = written({ request, message: { ...message, ...change } });
    expect(() => readCassette(path)).toThrow(CassetteError);
    expect(() => readCassette(path)).toThrow(words);
    expect(readCassette(written({ request, message }))).toHaveLength(1);
  });

  it.each<[object, string]>([
    [{ asked: 0 }, "`asked` must be a whole number from 1 on"],
    [{ asked: "1" }, "`asked` must be a whole number from 1 on"],
    [{ session: 5 }, "`session` must be a text"],
    [
      {
        message: undefined,
        error: { name: "X", message: "m", status: 500, headers: { "Content-Length": "3" } },
      },
      '`error.headers["Content-Length"]` must not be there',
    ],
  ])("is refused by the name of the field: %j", (change, words) => {
    expect(() => readCassette(written({ request, message, ...change }))).toThrow(words);
  });

  it("is what no recording is: what a run takes for a reply can be read", async () => {
    const reply = { ...message, type: "foo", role: "user" } as never;
    await ask(
      record(async () => reply, folder.path("b.jsonl")),
      said("Hi"),
    );
    expect(readCassette(folder.path("b.jsonl"))[0]).toMatchObject({
      message: { type: "message", role: "assistant" },
    });
  });
});

describe("a recording made with a function that redacts", () => {
  const redact = (text: string) => text.replaceAll("Ada", "NAME");

  it("is played to the same request where the mind has the function too", async () => {
    const path = folder.path("a.jsonl");
    await ask(record(scripted(["Hi, Ada."]), path, { redact }), said("I am Ada."));
    const exchanges = exchangesOf(readCassette(path));
    const request = { model: "m", max_tokens: 1, ...said("I am Ada.") };
    const context = { now: 0, signal: new AbortController().signal };
    expect(await recordingMind(exchanges, { redact })(request, context)).toMatchObject({
      message: { content: [{ text: "Hi, NAME." }] },
    });
    expect(await recordingMind(exchanges)(request, context)).toBeUndefined();
    expect(await recordingMind(exchanges, () => true)(request, context)).toBeDefined();
    expect(() => recordingMind(exchanges, { redact: "Ada" as never })).toThrow(TypeError);
  });
});
