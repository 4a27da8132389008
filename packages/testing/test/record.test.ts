import Anthropic from "@anthropic-ai/sdk";
import { type Claude, claude, run } from "@lockstitch/core";
import {
  createSimulator,
  exchangesOf,
  readCassette,
  record,
  recordingMind,
  replay,
  scripted,
  scriptMind,
} from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { ask, handTool, jsonLines, said, still, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();

describe("a recording", () => {
  it("is a file of JSON lines: what it is, then every call with its request, its events and its reply", async () => {
    const recorded = record(scripted(["Hello."]), folder.path("a.jsonl"));
    const { message, events } = await ask(recorded, said("Hi"));
    const [header, call, ...more] = jsonLines(folder.read("a.jsonl"));
    expect(header).toEqual({ format: "lockstitch.cassette", version: 1 });
    expect(call).toEqual({
      asked: 1,
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
    const message = { id: "msg_1" } as Anthropic.Message;
    const same = record(async () => message, folder.path("b.jsonl"));
    expect((await ask(same, said("Hi"))).message).toBe(message);
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
    expect(jsonLines(folder.read("a.jsonl"))[1].request.messages).toHaveLength(1);
    expect(jsonLines(folder.read("a.jsonl"))[1].events[0].type).toBe("message_start");
  });

  it("is on disk call by call, so that a crash leaves what was recorded", async () => {
    const recorded = record(scripted(["One.", "Two."]), folder.path("a.jsonl"));
    expect(jsonLines(folder.read("a.jsonl"))).toHaveLength(1);
    await ask(recorded, said("1"));
    expect(jsonLines(folder.read("a.jsonl"))).toHaveLength(2);
    await ask(recorded, said("2"));
    expect(jsonLines(folder.read("a.jsonl"))).toHaveLength(3);
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
    expect(jsonLines(folder.read("a.jsonl"))[1].error).toEqual({
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
    const replayed = replay(folder.path("a.jsonl"));
    const again = await run(agent, "Colour?", { claude: replayed, environment: still() });
    expect(again.messages).toEqual(first.messages);
    expect(again.usage).toEqual(first.usage);
    replayed.assertUsedUp();
  });
});
