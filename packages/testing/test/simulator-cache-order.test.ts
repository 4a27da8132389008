import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { type Body, parts, send, start, textsOf } from "./cache-driver.js";

describe("a prompt is as large when it is read as when it was written,", () => {
  const cache_control = { type: "ephemeral" as const };
  const long = "A long text. ".repeat(20);
  const block = { type: "text" as const, text: long };
  const marked = { ...block, cache_control };
  const hello = [{ role: "user" as const, content: "Hello" }];

  test.each<[what: string, written: Partial<Body>, read: Partial<Body>]>([
    [
      "as a string and as a block",
      { cache_control, messages: [{ role: "user", content: long }] },
      { cache_control, messages: [{ role: "user", content: [block] }] },
    ],
    [
      "as a message's only block and as its first",
      { messages: [{ role: "user", content: [marked] }] },
      { messages: [{ role: "user", content: [marked, block] }] },
    ],
    [
      "as the whole system prompt and as its beginning",
      { system: [marked], messages: hello },
      { system: [marked, block], messages: hello },
    ],
  ])("%s", async (_, written, read) => {
    const simulator = await start();
    const base: Body = { model: "our-model", max_tokens: 10, messages: [] };
    const first = parts(await send(simulator, { ...base, ...written }));
    expect(first.written5m).toBeGreaterThan(50);
    expect(parts(await send(simulator, { ...base, ...read })).read).toBe(first.written5m);
  });
});

describe("the order is tools, system, messages", () => {
  const cache_control = { type: "ephemeral" as const };
  const tool = (name: string, description: string): Anthropic.Tool => ({
    name,
    description: description.repeat(20),
    input_schema: { type: "object" },
  });
  const pixel = { type: "base64" as const, media_type: "image/png" as const, data: onePixel() };
  const body: Body = {
    model: "our-model",
    max_tokens: 10,
    tools: [{ ...tool("get_weather", "The weather. "), cache_control }],
    system: [{ type: "text", text: "Be brief. ".repeat(20), cache_control }],
    messages: [{ role: "user", content: [{ type: "text", text: "Hello. ".repeat(20), cache_control }] }],
  };

  /** What is still read of the three parts after a change. */
  async function readAfter(change: Partial<Body>): Promise<string> {
    const simulator = await start();
    const onlyTools = { ...body, system: "x", messages: [{ role: "user" as const, content: "x" }] };
    const tools = parts(await send(simulator, onlyTools, "sk-tools")).written5m;
    const system = parts(await send(simulator, { ...onlyTools, system: body.system ?? "" }, "sk-system"));
    const all = parts(await send(simulator, body)).written5m;
    const { read } = parts(await send(simulator, { ...body, ...change }));
    const names = new Map([
      [0, "nothing"],
      [tools, "tools"],
      [system.written5m, "tools and system"],
      [all, "everything"],
    ]);
    expect(names.size).toBe(4);
    return names.get(read) ?? `${read} tokens`;
  }

  test.each<[string, Partial<Body>, string]>([
    ["nothing", {}, "everything"],
    ["how much it may write, and where it stops", { max_tokens: 20, stop_sequences: ["###"] }, "everything"],
    ["a tool's description", { tools: [{ ...tool("get_weather", "Any. "), cache_control }] }, "nothing"],
    ["another tool before it", { tools: [tool("a", "A. "), ...(body.tools ?? [])] }, "nothing"],
    ["another tool after it", { tools: [...(body.tools ?? []), tool("a", "A. ")] }, "tools"],
    ["the system prompt", { system: [{ type: "text", text: "Be long.", cache_control }] }, "tools"],
    ["the output's format", { output_config: { format: jsonFormat() } }, "nothing"],
    ["the tool choice", { tool_choice: { type: "any" } }, "tools and system"],
    [
      "parallel calls",
      { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      "tools and system",
    ],
    ["the tool choice, to what it was anyway", { tool_choice: { type: "auto" } }, "everything"],
    ["thinking", { thinking: { type: "adaptive" } }, "tools and system"],
    ["effort", { output_config: { effort: "low" } }, "tools and system"],
    [
      "a picture at the end",
      {
        messages: [
          {
            role: "user",
            content: [...textsOf(body), { type: "image", source: pixel, cache_control }],
          },
        ],
      },
      "tools and system",
    ],
  ])("a change of %s", async (_, change, expected) => {
    expect(await readAfter(change)).toBe(expected);
  });

  test("who says it makes a difference, how it is cut into messages does not", async () => {
    const simulator = await start();
    const said = (...roles: ("user" | "assistant")[]): Body => {
      const block = (index: number) => ({ type: "text" as const, text: `Block ${index}` });
      const last = { role: "user" as const, content: [{ ...block(9), cache_control }] };
      const messages = roles.map((role, index) => ({ role, content: [block(index)] }));
      return { model: "our-model", max_tokens: 10, messages: [...messages, last] };
    };
    const { written5m } = parts(await send(simulator, said("user", "assistant")));
    expect(written5m).toBeGreaterThan(0);
    expect(parts(await send(simulator, said("user", "user")))).toMatchObject({ read: 0 });
    const [first, second, last] = said("user", "user").messages;
    const content = [first, second, last].flatMap(
      (message) => message?.content as Anthropic.TextBlockParam[],
    );
    const whole = await send(simulator, { ...said(), messages: [{ role: "user", content }] });
    expect(parts(whole).read).toBeGreaterThan(0);
  });

  test("another way to see the thoughts changes nothing", async () => {
    const simulator = await start();
    await send(simulator, { ...body, thinking: { type: "adaptive" } });
    const usage = await send(simulator, { ...body, thinking: { type: "adaptive", display: "omitted" } });
    expect(parts(usage)).toMatchObject({ written5m: 0, written1h: 0 });
  });
});

function jsonFormat(): Anthropic.JSONOutputFormat {
  return { type: "json_schema", schema: { type: "object", properties: {}, additionalProperties: false } };
}

function onePixel(): string {
  return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
}
