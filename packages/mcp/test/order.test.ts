import { readFile } from "node:fs/promises";
import { memoryStore, run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { type McpTools, type McpToolsOptions, mcpTools } from "../src/index.js";
import type { ServerPins } from "../src/pin.js";
import { rawServer, temporaryFolder, text, toolNamed } from "./support.js";

const tool = (name: string, more: object = {}) => ({ name, inputSchema: { type: "object" }, ...more });
const [a, b, c] = ["a", "b", "c"].map((name) => tool(name));
const changedB = tool("b", { description: "New." });

async function connect(tools: readonly unknown[], options: McpToolsOptions = {}): Promise<McpTools> {
  const url = await rawServer({ tools, call: () => ({ content: text("done") }) });
  const found = await mcpTools({ name: "x", url }, options);
  onTestFinished(() => found.close());
  return found;
}

const namesOf = ({ tools }: McpTools) => tools.map(({ name }) => name);

describe("a session goes on with the tools that it began with", () => {
  const store = memoryStore();
  const turn = async (session: string, { tools }: McpTools) =>
    (await run({ tools }, "Hi.", { session, store, claude: scripted(["Fine."]) })).status;

  it.each<[string, McpToolsOptions]>([
    ["with pins", { pins: new Map<string, ServerPins>() }],
    ["without pins", {}],
  ])("in whatever order the server lists them by then, %s", async (session, options) => {
    expect(await turn(session, await connect([c, a, b], options))).toBe("ended");
    const later = await connect([b, c, a], options);
    expect(namesOf(later)).toEqual(["x__a", "x__b", "x__c"]);
    expect(await turn(session, later)).toBe("ended");
  });

  it("after one was accepted anew", async () => {
    const pins = `${await temporaryFolder()}/pins.json`;
    await connect([a, b, c], { pins });
    expect(await turn("accepted", await connect([a, changedB, c], { pins, accept: () => true }))).toBe(
      "ended",
    );
    expect(await turn("accepted", await connect([a, changedB, c], { pins }))).toBe("ended");
    // It stands with the code: what was accepted should be all that differs.
    expect(Object.keys(JSON.parse(await readFile(pins, "utf8")).x)).toEqual(["a", "b", "c"]);
  });

  it("while one that is pinned is gone, and when it is back", async () => {
    const pins = new Map<string, ServerPins>();
    expect(await turn("gone", await connect([a, b, c], { pins }))).toBe("ended");
    expect(await turn("gone", await connect([a, c], { pins }))).toBe("ended");
    expect(await turn("gone", await connect([a, b, c], { pins }))).toBe("ended");
  });
});

describe("a tool that is pinned and gone", () => {
  it("is shown as it was, refuses its calls in words for the model, and is told of", async () => {
    const pins = new Map<string, ServerPins>();
    const before = await connect([a, changedB], { pins });
    const now = await connect([a], { pins });
    const [was, is] = [before, now].map(({ tools }) => toolNamed(tools, "x__b"));
    const { run: _, parse: __, ...shown } = was ?? {};
    expect(is).toMatchObject(shown);
    expect(now.changes.map(({ words }) => words)).toEqual(['"b" of x is gone.']);
    const claude = scripted([[toolUse("x__b", {})], "Fine."]);
    const { messages } = await run({ tools: now.tools }, "Go.", { claude });
    expect(JSON.stringify(messages[2])).toMatch(
      /x__b was not called: the server x no longer offers it\. Go on without it, and say so\..*"is_error":true/,
    );
  });

  it("is neither shown nor told of any more, where that was accepted", async () => {
    const pins = new Map<string, ServerPins>();
    await connect([a, b], { pins });
    const now = await connect([a], { pins, accept: () => true });
    expect([namesOf(now), now.changes]).toEqual([["x__a"], []]);
  });
});
