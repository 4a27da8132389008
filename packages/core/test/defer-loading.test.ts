import { AgentError, run, type Tool, type ToolDefinition } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";

const cache_control = { type: "ephemeral" } as const;
const plain = handTool("plain", () => "");
const raw = (more: object): ToolDefinition => ({ name: "raw", input_schema: { type: "object" }, ...more });

describe("an agent is refused, before anything is sent,", () => {
  it.each<[string, (Tool | ToolDefinition)[], RegExp]>([
    [
      "with a deferred tool that has a cache marker",
      [plain, handTool("own", () => "", { definition: { defer_loading: true, cache_control } })],
      /tool own .*defer_loading.*cache_control.*Leave.*keep: \["own"\]/,
    ],
    [
      "with such a definition of its own",
      [plain, raw({ defer_loading: true, cache_control })],
      /tool raw .*cache_control/,
    ],
    [
      "with such a tool of the API",
      [plain, { type: "web_search_20260318", name: "web_search", defer_loading: true, cache_control }],
      /tool web_search .*cache_control/,
    ],
    ["with nothing but deferred tools", [raw({ defer_loading: true })], /all.*deferred.*deferTools\(\)/i],
  ])("%s", async (_what, tools, why) => {
    const claude = scripted([]);
    const refused = run({ tools }, "Hi", { claude });
    await expect(refused).rejects.toThrow(AgentError);
    await expect(refused).rejects.toThrow(why);
    expect(claude.requests).toEqual([]);
  });

  it("and not with a marker on a tool that is not deferred, nor with one that is none", async () => {
    const tools = [
      raw({ defer_loading: false, cache_control }),
      handTool("own", () => "", { definition: { defer_loading: true, cache_control: null } }),
    ];
    expect(await run({ tools }, "Hi", { claude: scripted(["Hello."]) })).toMatchObject({ text: "Hello." });
  });
});
