import { describe, expect, test } from "vitest";
import { judgeCountRequest } from "../src/simulator/validate/validate.js";
import { answer, changed, surroundings } from "./changed-requests.js";
import { manual, plain } from "./legal-requests.js";

describe("counting tokens", () => {
  const { model, system, tools, tool_choice, messages } = plain;
  const counted = { model, system, tools, tool_choice, messages };

  test("takes the same prompt without anything about the reply", () => {
    expect(judgeCountRequest(counted, surroundings())).toBeUndefined();
    const { max_tokens: _, ...thinking } = manual;
    expect(judgeCountRequest(thinking, surroundings())).toBeUndefined();
    expect(judgeCountRequest({ model }, surroundings())?.error.message).toBe("messages: Field required");
    expect(judgeCountRequest({ messages }, surroundings())?.error.message).toBe("model: Field required");
    expect(judgeCountRequest({ ...counted, max_tokens: 5 }, surroundings())?.error.message).toBe(
      "max_tokens: Extra inputs are not permitted",
    );
  });

  test("refuses a prompt that a message would be refused for", () => {
    const broken = changed(counted, `${answer}.tool_use_id`, "toolu_2");
    expect(judgeCountRequest(broken, surroundings())?.error.message).toMatch(
      /^messages\.1: `tool_use` ids were found/,
    );
    expect(judgeCountRequest({ ...counted, model: "claude-opus-9" }, surroundings())?.status).toBe(404);
  });
});
