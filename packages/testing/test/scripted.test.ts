import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { ask, said } from "./recording-helpers.js";

describe("a scripted reply", () => {
  it("is a message of the API of which any field may be given, and the rest is made up", async () => {
    const details = { type: "refusal", category: "cyber", explanation: "No." } as never;
    const script = scripted([
      { content: "Never.", stop_reason: "refusal", stop_details: details, usage: { output_tokens: 7 } },
      { content: [toolUse("look")] },
      { content: "A new one.", stop_reason: "of_tomorrow", stop_sequence: "END", id: "msg_mine" },
    ]);
    expect((await ask(script, said("Hi"))).message).toMatchObject({
      id: "msg_1",
      role: "assistant",
      model: "claude-sonnet-5-5",
      content: [{ type: "text", text: "Never." }],
      stop_reason: "refusal",
      stop_details: details,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 7 },
    });
    expect((await ask(script, said("Hi"))).message).toMatchObject({ stop_reason: "tool_use" });
    expect((await ask(script, said("Hi"))).message).toMatchObject({
      id: "msg_mine",
      stop_reason: "of_tomorrow",
      stop_sequence: "END",
    });
    script.assertUsedUp();
  });
});
