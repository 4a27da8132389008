import type Anthropic from "@anthropic-ai/sdk";
import { readCassette, record, replay, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { isCredentialName } from "../src/record/credential-names.js";
import { createRedactor } from "../src/record/redact.js";
import { redactEvents } from "../src/record/redact-events.js";
import { redactData, redactValue } from "../src/record/redact-value.js";
import { ask, said, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const file = () => folder.path("a.jsonl");
const secret = "Zq8-hunter2-hunter2-Value-77";
const cut = secret.slice(0, -1);
const options = { redact: [secret] };
const same = (text: string) => text;

describe("a reply that a limit cut off within a secret", () => {
  it.each(["max_tokens", "stop_sequence", "model_context_window_exceeded"] as const)(
    "is written down without its beginning: %s",
    async (stop_reason) => {
      const replies = [
        { content: `key ${cut}`, stop_reason },
        { content: [{ type: "thinking" as const, thinking: `key ${cut}`, signature: "s" }], stop_reason },
        { content: [toolUse("t", { a: { b: `key ${cut}` } })], stop_reason },
      ];
      const claude = record(scripted(replies), file(), options);
      for (const _reply of replies) await ask(claude, said("Hi"));
      expect(folder.read("a.jsonl")).not.toContain("hunter2");
      const calls = readCassette(file());
      for (const call of calls) {
        const pieces = call.events.flatMap((event) =>
          event.type === "content_block_delta" ? Object.values(event.delta).slice(1) : [],
        );
        expect(pieces.join("")).toContain("key [redacted]");
        expect("message" in call ? JSON.stringify(call.message) : "").toContain("key [redacted]");
      }
    },
  );

  it("is not in the requests that say it again either, and these are replayed", async () => {
    const claude = record(
      scripted([{ content: `key ${cut}`, stop_reason: "max_tokens" }, "Yes."]),
      file(),
      options,
    );
    const conversation = async (model: typeof claude) => {
      const { message } = await ask(model, said("Hi"));
      const { content } = message as Anthropic.Message;
      const messages = [...said("Hi").messages, { role: "assistant" as const, content }];
      return ask(model, { messages: [...messages, { role: "user", content: "Go on." }] });
    };
    await conversation(claude);
    expect(folder.read("a.jsonl")).not.toContain("hunter2");
    expect((await conversation(replay(file()))).error).toBeUndefined();
  });

  it("keeps what only looks like one in a reply that came to its own end, and before the last block", async () => {
    const block = { type: "text" as const, text: `key ${cut}` };
    const replies = [
      { content: [block] },
      { content: [block, { type: "text" as const, text: "!" }], stop_reason: "max_tokens" as const },
    ];
    const claude = record(scripted(replies), file(), options);
    await ask(claude, said("1"));
    await ask(claude, said("2"));
    for (const call of readCassette(file())) expect(JSON.stringify(call)).toContain(cut);
  });
});

describe("what broke off", () => {
  const delta = (text: string) =>
    ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }) as const;
  const json = (partial_json: string) =>
    ({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json } }) as const;
  const redacted = (...events: Parameters<typeof redactEvents>[0]) =>
    redactEvents(events, createRedactor([secret, "12345678"], {}))
      .map((event) => (event.type === "content_block_delta" ? Object.values(event.delta)[1] : ""))
      .join("");

  it("has no beginning of a secret before white space or what closes a quotation", () => {
    expect(redacted(delta(`key ${cut}`), delta("\n"))).toBe("key [redacted]\n");
    expect(redacted(delta(`"${cut}…"`))).toBe('"[redacted]…"');
    expect(redacted(delta(`key ${cut} and`))).toBe(`key ${cut} and`);
  });

  it("has none in the message of an error", async () => {
    const error = Object.assign(new Error(`broke at "${cut}"`), { details: { at: cut } });
    await ask(record(scripted([error]), file(), options), said("Hi"));
    expect(readCassette(file())[0]).toMatchObject({
      error: { message: 'broke at "[redacted]"', details: { at: "[redacted]" } },
    });
  });

  it.each<[string, string]>([
    ['{"a":"x","password":1234567890', '{"a":"x","password":"[redacted]"'],
    ['{"password":-12.5e3,"a":1', '{"password":"[redacted]","a":1'],
    ['{"password":["tulip", 4711,', '{"password":["[redacted]", "[redacted]",'],
    ['{"password":["tulip"],"a":["rose"', '{"password":["[redacted]"],"a":["rose"'],
    ['{"password":["tul', '{"password":["[redacted]'],
    ['{"password":"tulip\\', '{"password":"[redacted]'],
    ['{"password":"","a":"', '{"password":"","a":"'],
    ['{"p\\u0061ssword":"tulip"', '{"p\\u0061ssword":"[redacted]"'],
    ['[{"name":"authorization","value":"tul', '[{"name":"authorization","value":"[redacted]'],
    ['{"headers":[["x-api-key","tul', '{"headers":[["x-api-key","[redacted]'],
    ['{"required":["token","user"],"a":"', '{"required":["token","user"],"a":"'],
    ['{"password":{"type":"string","a":"', '{"password":{"type":"string","a":"'],
    ['{"max_tokens":100,"a":"', '{"max_tokens":100,"a":"'],
    ['{"n":1234567', '{"n":[redacted]'],
    ['{"a":"\\u005aq8-hunter2-hunter2-Value-77', '{"a":"[redacted]'],
  ])("is looked through as what is whole: %s", (text, clean) => {
    expect(redacted(json(text))).toBe(clean);
    expect(redacted(json(clean))).toBe(clean);
  });
});

describe("a secret with escapes that JSON does not need", () => {
  it.each<[string, string]>([
    [String.raw`{"a":"\u005aq8-hunter2-hunter2-Value-77"}`, '{"a":"[redacted]"}'],
    [String.raw`Zq8\u002Dhunter2\u002dhunter2-Value-\u0037\u0037!`, "[redacted]!"],
    [String.raw`{\"a\":\"\\u005aq8-hunter2-hunter2-Value-77\"}`, String.raw`{\"a\":\"[redacted]\"}`],
    [String.raw`\u0070\"q\\\n\ud83d\ude00-end`, "[redacted]"],
    [String.raw`\u0061 pass`, String.raw`\u0061 pass`],
  ])("is found: %s", (text, clean) => {
    expect(createRedactor([secret, 'p"q\\\n😀-end'], {})(text)).toBe(clean);
  });
});

describe("a credential by its name", () => {
  it.each([
    "passwords",
    "secrets",
    "api_keys",
    "accessTokens",
    "private_key_pem",
    "secretKeyBase64",
    "cookies",
  ])("is known by %s", (name) => expect(isCredentialName(name)).toBe(true));

  it.each(["tokens", "max_tokens", "output_tokens", "keys", "password_file", "passwordless", "token_count"])(
    "is not known by %s",
    (name) => expect(isCredentialName(name)).toBe(false),
  );

  it("is known in a pair of a name and a value", () => {
    const headers = [
      { name: "authorization", value: "tulip" },
      { key: "X-Api-Key", value: ["tulip", 4711] },
      { name: "accept", value: "json" },
      { name: "password", value: { type: "string" } },
    ];
    const clean = [
      { name: "authorization", value: "[redacted]" },
      { key: "X-Api-Key", value: ["[redacted]", "[redacted]"] },
      ...headers.slice(2),
    ];
    expect(redactData({ headers }, same)).toEqual({ headers: clean });
    expect(redactValue({ headers }, same)).toEqual({ headers: clean });
  });

  it("of a name that an older version did not know is replayed all the same", async () => {
    const call = (passwords: string) => ({
      messages: [
        {
          role: "assistant" as const,
          content: [{ type: "tool_use" as const, id: "a", name: "t", input: { passwords } }],
        },
      ],
    });
    await ask(record(scripted(["Hello."]), file()), call("rose"));
    const { readFileSync, writeFileSync } = await import("node:fs");
    writeFileSync(file(), readFileSync(file(), "utf8").replace("[redacted]", "rose"));
    expect((await ask(replay(file()), call("rose"))).error).toBeUndefined();
  });
});
