import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { prefixAfter, prefixOf, signThinking } from "../src/simulator/thinking-signature.js";
import { changed, surroundings } from "./changed-requests.js";
import { type Fields, strictTool, text } from "./legal-requests.js";

describe("thoughts are bound", () => {
  const question = { role: "user", content: "Why?" };
  const asked = { model: "claude-opus-5-5", max_tokens: 100, system: "Think.", messages: [question] };
  const thought = {
    type: "thinking",
    thinking: "Hm.",
    signature: signThinking(prefixOf(asked as never), "Hm."),
  };
  const second = {
    type: "thinking",
    thinking: "",
    signature: signThinking(prefixAfter(prefixOf(asked as never), thought), ""),
  };
  const reply = { role: "assistant", content: [thought, second, text("Because.")] };
  const request: Fields = { ...asked, messages: [question, reply, { role: "user", content: "Oh." }] };
  const moved =
    "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation. " +
    'Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".';
  const header =
    " That setting requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header.";
  const controls = surroundings("2026-10-21", "thinking-binding-controls-2026-08-01");

  test("and come back as they were", () => {
    expect(refuseMessageRequest(request, surroundings())).toBeUndefined();
    expect(
      refuseMessageRequest(changed(request, "messages.1.content.0.thinking", "Ha."), surroundings()),
    ).toBe("messages.1.content.0: Invalid `signature` in `thinking` block");
  });

  test.each<[what: string, path: string, value: unknown]>([
    ["another system prompt", "system", "Think hard."],
    ["a tool more", "tools", [strictTool("weather")]],
    ["another question", "messages.0.content", "Why not?"],
    [
      "a system message more",
      "messages",
      (said: unknown[]) => said.toSpliced(1, 0, { role: "system", content: "Now." }),
    ],
  ])("to what stood before them: %s", (_, path, value) => {
    expect(refuseMessageRequest(changed(request, path, value), surroundings())).toContain(
      (moved + header).slice("messages.1".length),
    );
  });

  test("to the thoughts between", () => {
    const without = changed(request, "messages.1.content", (content: unknown[]) => content.slice(1));
    expect(refuseMessageRequest(without, surroundings())).toBe(moved + header);
  });

  test("only on the newest models, unless the request asks for it", () => {
    const edited = changed(request, "system", "Think hard.");
    expect(refuseMessageRequest({ ...edited, model: "claude-opus-5" }, surroundings())).toBeUndefined();
    const strict = {
      ...edited,
      model: "claude-opus-5",
      thinking: { type: "adaptive", block_binding: { prefix_mismatch_behavior: "error" } },
    };
    expect(refuseMessageRequest(strict, controls)).toBe(moved);
  });

  test("unless the request lets them be dropped", () => {
    const dropping = {
      ...changed(request, "system", "Think hard."),
      thinking: { type: "adaptive", block_binding: { prefix_mismatch_behavior: "drop_block" } },
    };
    expect(refuseMessageRequest(dropping, controls)).toBeUndefined();
    expect(refuseMessageRequest(dropping, surroundings())).toBe(
      "thinking.adaptive.block_binding: Extra inputs are not permitted",
    );
  });

  test("and a signature from elsewhere can't be judged", () => {
    const foreign = changed(request, "messages.1.content.0.signature", "EqQBCkYIBRgC");
    expect(
      refuseMessageRequest(changed(foreign, "messages.1.content.1", text("x")), surroundings()),
    ).toBeUndefined();
  });
});
