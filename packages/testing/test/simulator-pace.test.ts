import { setImmediate } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { createSimulator, type Pace, type Reply, type Simulator } from "../src/index.js";

const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const words: Reply = {
  content: [
    { type: "thinking", thinking: "Let me look at that.", signature: "c2lnbmF0dXJl" },
    { type: "text", text: "Ça va? 👩‍🚀 It is a fine day in Oslo, as far as I know." },
    { type: "tool_use", name: "get_weather", input: { location: "Tromsø 🌨️", days: 3 } },
    { type: "text", text: "" },
  ],
  usage: { output_tokens: 50 },
};

/** All waiting is written down and takes no time. */
async function start(pace: Pace, reply: Reply = words) {
  const slept: number[] = [];
  const simulator = await createSimulator({
    pace,
    mind: () => reply,
    sleep: async (milliseconds) => void slept.push(milliseconds),
  });
  open.push(simulator);
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
  return { slept, simulator, client };
}

const question = {
  model: "claude-haiku-5-5",
  max_tokens: 500,
  messages: [{ role: "user" as const, content: "Hi" }],
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** What the SDK does not send back is not compared. */
const plain = (message: object): unknown =>
  JSON.parse(
    JSON.stringify(message)
      .replace(/(msg|toolu)_\w+/g, "$1")
      .replace(/,"parsed_output":null/g, ""),
  );

describe("a pace", () => {
  test("is none by default: nothing waits", async () => {
    const { client, slept } = await start({});
    await client.messages.create(question);
    await client.messages.stream(question).finalMessage();
    expect(slept).toEqual([]);
  });

  test("lets a stream begin after its first token's time, and last as long as its tokens take", async () => {
    const { client, slept } = await start({ timeToFirstTokenMs: 700, tokensPerSecond: 25 });
    await client.messages.stream(question).finalMessage();
    expect(slept[0]).toBe(700);
    expect(sum(slept)).toBeCloseTo(700 + 2_000, 3);
    expect(slept.length).toBeGreaterThan(15);
    expect(Math.max(...slept.slice(1))).toBeLessThan(500);
  });

  test("goes by the real clock unless another is given", async () => {
    const simulator = await createSimulator({ pace: { timeToFirstTokenMs: 5 }, mind: () => words });
    open.push(simulator);
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
    const before = performance.now();
    await client.messages.create(question);
    // A timer may ring a fraction of a millisecond early.
    expect(performance.now() - before).toBeGreaterThan(4);
  });

  test("makes a reply that is not streamed wait as long in all", async () => {
    const { client, slept } = await start({ timeToFirstTokenMs: 700, tokensPerSecond: 25 });
    await client.messages.create(question);
    expect(sum(slept)).toBeCloseTo(2_700, 3);
  });

  test("counts tokens that show in no piece as well", async () => {
    const { client, slept } = await start(
      { tokensPerSecond: 10 },
      { content: [], usage: { output_tokens: 5 } },
    );
    await client.messages.stream(question).finalMessage();
    expect(slept).toEqual([500]);
  });

  test("does not slow down errors and counts", async () => {
    const { client, slept } = await start({ timeToFirstTokenMs: 700, tokensPerSecond: 1 });
    await client.messages.countTokens({ model: question.model, messages: question.messages });
    slept.length = 0;
    await expect(client.messages.create({ ...question, max_tokens: -1 })).rejects.toThrow();
    expect(slept).toEqual([]);
  });

  test("waits no longer once the client has left", async () => {
    let left: unknown;
    let sleeping = (): void => {};
    const asleep = new Promise<void>((resolve) => {
      sleeping = resolve;
    });
    const simulator = await createSimulator({
      pace: { timeToFirstTokenMs: 60_000 },
      mind: () => words,
      sleep: (_milliseconds, signal) => {
        sleeping();
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            left = signal.reason;
            reject(signal.reason);
          });
        });
      },
    });
    open.push(simulator);
    const controller = new AbortController();
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
    const asking = client.messages.create(question, { signal: controller.signal });
    await asleep;
    controller.abort();
    await expect(asking).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    while (left === undefined) await setImmediate();
    expect(left).toBeInstanceOf(DOMException);
  });

  test.each([
    [1, 1],
    [7, 7],
    [10_000, 200],
  ])("cuts pieces of %i characters, and the message stays the same", async (chunkCharacters, longest) => {
    const whole = await (await start({})).client.messages.create(question);
    const { client } = await start({ chunkCharacters });
    const lengths: number[] = [];
    const stream = client.messages.stream(question);
    stream.on("streamEvent", (event) => {
      if (event.type !== "content_block_delta") return;
      const { delta } = event;
      if (delta.type === "text_delta") lengths.push([...delta.text].length);
      if (delta.type === "thinking_delta") lengths.push([...delta.thinking].length);
      if (delta.type === "input_json_delta") lengths.push([...delta.partial_json].length);
    });
    expect(plain(await stream.finalMessage())).toEqual(plain(whole));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(longest);
    expect(lengths.filter((length) => length === Math.min(chunkCharacters, longest)).length > 0).toBe(
      chunkCharacters < 200,
    );
  });

  test("never cuts a character in two, and leaves the empty piece alone that opens a tool's input", async () => {
    const { client } = await start({ chunkCharacters: 1 });
    const pieces: string[] = [];
    const inputs: string[] = [];
    for await (const event of await client.messages.create({ ...question, stream: true })) {
      if (event.type !== "content_block_delta") continue;
      if (event.delta.type === "text_delta") pieces.push(event.delta.text);
      if (event.delta.type === "input_json_delta") inputs.push(event.delta.partial_json);
    }
    expect(pieces).toContain("👩");
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(inputs.slice(0, 3)).toEqual(["", "{", '"']);
  });

  test.each<[RegExp, Pace]>([
    [/timeToFirstTokenMs is -1; it must be a number from 0 on/, { timeToFirstTokenMs: -1 }],
    [/tokensPerSecond is 0/, { tokensPerSecond: 0 }],
    [/chunkCharacters is 1.5; it must be a whole number from 1 on/, { chunkCharacters: 1.5 }],
  ])("is refused if it can't be meant: %s", async (message, pace) => {
    await expect(createSimulator({ pace })).rejects.toThrow(message);
  });
});
