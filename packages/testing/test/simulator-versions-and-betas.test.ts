import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { changed, of, surroundings, unknownTag } from "./changed-requests.js";
import { aged, type Fields, manual, plain } from "./legal-requests.js";

describe("by the version and the betas of the request", () => {
  test("sampling parameters are taken before 2026-10-21", () => {
    expect(refuseMessageRequest(aged, surroundings("2023-06-01"))).toBeUndefined();
    expect(refuseMessageRequest(aged, surroundings("2026-10-21"))).toBe(
      "temperature: Extra inputs are not permitted",
    );
  });

  test("models that have done with sampling parameters still take their defaults", () => {
    const request = { ...changed(plain, "metadata", undefined), temperature: 1 };
    expect(refuseMessageRequest(request, surroundings("2023-06-01"))).toBeUndefined();
    expect(refuseMessageRequest({ ...request, temperature: 0 }, surroundings("2023-06-01"))).toBe(
      "`temperature` is deprecated for this model.",
    );
  });

  test.each<[parameter: Fields, message: RegExp]>([
    [
      { temperature: 0.5 },
      /^`temperature` may only be set to 1 when thinking is enabled or in adaptive mode\./,
    ],
    [{ top_p: 0.9 }, /^`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled\./],
    [{ top_k: 5 }, /^`top_k` must be unset when thinking is enabled\./],
  ])("%o does not go with thinking", (parameter, message) => {
    expect(refuseMessageRequest({ ...manual, ...parameter }, surroundings("2023-06-01"))).toMatch(message);
  });

  test("a budget may be larger than the reply where thinking goes on between calls", () => {
    const request = changed(manual, "thinking.budget_tokens", 32_000);
    expect(refuseMessageRequest(request, of("manual"))).toMatch(/^`max_tokens` must be greater/);
    const named = surroundings("2026-10-21", "interleaved-thinking-2025-05-14");
    expect(refuseMessageRequest(request, named)).toBeUndefined();
  });

  test("longer replies and prompts need their betas", () => {
    const long = changed(plain, "max_tokens", 300_000);
    expect(refuseMessageRequest(long, surroundings("2026-10-21", "output-300k-2026-03-24"))).toBeUndefined();
    const prompt = changed(manual, "system", "long ".repeat(160_000));
    expect(refuseMessageRequest(prompt, surroundings("2026-10-21", "context-1m-2025-08-07"))).toBeUndefined();
  });

  test("a change of effort on the way needs a beta, and may stand anywhere", () => {
    const message = { role: "system", content: [], output_config: { effort: "low" } };
    const request = changed(plain, "messages", (messages: unknown[]) => messages.toSpliced(5, 0, message));
    expect(refuseMessageRequest(request, of("plain"))).toBe(
      "messages.5.output_config: Extra inputs are not permitted",
    );
    const named = surroundings("2026-10-21", "mid-conversation-output-config-2026-07-01");
    expect(refuseMessageRequest(request, named)).toBeUndefined();
  });

  test("a tool that only a beta knows is taken with a beta", () => {
    const request = changed(plain, "tools.3", { type: "advisor_20260301", name: "advisor" });
    expect(refuseMessageRequest(request, of("plain"))).toMatch(unknownTag("tools.3", "advisor_20260301"));
    expect(
      refuseMessageRequest(request, surroundings("2026-10-21", "advisor-tool-2026-03-01")),
    ).toBeUndefined();
  });
});
