import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { prefixesOf } from "../src/simulator/cache/prefixes.js";
import { type Body, parts, send, start } from "./cache-driver.js";

describe("markers", () => {
  const cache_control = { type: "ephemeral" as const };
  const long = "A long text. ".repeat(20);

  test("the automatic one stands before what can't be marked", () => {
    const thought = { type: "thinking" as const, thinking: long, signature: "c2lnbmF0dXJl" };
    const marked = (...last: Anthropic.ContentBlockParam[]) => {
      const messages: Anthropic.MessageParam[] = [
        { role: "user", content: long },
        { role: "assistant", content: [{ type: "text", text: long }, ...last] },
      ];
      const request = { model: "our-model", max_tokens: 10, cache_control, messages };
      return prefixesOf(request, "").findIndex(({ marker }) => marker === "5m");
    };
    expect(marked()).toBe(1);
    expect(marked({ type: "text", text: "" })).toBe(1);
    expect(marked(thought, { type: "redacted_thinking", data: "x" })).toBe(1);
    expect(marked(thought, { type: "text", text: "x" })).toBe(3);
  });

  test("within a document count for the document", () => {
    const content = [{ type: "text" as const, text: long, cache_control }];
    const document = { type: "document" as const, source: { type: "content" as const, content } };
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: [document] }];
    expect(prefixesOf({ model: "our-model", max_tokens: 10, messages }, "")).toMatchObject([
      { marker: "5m" },
    ]);
  });

  test("within a result count for the result", async () => {
    const simulator = await start();
    const call = { type: "tool_use" as const, id: "toolu_1", name: "f", input: {} };
    const result = (inner: object): Body => ({
      model: "our-model",
      max_tokens: 10,
      tools: [{ name: "f", input_schema: { type: "object" } }],
      messages: [
        { role: "user", content: long },
        { role: "assistant", content: [call] },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "toolu_1",
              content: [{ type: "text", text: long, ...inner }],
            },
          ],
        },
      ],
    });
    const { written5m } = parts(await send(simulator, result({ cache_control })));
    expect(written5m).toBeGreaterThan(100);
    expect(parts(await send(simulator, result({ cache_control }))).read).toBe(written5m);
    expect(parts(await send(simulator, result({}))).read).toBe(0);
  });
});
