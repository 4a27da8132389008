import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { adding, changed, first, type Legal, legal, of, schema, times } from "./changed-requests.js";
import { closed, type Fields, picture, plain, serverUse, strictTool } from "./legal-requests.js";

describe("the API takes", () => {
  test.each(Object.entries(legal))("%s", (name, request) => {
    expect(refuseMessageRequest(request, of(name as Legal))).toBeUndefined();
  });

  test.each<[what: string, base: Legal, path: string, value: unknown]>([
    ["a model that it had, if that is kept", "aged", "model", "claude-haiku-4-5-20251001"],
    ["as many tokens as the model gives", "plain", "max_tokens", 128_000],
    ["a picture as large as can be", "plain", `${first}.0`, picture("image/jpeg", 8_000, 8_000)],
    [
      "twenty large pictures",
      "plain",
      first,
      (blocks: unknown[]) => [...times(17, () => picture("image/png", 8_000, 9)), ...blocks],
    ],
    ["many small pictures", "plain", first, adding(...times(596, () => picture("image/webp", 2_000, 2_000)))],
    ["the highest effort", "structured", "output_config.effort", "max"],
    ["a definition that is used twice", "structured", `${schema}.properties.age`, { $ref: "#/$defs/owner" }],
    [
      "as many optional parameters as it can",
      "structured",
      "tools.0.input_schema",
      closed(Object.fromEntries(times(20, (index) => [`p${index}`, { type: "string" }])), []),
    ],
    ["twenty strict tools", "structured", "tools", times(20, (index) => strictTool(`tool_${index}`))],
    [
      "two system messages in a row",
      "plain",
      "messages",
      (messages: unknown[]) => messages.toSpliced(3, 0, { role: "system", content: "Be kind." }),
    ],
    ["a system message at the end", "plain", "messages", adding({ role: "system", content: "Be kind." })],
    [
      "a container with skills",
      "programmatic",
      "container",
      { id: "container_1", skills: [{ skill_id: "pdf", type: "anthropic", version: "latest" }] },
    ],
    [
      "a paused turn, on any model",
      "plain",
      "messages",
      adding({ role: "assistant", content: [serverUse("srvtoolu_2", "web_search")] }),
    ],
    [
      "citations on all documents",
      "plain",
      first,
      (blocks: Fields[]) =>
        blocks.map((block) =>
          block.type === "document" ? { ...block, citations: { enabled: true } } : block,
        ),
    ],
    ["more thinking than a reply is long, between calls", "manual", "max_tokens", 4_096],
  ])("%s", (_, base, path, value) => {
    expect(refuseMessageRequest(changed(legal[base], path, value), of(base))).toBeUndefined();
  });

  test("a legal request with any of its optional parts left out", () => {
    const optional = ["system", "metadata", "stop_sequences", "service_tier", "tool_choice"] as const;
    fc.assert(
      fc.property(
        fc.subarray([...optional]),
        fc.boolean(),
        fc.integer({ min: 0, max: 128_000 }),
        (left, stream, max) => {
          const rest = Object.fromEntries(
            Object.entries(plain).filter(([name]) => !left.includes(name as never)),
          );
          const request = { ...rest, max_tokens: max, stream: stream && max > 0 };
          expect(refuseMessageRequest(request, of("plain"))).toBeUndefined();
        },
      ),
    );
  });

  test("a request whose conversation ends at any turn of the person", () => {
    const { messages } = plain as { messages: { role: string }[] };
    for (const [index, { role }] of messages.entries()) {
      if (role !== "user") continue;
      const request = { ...plain, messages: messages.slice(0, index + 1) };
      expect(refuseMessageRequest(request, of("plain"))).toBeUndefined();
    }
  });
});
