import Anthropic from "@anthropic-ai/sdk";
import type {
  Message,
  MessageCreateParams,
  MessageCreateParamsNonStreaming,
  MessageParam,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/messages";
import { afterEach, describe, expect, test } from "vitest";
import {
  byModel,
  createSimulator,
  demoMind,
  type Exchange,
  firstOf,
  type Mind,
  type Reply,
  recordingMind,
  type Simulator,
  type SimulatorOptions,
  scriptMind,
} from "../src/index.js";

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** Asks a simulator with this mind, over HTTP, and gives the reply's text. */
async function clientOf(mind: Mind): Promise<Anthropic> {
  const simulator = await createSimulator({ mind, now: () => 0 });
  open.push(simulator);
  return new Anthropic({ baseURL: simulator.url, apiKey: "any", maxRetries: 0 });
}

const says =
  (text: string): Mind =>
  () => ({ content: [{ type: "text", text }] });
const passes: Mind = () => undefined;

function asking(
  content: MessageParam["content"],
  more: Partial<MessageCreateParamsNonStreaming> = {},
): MessageCreateParamsNonStreaming {
  return { model: "claude-haiku-5-5", max_tokens: 100, messages: [{ role: "user", content }], ...more };
}

async function textFrom(client: Anthropic, request: MessageCreateParamsNonStreaming): Promise<string> {
  const { content } = await client.messages.create(request);
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

const whole: Message = JSON.parse(
  '{"id":"msg_r","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":4}}',
);

describe("scriptMind", () => {
  test("gives replies in order: text, whole replies, and functions of the request", async () => {
    const client = await clientOf(
      scriptMind([
        "one",
        { content: [{ type: "text", text: "two" }] },
        ({ model }) => ({ content: [{ type: "text", text: model }] }),
      ]),
    );
    const texts = [];
    for (let i = 0; i < 3; i++) texts.push(await textFrom(client, asking("Go on.")));
    expect(texts).toEqual(["one", "two", "claude-haiku-5-5"]);
    await expect(textFrom(client, asking("Go on."))).rejects.toThrow(/3 replies and was asked for one more/);
  });
});

describe("a reply", () => {
  const giving = async (reply: unknown) => textFrom(await clientOf(() => reply as Reply), asking("Go on."));

  test("may be text, also from a function in a script", async () => {
    expect(await giving("Hello.")).toBe("Hello.");
    expect(await textFrom(await clientOf(scriptMind([() => "Hello."])), asking("Go on."))).toBe("Hello.");
  });

  test("may call a tool without an input", async () => {
    const client = await clientOf(() => ({ content: [{ type: "tool_use", name: "look" }] }));
    expect((await client.messages.create(asking("Go on."))).content).toMatchObject([
      { name: "look", input: {} },
    ]);
  });

  test("may have text for its content", async () => {
    expect(await giving({ content: "Hello." })).toBe("Hello.");
  });

  test.each<[unknown, RegExp]>([
    [{ content: "x", stopReason: "refusal" }, /field stopReason, which there is not: stop_reason is meant/],
    [{ content: "x", temperature: 1 }, /field temperature, .* its fields are content, stop_reason, /],
    [{ content: "x", usage: 5 }, /reply's usage is 5; it must be an object/],
    [{ content: "x", usage: { output_tokens: undefined } }, /usage\.output_tokens is undefined; .*whole num/],
    [{ content: "x", usage: { input_tokens: Number.NaN } }, /usage\.input_tokens is NaN; it must be a whole/],
    [{ content: "x", usage: { cache_creation_input_tokens: -1 } }, /cache_creation_input_tokens is -1; /],
    [{ message: {} }, /reply's message\.type is undefined; it must be .*message/],
    [{ message: { type: "error", error: { type: "x" } } }, /reply's message\.type is .*error.*; it must be/],
    [{ message: { ...whole, role: "user" } }, /message\.role is .*user.*; it must be .*assistant/],
    [{ message: { ...whole, id: 5 } }, /message\.id is 5; it must be a text/],
    [{ message: { ...whole, content: null } }, /message\.content is null; it must be a list of blocks/],
    [{ message: { ...whole, content: [5] } }, /message\.content is \[5\]; it must be a list of blocks/],
    [{ message: { ...whole, content: [{ type: "text" }] } }, /message\.content\.0\.text is undefined; /],
    [{ message: { ...whole, content: [{ type: "tool_use" }] } }, /message\.content\.0\.input is undefined; /],
    [{ message: { ...whole, stop_reason: 5 } }, /message\.stop_reason is 5; it must be a text or null/],
    [{ message: { ...whole, usage: undefined } }, /message\.usage is undefined; it must be an object with/],
    [{ message: { ...whole, usage: { input_tokens: 5 } } }, /message\.usage\.output_tokens is undefined; /],
    [{ message: { ...whole, usage: { input_tokens: 1.5, output_tokens: 1 } } }, /input_tokens is 1\.5; /],
    [{ message: whole, events: [5] }, /reply's events are no list of events/],
    [{ status: 42, error: { type: "x", message: "x" } }, /a status from 300 to 599, and not 42/],
    [{ status: 529, error: { type: "x" } }, /an error with a type and a message/],
    [{ status: 529, error: { type: "x", message: "x" }, headers: [] }, /headers are texts by name/],
    [{ status: 529, error: { type: "x", message: "x" }, headers: { a: 5 } }, /header .*a.* that HTTP can't/],
    [
      { status: 529, error: { type: "x", message: "x" }, headers: { a: "b\nc" } },
      /header .*a.* that HTTP can't/,
    ],
    [
      { status: 529, error: { type: "x", message: "x" }, headers: { "a b": "c" } },
      /header .*a b.* that HTTP/,
    ],
    [{ contents: [] }, /has no content; a reply is \{ content \}/],
    [{ content: 5 }, /neither text nor a list of blocks/],
    [{ content: ["x"] }, /neither text nor a list of blocks/],
    [{ role: "assistant", content: [], stop_reason: null }, /a whole message goes in as \{ message \}/],
    [{ message: null }, /reply's message is null/],
    [{ message: {}, event: [] }, /field event, .* its fields are message, events/],
    [{ type: "error", error: { type: "api_error", message: "x" } }, /an error reply has a status/],
    [{ status: 529, error: { type: "x", message: "x" }, Headers: {} }, /headers is meant/],
    [7, /its reply is .*7.*; a reply is/],
    [{ content: [{ type: "text" }] }, /has a text block without a text/],
    [{ content: [{ type: "thinking" }] }, /has a thinking block without a thinking/],
    [{ content: [{ type: "tool_use" }] }, /has a tool_use block without a name/],
  ])("that is none is an error which says so: %j", async (reply, words) => {
    const error: unknown = await giving(reply).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.InternalServerError);
    expect((error as Error).message).toMatch(words);
  });
});

describe("recordingMind", () => {
  const recorded = (question: string, answer: string): Exchange => ({
    request: asking(question),
    reply: { content: [{ type: "text", text: answer }] },
  });

  test("finds each request its own reply, in whatever order they come, and the same request another the next time", async () => {
    const client = await clientOf(
      recordingMind([recorded("A?", "a1"), recorded("B?", "b"), recorded("A?", "a2")]),
    );
    expect(await textFrom(client, asking("B?"))).toBe("b");
    expect(await textFrom(client, asking("A?"))).toBe("a1");
    expect(await textFrom(client, asking("A?"))).toBe("a2");
  });

  test("passes where nothing fits, or all that fits was played: alone, that is an error", async () => {
    const client = await clientOf(recordingMind([recorded("A?", "a")]));
    await expect(textFrom(client, asking("B?"))).rejects.toThrow(/no reply to this request/);
    await textFrom(client, asking("A?"));
    await expect(textFrom(client, asking("A?"))).rejects.toThrow(/no reply to this request/);
  });

  test("looks at the messages alone, and not at how they are written down", async () => {
    const client = await clientOf(recordingMind([recorded("A?", "a")]));
    const block = { type: "text", text: "A?", cache_control: { type: "ephemeral" } } as const;
    expect(await textFrom(client, asking([block], { model: "claude-opus-5-5", system: "Be brief." }))).toBe(
      "a",
    );
  });

  test("minds every difference inside a message: role, order, an input, a result", () => {
    const call = { type: "tool_use", id: "toolu_1", name: "add", input: { a: 1, b: 2 } } as const;
    const conversation = (input: object, result: string): MessageCreateParams => ({
      ...asking(""),
      messages: [
        { role: "user", content: "1 + 2?" },
        { role: "assistant", content: [{ ...call, input }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: result }] },
      ],
    });
    const fits = (request: MessageCreateParams): boolean => {
      const mind = recordingMind([{ request: conversation({ a: 1, b: 2 }, "3"), reply: { content: [] } }]);
      return mind(request, { now: 0, signal: new AbortController().signal }) !== undefined;
    };
    const same = conversation({ b: 2, a: 1 }, "3");
    expect(fits(same)).toBe(true);
    expect(fits(conversation({ a: 1, b: 3 }, "3"))).toBe(false);
    expect(fits(conversation({ a: 1, b: 2 }, "4"))).toBe(false);
    expect(fits({ ...same, messages: same.messages.slice(0, 1) })).toBe(false);
    expect(fits({ ...same, messages: [...same.messages].reverse() })).toBe(false);
    expect(fits({ ...same, messages: same.messages.map((message) => ({ ...message, role: "user" })) })).toBe(
      false,
    );
  });

  test("can be told what fits", async () => {
    const client = await clientOf(
      recordingMind([recorded("A?", "a"), recorded("B?", "b")], (was, is) => was.model === is.model),
    );
    expect(await textFrom(client, asking("C?"))).toBe("a");
  });

  test("plays errors, and whole messages with the events that they were streamed in", async () => {
    const message = whole;
    const events = [
      { type: "message_start", message: { ...message, content: [] } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "", citations: null } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_stop" },
    ] satisfies RawMessageStreamEvent[];
    const mind = recordingMind([
      { request: asking("A?"), reply: { message, events } },
      { request: asking("A?"), reply: { message, events } },
      {
        request: asking("A?"),
        reply: { status: 529, error: { type: "overloaded_error", message: "Overloaded" } },
      },
    ]);
    const client = await clientOf(mind);
    expect(await client.messages.create(asking("A?"))).toEqual(message);
    const seen = [];
    for await (const event of await client.messages.create({ ...asking("A?"), stream: true }))
      seen.push(event);
    expect(seen).toEqual(events);
    await expect(textFrom(client, asking("A?"))).rejects.toMatchObject({ status: 529 });
  });
});

describe("minds together", () => {
  test("firstOf takes the first reply, and asks no further", async () => {
    const never: Mind = () => {
      throw new Error("asked too many");
    };
    expect(await textFrom(await clientOf(firstOf(passes, says("b"), never)), asking("?"))).toBe("b");
    await expect(textFrom(await clientOf(firstOf(passes, passes)), asking("?"))).rejects.toThrow(/no reply/);
    const silent: Mind = () => "";
    expect(await textFrom(await clientOf(firstOf(silent, never)), asking("?"))).toBe("");
  });

  test("firstOf waits for minds that think, and passes on what they throw", async () => {
    const slowly: Mind = async () => undefined;
    const fails: Mind = async () => {
      throw new Error("a headache");
    };
    const client = await clientOf(firstOf(slowly, fails, says("never")));
    await expect(textFrom(client, asking("?"))).rejects.toThrow(/a headache/);
  });

  test("byModel gives each model a mind of its own, and passes for others", async () => {
    const client = await clientOf(
      firstOf(
        byModel({ "claude-haiku-5-5": says("small"), "claude-opus-5-5": says("large") }),
        says("other"),
      ),
    );
    expect(await textFrom(client, asking("?"))).toBe("small");
    expect(await textFrom(client, asking("?", { model: "claude-opus-5-5" }))).toBe("large");
    expect(await textFrom(client, asking("?", { model: "claude-sonnet-5-5" }))).toBe("other");
  });

  test("a few scripted replies can stand before the built-in mind", async () => {
    const once = recordingMind([
      { request: asking("A?"), reply: { content: [{ type: "text", text: "scripted" }] } },
    ]);
    const client = await clientOf(firstOf(once, demoMind));
    expect(await textFrom(client, asking("A?"))).toBe("scripted");
    expect(await textFrom(client, asking("A?"))).toMatch(/Simulated reply/);
  });
});

test.each<[object, RegExp]>([
  [{ mind: "Hello." }, /mind is no function.*scriptMind/],
  [{ mind: null }, /mind is no function/],
  [{ faults: "1:529" }, /faults is no list.*parseFaults/],
  [{ port: "abc" }, /port is "abc"/],
  [{ port: 70_000 }, /port is 70000/],
  [{ apiKey: "" }, /apiKey is empty/],
  [{ rateLimits: { requests: 0.5, inputTokens: 1, outputTokens: 1 } }, /requests is 0.5; .*whole number/],
  [{ faults: [{ when: { request: 1 }, fault: { type: "status", status: 200 } }] }, /status is 200/],
  [{ faults: [{ when: { request: 1 }, fault: { type: "status", status: 700 } }] }, /status is 700/],
  [{ faults: [{ when: { request: 1 }, fault: { type: "explode" } }] }, /no fault of the type "explode"/],
  [{ faults: [{ when: { request: 1 }, fault: { type: "cut", after: { bytes: -4 } } }] }, /after.bytes is -4/],
])("a simulator that can't be meant is refused before it starts: %j", async (options, words) => {
  await expect(createSimulator(options as SimulatorOptions)).rejects.toThrow(words);
});
