import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { afterEach, describe, expect, test } from "vitest";
import {
  createSimulator,
  type MessageReply,
  type ReplyBlock,
  type Simulator,
  scriptMind,
} from "../src/index.js";
import {
  findBrokenThinking,
  prefixAfter,
  prefixOf,
  signThinking,
  verifyThinking,
} from "../src/simulator/thinking.js";

const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

async function clientFor(...replies: MessageReply[]): Promise<Anthropic> {
  const simulator = await createSimulator({ mind: scriptMind(replies) });
  open.push(simulator);
  return new Anthropic({ baseURL: simulator.url, apiKey: "sk-test", maxRetries: 0 });
}

type Body = Anthropic.MessageCreateParamsNonStreaming;

const thought: ReplyBlock = { type: "thinking", thinking: "They want the weather. I'll ask." };
const call: ReplyBlock = {
  type: "tool_use",
  id: "toolu_1",
  name: "get_weather",
  input: { place: "Oslo", days: 2 },
};
const says: ReplyBlock = { type: "text", text: "It rains." };

const first: Body = {
  model: "claude-opus-5-5",
  max_tokens: 1_000,
  thinking: { type: "adaptive", display: "summarized" },
  system: "Be brief.",
  tools: [
    { name: "get_weather", description: "The weather.", input_schema: { type: "object", properties: {} } },
  ],
  messages: [{ role: "user", content: "Will it rain in Oslo?" }],
};

function withResult(content: MessageParam["content"], { messages, ...rest }: Body = first): Body {
  const result = { type: "tool_result" as const, tool_use_id: "toolu_1", content: "Rain." };
  return {
    ...rest,
    messages: [...messages, { role: "assistant", content }, { role: "user", content: [result] }],
  };
}

const bound = "Invalid `signature` in `thinking` block. The block is bound to a different conversation.";

describe("a mind's thoughts", () => {
  test("are signed, and take part in what is counted", async () => {
    const client = await clientFor({ content: [thought, says] });
    const { content, usage } = await client.messages.create(first);
    expect(content).toEqual([
      {
        type: "thinking",
        thinking: "They want the weather. I'll ask.",
        signature: expect.stringMatching(/^[\w-]{60,}$/),
      },
      { type: "text", text: "It rains." },
    ]);
    expect(usage.output_tokens_details).toEqual({ thinking_tokens: 10 });
    expect(usage.output_tokens).toBe(12);
  });

  test("are not counted before they are thought", async () => {
    const client = await clientFor({ content: [thought, says] });
    const stream = await client.messages.create({ ...first, stream: true });
    for await (const event of stream) {
      if (event.type === "message_start")
        expect(event.message.usage).not.toHaveProperty("output_tokens_details");
      if (event.type === "message_delta")
        expect(event.usage.output_tokens_details).toEqual({ thinking_tokens: 10 });
    }
  });

  test("come as thinking deltas, with the signature at their end", async () => {
    const client = await clientFor({ content: [thought, says] });
    const deltas: Anthropic.RawContentBlockDelta[] = [];
    for await (const event of await client.messages.create({ ...first, stream: true })) {
      if (event.type === "content_block_delta" && event.index === 0) deltas.push(event.delta);
    }
    const types = deltas.map(({ type }) => type);
    expect(types.slice(0, -1)).toEqual(types.slice(0, -1).fill("thinking_delta"));
    expect(types.length).toBeGreaterThan(4);
    expect(deltas.map((delta) => (delta.type === "thinking_delta" ? delta.thinking : "")).join("")).toBe(
      "They want the weather. I'll ask.",
    );
    expect(deltas.at(-1)).toEqual({
      type: "signature_delta",
      signature: expect.stringMatching(/^[\w-]{60,}$/),
    });
  });

  test("say nothing where the model hides them, but are signed and counted all the same", async () => {
    const client = await clientFor({ content: [thought] }, { content: [thought] });
    const { content, usage } = await client.messages.create({ ...first, thinking: { type: "adaptive" } });
    expect(content).toEqual([{ type: "thinking", thinking: "", signature: expect.stringMatching(/./) }]);
    expect(usage.output_tokens_details).toEqual({ thinking_tokens: 10 });
    const asked = await client.messages.create({
      ...first,
      model: "claude-opus-4-6",
      thinking: { type: "adaptive", display: "omitted" },
    });
    expect(asked.content).toMatchObject([{ type: "thinking", thinking: "" }]);
  });

  test.each<[string, Body["thinking"], boolean]>([
    ["claude-opus-5-5", undefined, true],
    ["claude-opus-5", undefined, true],
    ["claude-opus-5", { type: "disabled" }, false],
    ["claude-opus-4-8", undefined, false],
    ["claude-opus-4-8", { type: "adaptive" }, true],
    ["claude-sonnet-4-6", { type: "enabled", budget_tokens: 1_024 }, true],
    ["claude-haiku-4-5", undefined, false],
    ["claude-haiku-4-5", { type: "enabled", budget_tokens: 1_024 }, true],
    ["claude-sonnet-5-5", { type: "between_tools" }, false],
  ])("on %s with %j are there: %s", async (model, thinking, expected) => {
    const client = await clientFor({ content: [thought, says] });
    const { thinking: _, ...rest } = first;
    const body: Body = { ...rest, model, max_tokens: 2_000, ...(thinking ? { thinking } : {}) };
    const { content } = await client.messages.create(body);
    expect(content.map(({ type }) => type)).toEqual(expected ? ["thinking", "text"] : ["text"]);
  });

  test("between tools are there after a result", async () => {
    const client = await clientFor({ content: [call] }, { content: [thought, says] });
    const body: Body = { ...first, model: "claude-sonnet-5-5", thinking: { type: "between_tools" } };
    const { content } = await client.messages.create(body);
    const next = await client.messages.create(withResult(content, body));
    expect(next.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
  });

  test("between tools are not there before any, however the question is written", async () => {
    const client = await clientFor({ content: [thought, says] });
    const { content } = await client.messages.create({
      ...first,
      model: "claude-sonnet-5-5",
      thinking: { type: "between_tools" },
      messages: [{ role: "user", content: [{ type: "text", text: "Will it rain in Oslo?" }] }],
    });
    expect(content.map(({ type }) => type)).toEqual(["text"]);
  });

  test("that have a signature already go out as they are", async () => {
    const recorded = { type: "thinking" as const, thinking: "Hm.", signature: "c2lnbmF0dXJl" };
    const client = await clientFor({ content: [recorded] });
    const { thinking: _, ...rest } = first;
    const { content } = await client.messages.create({ ...rest, model: "claude-haiku-4-5" });
    expect(content).toEqual([recorded]);
  });

  test("cut off by max_tokens are signed as far as they came", async () => {
    const client = await clientFor({ content: [{ type: "thinking", thinking: "x".repeat(100) }] });
    const { content, stop_reason } = await client.messages.create({ ...first, max_tokens: 10 });
    expect(stop_reason).toBe("max_tokens");
    expect(content).toEqual([
      { type: "thinking", thinking: "x".repeat(35), signature: expect.stringMatching(/./) },
    ]);
  });
});

describe("thoughts that are sent back", () => {
  const script = [{ content: [thought, call] }, { content: [thought, says] }, { content: [says] }];

  test("as they were are taken, turn after turn", async () => {
    const client = await clientFor(...script);
    const one = await client.messages.create(first);
    const second = withResult(one.content);
    const two = await client.messages.create(second);
    const three = await client.messages.create({
      ...second,
      messages: [
        ...second.messages,
        { role: "assistant", content: two.content },
        { role: "user", content: "Thanks." },
      ],
    });
    expect(three.content).toMatchObject([says]);
  });

  test("are taken from any place in a reply, and without their text", async () => {
    const client = await clientFor({ content: [says, thought, thought, call] }, { content: [says] });
    const body: Body = { ...first, thinking: { type: "adaptive" } };
    const { content } = await client.messages.create(body);
    expect(content).toMatchObject([says, { thinking: "" }, { thinking: "" }, { type: "tool_use" }]);
    await client.messages.create(withResult(content, body));
  });

  test("may come after what is written in another way and says the same", async () => {
    const client = await clientFor(...script);
    const one = await client.messages.create(first);
    const second = withResult(one.content);
    const two = await client.messages.create(second);
    const [thinking, tool] = one.content as [Anthropic.ThinkingBlock, Anthropic.ToolUseBlock];
    const { id, name, input } = tool;
    const result: Anthropic.ToolResultBlockParam = {
      tool_use_id: "toolu_1",
      is_error: false,
      content: [{ type: "text", text: "Rain." }],
      type: "tool_result",
    };
    await client.messages.create({
      ...second,
      messages: [
        ...first.messages,
        { role: "assistant", content: [thinking, { input, name, id, type: "tool_use" }] },
        { role: "user", content: [result] },
        { role: "assistant", content: two.content },
        { role: "user", content: "Thanks." },
      ],
    });
  });

  test("are taken by another simulator too, and after a stream", async () => {
    const [one, other] = [await clientFor(...script), await clientFor({ content: [says] })];
    const { content } = await one.messages.stream(first).finalMessage();
    expect((await other.messages.create(withResult(content))).content).toMatchObject([says]);
  });

  test("may have other markers, settings and a text in a list before them", async () => {
    const client = await clientFor(...script);
    const { content } = await client.messages.create(first);
    const body = withResult(content, {
      ...first,
      max_tokens: 500,
      system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
      messages: [{ role: "user", content: [{ type: "text", text: "Will it rain in Oslo?" }] }],
    });
    await client.messages.create(body);
  });

  test.each<[string, (body: Body) => Body]>([
    ["the system prompt", (body) => ({ ...body, system: "Be long." })],
    [
      "a tool",
      (body) => ({ ...body, tools: [{ ...(body.tools?.[0] as Anthropic.Tool), description: "?" }] }),
    ],
    [
      "one tool more",
      (body) => ({
        ...body,
        tools: [...(body.tools ?? []), { name: "b", input_schema: { type: "object" } }],
      }),
    ],
    [
      "an earlier message",
      (body) => ({ ...body, messages: [{ role: "user", content: "Rain?" }, ...body.messages.slice(1)] }),
    ],
    [
      "the order of a schema's fields",
      (body) => ({
        ...body,
        tools: [{ ...(body.tools?.[0] as Anthropic.Tool), input_schema: { properties: {}, type: "object" } }],
      }),
    ],
  ])("after a change of %s are refused", async (_, change) => {
    const client = await clientFor(...script);
    const { content } = await client.messages.create(first);
    const failing = client.messages.create(change(withResult(content)));
    await expect(failing).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(failing).rejects.toThrow(`messages.1.content.0: ${bound}`);
  });

  test("are refused if an earlier thought was left out", async () => {
    const client = await clientFor({ content: [thought, call] }, { content: [thought, says] });
    const { content } = await client.messages.create(first);
    const second = withResult(content);
    const two = await client.messages.create(second);
    const without = withResult(content.filter(({ type }) => type !== "thinking"));
    const messages: MessageParam[] = [
      ...without.messages,
      { role: "assistant", content: two.content },
      { role: "user", content: "Thanks." },
    ];
    await expect(client.messages.create({ ...without, messages })).rejects.toThrow(
      `messages.3.content.0: ${bound}`,
    );
  });

  test("after a change are taken by models that don't mind", async () => {
    const client = await clientFor(...script);
    const body: Body = { ...first, model: "claude-opus-4-6" };
    const { content } = await client.messages.create(body);
    const next = await client.messages.create({ ...withResult(content, body), system: "Be long." });
    expect(next.content.at(-1)).toMatchObject(says);
  });

  test.each(["claude-opus-5-5", "claude-opus-4-6"])("with another text are refused by %s", async (model) => {
    const client = await clientFor(...script);
    const body: Body = { ...first, model };
    const { content } = await client.messages.create(body);
    const edited = content.map((block) =>
      block.type === "thinking" ? { ...block, thinking: "Nothing." } : block,
    );
    const failing = client.messages.create(withResult(edited, body));
    await expect(failing).rejects.toThrow("messages.1.content.0: Invalid `signature` in `thinking` block");
    await expect(failing).rejects.not.toThrow("different conversation");
  });

  test("that no simulator signed can't be judged, and pass", async () => {
    const client = await clientFor({ content: [says] });
    const foreign = { type: "thinking" as const, thinking: "Hm.", signature: "c2lnbmF0dXJl" };
    await client.messages.create(
      withResult([foreign, { type: "tool_use", id: "toolu_1", name: "get_weather", input: {} }]),
    );
  });
});

describe("signatures", () => {
  test("hold for one thought after one prefix", () => {
    const prefix = prefixOf(first);
    const signature = signThinking(prefix, "Hm.");
    expect(verifyThinking(prefix, "Hm.", signature)).toBe("fine");
    expect(verifyThinking(prefix, "Hm!", signature)).toBe("changed");
    expect(verifyThinking(prefixAfter(prefix, says), "Hm.", signature)).toBe("out_of_place");
    // A thought that was changed is found wherever it stands, on models that do not mind the place too.
    expect(verifyThinking(prefixAfter(prefix, says), "Hm!", signature)).toBe("changed");
    expect(verifyThinking(prefix, "Hm.", "c2lnbmF0dXJl")).toBe("fine");
    expect(signThinking(prefix, "Hm.")).toBe(signature);
  });

  test("bind a thought to the blocks before it in the same reply, without what says nothing", () => {
    const prefix = prefixOf(first);
    const signature = signThinking(prefixAfter(prefix, says), "Hm.");
    const content = (cited: object): MessageParam => ({
      role: "assistant",
      content: [
        { type: "text", text: "It rains.", ...cited },
        { type: "thinking", thinking: "Hm.", signature },
      ],
    });
    const broken = (cited: object) => [
      ...findBrokenThinking({ ...first, messages: [...first.messages, content(cited)] }),
    ];
    expect(broken({})).toEqual([]);
    expect(broken({ citations: null })).toEqual([]);
    expect(broken({ text: "It snows." })).toEqual([
      { path: "messages.1.content.1", problem: "out_of_place" },
    ]);
  });
});
