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

  it("keeps of a call who made it: code calls tools, too", async () => {
    const caller = { type: "code_execution_20260120" as const, tool_id: "srvtoolu_1" };
    const call = { type: "tool_use" as const, name: "look", caller };
    const script = scripted([[call], { content: [{ ...call, id: "toolu_mine", input: { at: 1 } }] }]);
    const first = await ask(script, said("Hi"));
    expect(first.message).toMatchObject({ content: [{ ...call, id: "toolu_1", input: {} }] });
    expect(JSON.stringify(first.events)).toContain("srvtoolu_1");
    expect((await ask(script, said("Hi"))).message).toMatchObject({
      content: [{ ...call, id: "toolu_mine", input: { at: 1 } }],
    });
  });
});
