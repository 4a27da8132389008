import Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError, run } from "@lockstitch/core";
import { readCassette, record, replay, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it, vi } from "vitest";
import { withoutSecrets } from "../src/simulator/recorded-request.js";
import { ask, handTool, jsonLines, said, still, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();

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
    expect(jsonLines(folder.read("a.jsonl"))).toEqual(jsonLines(folder.read("b.jsonl")));
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
    const replayed = replay(file);
    expect((await ask(replayed, asked ?? {})).error).toBeUndefined();
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
});
