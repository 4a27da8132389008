import { type AgentEvent, memoryStore, type Permit, ruleOfTwo, run, type Tool } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { type EffectsOptions, effectsOf } from "../src/effects.js";
import { type McpToolsOptions, mcpTools } from "../src/index.js";
import { rawServer, text } from "./support.js";

const of = (annotations: Record<string, unknown> | undefined, options: EffectsOptions = {}) =>
  effectsOf({ name: "a", inputSchema: {}, ...(annotations === undefined ? {} : { annotations }) }, options);
const worst = { reads: ["untrusted", "private"], acts: true };

describe("effectsOf", () => {
  it("believes of an untrusted server only that something is destroyed", () => {
    const harmless = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };
    expect(of(harmless)).toEqual({ effects: "once", ...worst });
    expect(of({ readOnlyHint: true, destructiveHint: true })).toEqual({
      effects: "once",
      needsApproval: true,
      ...worst,
    });
    expect(of(undefined)).toEqual({ effects: "once", ...worst });
  });

  it("believes a trusted server", () => {
    const trusted = true;
    expect(of({ readOnlyHint: true, destructiveHint: true }, { trusted })).toEqual({
      effects: "none",
      ...worst,
    });
    expect(of({ idempotentHint: true }, { trusted })).toEqual({ effects: "idempotent", ...worst });
    expect(of({ destructiveHint: true }, { trusted })).toEqual({
      effects: "once",
      needsApproval: true,
      ...worst,
    });
    expect(of({ readOnlyHint: "yes" }, { trusted })).toEqual({ effects: "once", ...worst });
    expect(of(undefined, { trusted })).toEqual({ effects: "once", ...worst });
  });

  it("takes one that only reads for acting, unless it stays within its own: what is asked of the world, the world hears", () => {
    const onlyReads = { effects: "none", reads: worst.reads };
    const hints = { readOnlyHint: true, openWorldHint: false };
    expect(of(hints, { trusted: true })).toEqual({ ...onlyReads, acts: false });
    for (const openWorldHint of [true, undefined, null, 0, "false"])
      expect(of({ ...hints, openWorldHint }, { trusted: true })).toEqual({ ...onlyReads, acts: true });
    expect(of({ readOnlyHint: true }, { trusted: true })).toEqual({ ...onlyReads, acts: true });
    expect(of({ openWorldHint: false }, { trusted: true })).toEqual({ effects: "once", ...worst });
    expect(of({ openWorldHint: false, idempotentHint: true }, { trusted: true })).toMatchObject({
      acts: true,
    });
    expect(of(hints)).toEqual({ effects: "once", ...worst });
  });

  it("takes a person's word for what all of a server's tools read and whether they act, over the server's", () => {
    expect(of(undefined, { reads: "untrusted", acts: false })).toEqual({
      effects: "once",
      reads: "untrusted",
      acts: false,
    });
    expect(
      of({ readOnlyHint: true, openWorldHint: false }, { trusted: true, reads: [], acts: true }),
    ).toEqual({
      effects: "none",
      reads: [],
      acts: true,
    });
  });
});

const tools = [
  { name: "fetch", annotations: { readOnlyHint: true }, inputSchema: { type: "object" } },
  {
    name: "search",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema: { type: "object" },
  },
  { name: "post", inputSchema: { type: "object" } },
];

/** The tools of a server, and one of our own that reads what not everybody may see. */
async function toolsWith(options: McpToolsOptions): Promise<readonly Tool[]> {
  const url = await rawServer({ tools, call: () => ({ content: text("done") }) });
  const web = await mcpTools({ name: "web", url }, options);
  onTestFinished(() => web.close());
  const diary: Tool = {
    name: "diary",
    effects: "none",
    reads: "private",
    parse: (input) => input,
    run: () => "dear diary",
  };
  return [...web.tools, diary] as readonly Tool[];
}

/** What the rule of two says of calls that are made one after the other, up to the first that waits for a person. */
async function verdicts(options: McpToolsOptions, ...names: string[]): Promise<readonly string[]> {
  const all = await toolsWith(options);
  const permit: Permit = ruleOfTwo(all);
  const claude = scripted([...names.map((name) => [toolUse(name, {})]), "Done."]);
  const store = memoryStore();
  await run({ tools: all, permit }, "Go.", { claude, store, session: "s" });
  const found: AgentEvent[] = [];
  for await (const event of store.read("s")) found.push(event);
  return found.flatMap((event) => (event.type === "tool.check" ? [event.verdict] : []));
}

describe("the rule of two, with the tools of a server", () => {
  it("asks about each, where nothing is known of it", async () => {
    expect(await verdicts({}, "web__search")).toEqual(["ask"]);
    expect(await verdicts({}, "web__post")).toEqual(["ask"]);
    expect(await verdicts({ trusted: true }, "web__post")).toEqual(["ask"]);
  });

  it("asks about a trusted server's tool that only reads, where nothing says that it tells nobody what was asked", async () => {
    expect(await verdicts({ trusted: true }, "web__fetch")).toEqual(["ask"]);
    expect(await verdicts({ trusted: true, acts: false }, "web__fetch")).toEqual(["allow"]);
    expect(await verdicts({ trusted: true, reads: "untrusted" }, "web__fetch", "diary")).toEqual([
      "allow",
      "ask",
    ]);
  });

  it("lets a trusted server's tool read, and then asks about acting", async () => {
    expect(await verdicts({ trusted: true }, "web__search", "web__search", "web__post")).toEqual([
      "allow",
      "allow",
      "ask",
    ]);
  });

  it("goes by what a person says of the server: what strangers wrote, and nothing private", async () => {
    const options: McpToolsOptions = { trusted: true, reads: "untrusted" };
    expect(await verdicts(options, "web__search", "web__post", "diary")).toEqual(["allow", "allow", "ask"]);
    expect(await verdicts(options, "web__search", "diary", "web__post")).toEqual(["allow", "allow", "ask"]);
    expect(await verdicts(options, "web__search", "diary", "web__search")).toEqual([
      "allow",
      "allow",
      "allow",
    ]);
  });

  it("takes no part where the server is said to bring neither and to do nothing", async () => {
    expect(
      await verdicts({ reads: [], acts: false }, "diary", "web__post", "web__search", "web__post"),
    ).toEqual(Array(4).fill("allow"));
  });

  it("counts a tool that only reads and yet tells others what was asked", async () => {
    const options: McpToolsOptions = { trusted: true, reads: "untrusted", acts: true };
    expect(await verdicts(options, "web__search", "diary")).toEqual(["allow", "ask"]);
  });

  it("goes by another word for one tool of a server, which a person may put in its place", async () => {
    const [fetch, ...others] = await toolsWith({});
    const all = [{ ...(fetch as Tool), reads: [], acts: false }, ...others];
    const claude = scripted([[toolUse("web__fetch", {})], "Done."]);
    const { status } = await run({ tools: all, permit: ruleOfTwo(all) }, "Go.", { claude });
    expect(status).toBe("ended");
  });
});
