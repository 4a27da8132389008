import { memoryStore, run, type Tool } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { resultOf } from "../src/pure/tool-result/tool-result.js";
import { handTool, virtualTime } from "./helpers.js";

const picture = { type: "image", source: { type: "url", url: "https://example.com/a.png" } } as const;
const text = (words: string) => ({ type: "text", text: words });

async function told(work: Tool["run"], more: Partial<Tool> = {}) {
  const claude = scripted([[toolUse("look")], "Done."]);
  await run({ tools: [handTool("look", work, more)] }, "Go.", {
    claude,
    store: memoryStore(),
    environment: virtualTime(),
  });
  const content = claude.requests[1]?.messages.at(-1)?.content ?? [];
  return content[0] as unknown as Record<string, unknown>;
}

describe("a list that a tool returns", () => {
  it("has its promises awaited, as one that is returned alone is", async () => {
    const later = (value: unknown) => Promise.resolve(value);
    expect((await told(() => [later(picture), later(picture)])).content).toEqual([picture, picture]);
    expect((await told(() => [text("See:"), later(picture)])).content).toEqual([text("See:"), picture]);
    expect((await told(() => [later({ n: 1 }), later(2)])).content).toBe('[{"n":1},2]');
    expect((await told(async () => [later("a"), "b"])).content).toBe('["a","b"]');
  });

  it("is the tool's failure where one of them rejects, and no other rejection goes unhandled", async () => {
    const fails = (why: string) => Promise.reject(new Error(why));
    const result = await told(() => [
      Promise.resolve(picture),
      fails("no such chart"),
      fails("nor this one"),
    ]);
    expect(result).toMatchObject({ is_error: true, content: "no such chart" });
  });

  it("is given up with the call's time where one of them never ends", async () => {
    const result = await told(() => [new Promise(() => {})], { timeoutMs: 50 });
    expect(result).toMatchObject({ is_error: true, content: expect.stringContaining("within 50 ms") });
  });

  it("of blocks and texts goes to the model as blocks", async () => {
    expect((await told(() => [picture, "The chart of May."])).content).toEqual([
      picture,
      text("The chart of May."),
    ]);
    expect((await told(() => ["Before", picture, " ", "after\ud800"])).content).toEqual([
      text("Before"),
      picture,
      text("after\ufffd"),
    ]);
  });

  it("of texts alone, or with anything that is no block, is JSON as before", async () => {
    expect(resultOf(["a", "b"]).content).toBe('["a","b"]');
    expect(resultOf([]).content).toBe("[]");
    expect(resultOf(["a", picture, 5]).content).toBe(JSON.stringify(["a", picture, 5]));
    expect(resultOf(["a", { type: "chart" }]).content).toBe('["a",{"type":"chart"}]');
    expect(resultOf(["a", null]).content).toBe('["a",null]');
  });

  it("may be odd: with a billion holes, or one that nobody can look into", async () => {
    expect((await told(() => new Array(1_000_000_000))).content).toMatch(/^\[null,null/);
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect((await told(() => ({ list: proxy }))).content).toMatch(/can't be shown/);
  });
});
