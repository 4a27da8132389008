import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError, type Claude, claude, run } from "@lockstitch/core";
import {
  CassetteError,
  createSimulator,
  exchangesOf,
  readCassette,
  record,
  recordingMind,
  replay,
  scripted,
  scriptMind,
  toolUse,
} from "@lockstitch/testing";
import { describe, expect, it, vi } from "vitest";
import { createRedactor } from "../src/record/redact.js";
import { redactEvents } from "../src/record/redact-events.js";
import { withoutSecrets } from "../src/simulator/recording.js";
import { ask, handTool, said, still, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const linesOf = (name: string) =>
  folder
    .read(name)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("a recording", () => {
  it("is a file of JSON lines: what it is, then every call with its request, its events and its reply", async () => {
    const recorded = record(scripted(["Hello."]), folder.path("a.jsonl"));
    const { message, events } = await ask(recorded, said("Hi"));
    const [header, call, ...more] = linesOf("a.jsonl");
    expect(header).toEqual({ format: "lockstitch.cassette", version: 1 });
    expect(call).toEqual({
      request: { model: "claude-sonnet-5-5", max_tokens: 100, ...said("Hi") },
      events: JSON.parse(JSON.stringify(events)),
      message: JSON.parse(JSON.stringify(message)),
    });
    expect(more).toEqual([]);
    expect(events.length).toBeGreaterThan(3);
  });

  it("changes nothing for whoever calls: the same events, message and error object", async () => {
    const failure = new Error("no");
    const plain = await ask(scripted(["Hello."]), said("Hi"));
    const recorded = record(scripted(["Hello.", failure]), folder.path("a.jsonl"));
    expect(await ask(recorded, said("Hi"))).toEqual(plain);
    expect((await ask(recorded, said("Hi"))).error).toBe(failure);
  });

  it("keeps each call as it was, whatever becomes of the objects later", async () => {
    const meddling: Claude = async (request, call) => {
      const message = await scripted(["Hello."])(request, call);
      request.messages.push({ role: "user", content: "meddled" });
      return message;
    };
    const recorded = record(meddling, folder.path("a.jsonl"));
    const { events } = await ask(recorded, said("Hi"));
    Object.assign(events[0] ?? {}, { type: "meddled" });
    expect(linesOf("a.jsonl")[1].request.messages).toHaveLength(1);
    expect(linesOf("a.jsonl")[1].events[0].type).toBe("message_start");
  });

  it("is on disk call by call, so that a crash leaves what was recorded", async () => {
    const recorded = record(scripted(["One.", "Two."]), folder.path("a.jsonl"));
    expect(linesOf("a.jsonl")).toHaveLength(1);
    await ask(recorded, said("1"));
    expect(linesOf("a.jsonl")).toHaveLength(2);
    await ask(recorded, said("2"));
    expect(linesOf("a.jsonl")).toHaveLength(3);
  });

  it("keeps an error with its class, status, type, message and request id, and no other headers than those of retrying", async () => {
    const headers = new Headers({
      "request-id": "req_1",
      "retry-after": "7",
      "set-cookie": "session=hidden",
      authorization: "Bearer hidden-hidden-hidden-1",
    });
    const body = { type: "error", error: { type: "rate_limit_error", message: "Slow down." } };
    const limited = Anthropic.APIError.generate(429, body, undefined, headers);
    await ask(record(scripted([limited]), folder.path("a.jsonl")), said("Hi"));
    expect(linesOf("a.jsonl")[1].error).toEqual({
      name: "RateLimitError",
      message: limited.message,
      status: 429,
      type: "rate_limit_error",
      apiMessage: "Slow down.",
      requestID: "req_1",
      headers: { "retry-after": "7" },
    });
    expect(folder.read("a.jsonl")).not.toContain("hidden");
  });

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
  const whole = '{"request":{"messages":[]},"events":[],"message":{}}';

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

  it("can be played by the simulator, to any client", async () => {
    const recorded = record(scripted(["Recorded."]), folder.path("a.jsonl"));
    await ask(recorded, said("Hi"));
    const simulator = await createSimulator({
      mind: recordingMind(exchangesOf(readCassette(folder.path("a.jsonl")))),
    });
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
    const message = await client.messages.create({
      model: "claude-sonnet-5-5",
      max_tokens: 100,
      ...said("Hi"),
    });
    expect(message.content).toMatchObject([{ type: "text", text: "Recorded." }]);
    await simulator.close();
  });

  it("is made of real traffic as well, and gives the same again without a server", async () => {
    const simulator = await createSimulator({
      mind: scriptMind([
        { content: [{ type: "tool_use", name: "look", input: { at: "sky" } }] },
        { content: [{ type: "text", text: "Blue." }] },
      ]),
    });
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
    const agent = { tools: [handTool("look", () => "blue")] };
    const first = await run(agent, "Colour?", {
      claude: record(claude({ client }), folder.path("a.jsonl")),
      environment: still(),
    });
    await simulator.close();
    const tape = replay(folder.path("a.jsonl"));
    const again = await run(agent, "Colour?", { claude: tape, environment: still() });
    expect(again.messages).toEqual(first.messages);
    expect(again.usage).toEqual(first.usage);
    tape.assertUsedUp();
  });
});

describe("what is redacted before anything is written", () => {
  /** Fifty secrets of every kind, each with a place in which it turns up. */
  function canaries() {
    const key = (index: number) => `sk-ant-api03-${"Zq7x".repeat(5)}${index}-AA`;
    const token = (index: number) => `eyJhbGci${index}.${"pL9w".repeat(4)}._-${index}`;
    const named = (index: number) => `pass "${index}"\n\\ wörd ${"v".repeat(index % 7)}`;
    return {
      keys: Array.from({ length: 18 }, (_, index) => key(index)),
      tokens: Array.from({ length: 14 }, (_, index) => token(index)),
      named: Array.from({ length: 16 }, (_, index) => named(index)),
      environment: ["env-key-value-4711", "env token value 0815"] as const,
    };
  }

  it("finds none of fifty secrets in the file that went through prompts, inputs, results, replies and errors", async () => {
    const { keys, tokens, named, environment } = canaries();
    vi.stubEnv("ANTHROPIC_API_KEY", environment[0]);
    vi.stubEnv("ANTHROPIC_AUTH_TOKEN", environment[1]);
    const secrets = [...keys, ...tokens.map((token) => token), ...named, ...environment];
    expect(secrets).toHaveLength(50);
    const bearers = tokens.map((token) => `Authorization: Bearer ${token}`);
    const all = [...keys, ...bearers, ...named, ...environment];
    const every = (start: number, step: number) => all.filter((_, index) => index % step === start % step);
    const agent = {
      system: `Use ${every(0, 5).join(" and ")}.`,
      tools: [
        handTool("look", (input) => ({ seen: every(1, 5), input }), {
          description: `Needs ${every(2, 5).join(", ")}`,
        }),
        handTool("fail", () => Promise.reject(new Error(`refused: ${every(3, 5).join("; ")}`))),
      ],
      request: { metadata: { user_id: every(4, 5).join() } },
    };
    const model = scripted([
      [
        { type: "text", text: `I repeat: ${all.join("  ")}` },
        { type: "thinking", thinking: all.join("\t"), signature: "sig" },
        toolUse("look", { keys: all, [keys[0] as string]: { deep: [[all[40]]] } }),
        toolUse("fail", { text: all.join("\n") }),
      ],
      Anthropic.APIError.generate(
        500,
        { type: "error", error: { type: "api_error", message: all.join(" "), details: { said: all } } },
        undefined,
        new Headers({ "request-id": keys[1] as string }),
      ),
      new BrokenStreamError(`broke at ${all.join(" ")}`),
      new Error(all.join(" | ")),
    ]);
    const recorded = record(model, folder.path("a.jsonl"), { redact: named });
    await run(agent, `Hi ${all.join(" ")}`, { claude: recorded, environment: still() }).catch(() => {});
    vi.unstubAllEnvs();

    const text = folder.read("a.jsonl");
    const calls = readCassette(folder.path("a.jsonl"));
    expect(calls).toHaveLength(4);
    // Pieces of a stream too: what they make together is what anybody can read.
    const streamed = calls.flatMap(({ events }) =>
      [0, 1, 2, 3].map((block) =>
        events
          .map((event) =>
            event.type === "content_block_delta" && event.index === block
              ? Object.values(event.delta)[1]
              : "",
          )
          .join(""),
      ),
    );
    expect(streamed.join("").length).toBeGreaterThan(1_000);
    const found = secrets.filter((secret) =>
      [secret, JSON.stringify(secret).slice(1, -1)].some(
        (spelling) => text.includes(spelling) || streamed.some((piece) => piece.includes(spelling)),
      ),
    );
    expect(found).toEqual([]);
    expect(text.split("[redacted]").length).toBeGreaterThan(500);
  });

  it("leaves everything else as it was", async () => {
    const text =
      "The bearer of news, a token, sk-other-1234567890 and the password policy: bearer certificates.";
    expect(
      createRedactor(["", "zzz"], { HOME: "/home/someone", SHORT_KEY: "news", NO_KEY: undefined })(text),
    ).toBe(text);
  });

  it.each<[string, string, string]>([
    ["a key", "key sk-ant-api03-abc_DEF-123, please", "key [redacted], please"],
    ["a bearer token", "authorization: bearer abc123def.ghi==;", "authorization: bearer [redacted];"],
    ["a value of the environment", "x hunter2hunter2 y", "x [redacted] y"],
    ["the same in a URL", "?q=a%20b%26c-secret", "?q=[redacted]"],
    ["the same in base64", `Basic ${Buffer.from("hunter2hunter2").toString("base64")}`, "Basic [redacted]"],
    ["the same in JSON in JSON", JSON.stringify(JSON.stringify('say "it" now')), '"\\"[redacted]\\""'],
    ["two, one of which begins the other", "abcdefgh-long and abcdefgh", "[redacted] and [redacted]"],
  ])("finds %s", (_what, text, clean) => {
    const environment = { DB_PASSWORD: "hunter2hunter2", URL_SECRET: "a b&c-secret" };
    const redactor = createRedactor(['say "it" now', "abcdefgh", "abcdefgh-long"], environment);
    expect(redactor(text)).toBe(clean);
    expect(redactor(clean)).toBe(clean);
  });

  // Cut in two, so that no scanner takes these tests for a leak.
  const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "dozjgNryP4J3jVmNHl0w5N"].join(".");
  const pem = ["-----BEGIN RSA PRIVATE", "KEY-----\nMIIEpAIBAAKCAQEA7bq\n-----END RSA PRIVATE", "KEY-----"];
  it.each<[string, string]>([
    [`key ${"sk-"}proj-abcdEFGH1234567890abcdEFGH.`, "key [redacted]."],
    [`key=${"sk-"}abcdEFGH1234567890abcdEFGH12345678`, "key=[redacted]"],
    [`${"ghp"}_abcdefghijklmnopqrstuvwxyz0123456789`, "[redacted]"],
    [`"${"github"}_pat_11ABCDEFG0abcdefghijkl_mnop"`, '"[redacted]"'],
    [`id: ${"AKIA"}IOSFODNN7EXAMPLE, next`, "id: [redacted], next"],
    [`${"xoxb"}-123456789012-abcdefghijkl`, "[redacted]"],
    [`?key=${"AIza"}SyA1234567890abcdefghijklmnopqrstuv&x`, "?key=[redacted]&x"],
    [`a token ${jwt}!`, "a token [redacted]!"],
    [`a\n${pem.join(" ")}\nb`, "a\n[redacted]\nb"],
    [JSON.stringify({ pem: pem.join(" ") }), '{"pem":"[redacted]"}'],
    ["Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==", "Authorization: Basic [redacted]"],
    ["x-api-key: plainheaderkey999\nnext", "x-api-key: [redacted]\nnext"],
    ['{"x-api-key":"plainheaderkey999"}', '{"x-api-key":"[redacted]"}'],
    ["postgres://bob:s3cr3t@db.example/x", "postgres://bob:[redacted]@db.example/x"],
    ["redis://:pw@host:6379", "redis://:[redacted]@host:6379"],
  ])("knows the secret in %j by its form", (text, clean) => {
    const redactor = createRedactor(undefined, {});
    expect(redactor(text)).toBe(clean);
    expect(redactor(clean)).toBe(clean);
  });

  it.each([
    "Basic information, basic authentication and Basic: auth; the x-api-key header, a risk-averse-and-careful-approach1.",
    "http://localhost:3000/a@b and https://example.com:8080, mailto:someone@example.com, 12:30@noon",
    `${"iVBORw0KGgo".repeat(30)}${"AKIA"}IOSFODNN7EXAMPLE${"iVBORw0KGgo".repeat(30)}`,
  ])("leaves %j as it was", (text) => {
    expect(createRedactor(undefined, {})(text)).toBe(text);
  });

  it.each([
    "API_KEY",
    "API_KEY_PROD",
    "DB_PASS",
    "GH_PAT",
    "PGPASSWORD",
    "MY_TOKEN_2",
    "AWS_SECRET_ACCESS_KEY",
    "SENTRY_DSN",
    "DATABASE_URL",
    "CREDENTIALS_JSON",
    "apiKeyProd",
    "SIGNING_SECRETS",
  ])("takes the value of the variable %s for a secret", (name) => {
    expect(createRedactor(undefined, { [name]: "value-4711" })("a value-4711 b")).toBe("a [redacted] b");
  });

  it.each([
    "PATH",
    "PWD",
    "KEYBOARD_LAYOUT",
    "PATTERN",
    "COMPASS_X",
    "SSH_ASKPASS",
    "HOME_URL",
    "TOKENIZERS",
  ])("takes the value of the variable %s for none", (name) => {
    expect(createRedactor(undefined, { [name]: "value-4711" })("a value-4711 b")).toBe("a value-4711 b");
  });

  it("knows the password of a URL in the environment where it stands alone", () => {
    const redactor = createRedactor(undefined, { CACHE: "redis://u:pg%23secret77@h/db" });
    expect(redactor("pg%23secret77, pg#secret77")).toBe("[redacted], [redacted]");
  });

  it("never touches the words of the protocol, nor the names of its fields", async () => {
    const words = {
      A_TOKEN: "assistant",
      B_TOKEN: "end_turn",
      C_TOKEN: "tool_use",
      D_TOKEN: "claude-sonnet-5-5",
    };
    for (const [name, value] of Object.entries(words)) vi.stubEnv(name, value);
    const redact = ["user", "message", "role", "content", "input", "text", "claude", "look", "type"];
    const model = () => scripted([[toolUse("look", { at: "sky" })], "Hi."]);
    await ask(record(model(), folder.path("a.jsonl"), { redact }), said("Hi"));
    vi.unstubAllEnvs();
    await ask(record(model(), folder.path("b.jsonl")), said("Hi"));
    expect(linesOf("a.jsonl")).toEqual(linesOf("b.jsonl"));
  });

  it("takes no plain word of the environment for a secret, nor a short value", () => {
    const environment = { MY_TOKEN: "assistant", DB_PASS: "postgres", A_KEY: "abc1234" };
    expect(createRedactor(undefined, environment)("the assistant, postgres, abc1234")).toBe(
      "the assistant, postgres, abc1234",
    );
  });

  it("takes a number out of an input, in the pieces of the stream too, and plays it again", async () => {
    const input = { n: 555000777, kept: 12, list: [555000777] };
    const file = folder.path("a.jsonl");
    const agent = { tools: [handTool("look", () => "seen")] };
    const model = scripted([[toolUse("look", input)], "Done."]);
    await run(agent, "Look.", {
      claude: record(model, file, { redact: ["555000777"] }),
      environment: still(),
    });
    const [first, second] = readCassette(file);
    expect(first).toMatchObject({
      message: { content: [{ input: { n: "[redacted]", kept: 12, list: ["[redacted]"] } }] },
    });
    expect(folder.read("a.jsonl")).not.toContain("555000777");
    const pieces = first?.events.map((event) =>
      event.type === "content_block_delta" && event.delta.type === "input_json_delta"
        ? event.delta.partial_json
        : "",
    );
    expect(pieces?.join("")).not.toContain("555000777");
    const asked = structuredClone(second?.request);
    const [, reply] = asked?.messages ?? [];
    const [sent] = (reply?.content ?? []) as object[];
    Object.assign(sent ?? {}, { input });
    const tape = replay(file);
    expect((await ask(tape, asked ?? {})).error).toBeUndefined();
  });

  it("is as little in the headers of a simulator's requests", () => {
    const secret = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key"];
    const others = ["x-goog-api-key", "x-auth-token", "x-amz-security-token", "cf-access-client-secret"];
    const headers = Object.fromEntries([...secret, ...others, "accept"].map((name) => [name, "value"]));
    expect(withoutSecrets(headers)).toEqual({ accept: "value" });
  });

  it.each(["abc", 5, null, { text: "abc" }, ["a", 5]])("refuses %j as `redact` at once", async (redact) => {
    const file = folder.path("a.jsonl");
    expect(() => record(scripted(["Hi."]), file, { redact: redact as never })).toThrow(TypeError);
    expect(() => readCassette(file)).toThrow(/can't be read/);
    await ask(record(scripted(["Hi."]), file), said("Hi"));
    expect(() => replay(file, { redact: redact as never })).toThrow(/must be a list of texts, or a function/);
  });

  it("takes a function, for what has no fixed text", async () => {
    const redact = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\d/g, "[date]");
    const recorded = record(scripted(["Today is 2026-11-22."]), folder.path("a.jsonl"), { redact });
    await ask(recorded, said("It is 2026-11-22."));
    expect(folder.read("a.jsonl")).not.toMatch(/2026-11-22|2026-11-|-22/);
    expect(readCassette(folder.path("a.jsonl"))[0]).toMatchObject({
      message: { content: [{ text: "Today is [date]." }] },
    });
    const wrong = record(scripted(["Hi."]), folder.path("b.jsonl"), { redact: (() => 7) as never });
    expect((await ask(wrong, said("Hi"))).error).toMatchObject({
      reason: "cassette",
      message: /must return the text/,
    });
  });

  it("keeps the number of a stream's pieces, and leaves those without a secret as they are", () => {
    const delta = (text: string) =>
      ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }) as const;
    const json = (partial_json: string) =>
      ({ type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json } }) as const;
    const redactor = createRedactor(['a "b"'], {});
    const textOf = (events: readonly unknown[]) => events.map((event) => (event as { delta: object }).delta);
    expect(
      textOf(redactEvents([delta("key sk-"), delta("ant-abc"), delta("defg!")], redactor)),
    ).toMatchObject([{ text: "key [re" }, { text: "dacted]" }, { text: "!" }]);
    expect(redactEvents([delta("no "), delta("secret")], redactor)).toEqual([delta("no "), delta("secret")]);
    const input = redactEvents([json('{"x":"a '), json('\\"b\\""'), json(',"y":1}')], redactor);
    expect(
      JSON.parse(
        textOf(input)
          .map((it) => (it as { partial_json: string }).partial_json)
          .join(""),
      ),
    ).toEqual({
      x: "[redacted]",
      y: 1,
    });
    const cutOff = redactEvents([json('{"x":"sk-a'), json("nt-123")], redactor);
    expect(JSON.stringify(cutOff)).not.toMatch(/sk-a|nt-123/);
  });
});
