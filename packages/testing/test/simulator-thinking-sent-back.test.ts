import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { describe, expect, test } from "vitest";
import {
  findBrokenThinking,
  prefixAfter,
  prefixOf,
  signThinking,
  verifyThinking,
} from "../src/simulator/thinking-signature.js";
import { type Body, bound, call, clientFor, first, says, thought, withResult } from "./thinking-driver.js";

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

  test.each<[string, (signature: string) => string]>([
    ["without its last character", (signature) => signature.slice(0, -1)],
    ["cut to its beginning", (signature) => signature.slice(0, 10)],
    ["with a line break behind it", (signature) => `${signature}\n`],
    ["twice", (signature) => signature + signature],
    ["left empty", () => ""],
  ])("are refused with their signature %s", async (_, damage) => {
    const client = await clientFor(...script);
    const { content } = await client.messages.create(first);
    const [thinking, ...others] = content as [Anthropic.ThinkingBlock, ...Anthropic.ContentBlock[]];
    const damaged = { ...thinking, signature: damage(thinking.signature) };
    await expect(client.messages.create(withResult([damaged, ...others]))).rejects.toThrow(
      "messages.1.content.0: Invalid `signature` in `thinking` block",
    );
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
