import Anthropic from "@anthropic-ai/sdk";
import { AgentError, claude, memoryStore, readResult, run, type Tool } from "@lockstitch/core";
import { createSimulator, scripted, scriptMind, toolUse } from "@lockstitch/testing";
import { type DeferToolsOptions, deferTools, tool } from "@lockstitch/tools";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const many = Array.from({ length: 40 }, (_, index) =>
  tool({
    name: `tool_${index}`,
    description: `Does thing ${index}.`,
    input: z.object({ value: z.number() }),
    effects: "none",
    run: ({ value }) => `did ${index} with ${value}`,
  }),
);
const search = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" } as const;

const deferredIn = (tools: readonly object[] | undefined) =>
  (tools ?? []).map((one) => "defer_loading" in one && one.defer_loading === true);

describe("deferred tools", () => {
  it("stand in the request in the order given, with the search behind them", async () => {
    const script = scripted(["Done."]);
    await run({ tools: deferTools(many, { keep: ["tool_3"] }) }, "Hi", { claude: script });
    const { tools } = script.requests[0] ?? {};
    expect(tools?.map((one) => ("name" in one ? one.name : ""))).toEqual([
      ...many.map(({ name }) => name),
      search.name,
    ]);
    expect(tools?.at(-1)).toMatchObject(search);
    expect(deferredIn(tools)).toEqual([...many.map(({ name }) => name !== "tool_3"), false]);
  });

  it("are found by patterns where the variant says so", () => {
    expect(deferTools(many, { variant: "regex" }).at(-1)).toEqual({
      type: "tool_search_tool_regex_20251119",
      name: "tool_search_tool_regex",
    });
  });

  it("run like any other when the model has found them", async () => {
    const script = scripted([[toolUse("tool_7", { value: 5 })], "Done."]);
    const result = await run({ tools: deferTools(many) }, "Hi", { claude: script });
    expect(JSON.stringify(result.messages)).toContain('"content":"did 7 with 5"');
  });

  it("are a list that the API takes, and none of them carries a cache marker", async () => {
    const found = {
      type: "tool_search_tool_search_result",
      tool_references: [{ type: "tool_reference", tool_name: "tool_7" }],
    };
    const mind = scriptMind([
      {
        content: [
          { type: "server_tool_use", id: "srvtoolu_1", name: search.name, input: { query: "7" } },
          { type: "tool_search_tool_result", tool_use_id: "srvtoolu_1", content: found },
          { type: "tool_use", name: "tool_7", input: { value: 5 } },
        ],
      } as never,
      "Done.",
    ]);
    const simulator = await createSimulator({ mind });
    try {
      const client = new Anthropic({ apiKey: "any", baseURL: simulator.url });
      const result = await run({ tools: deferTools(many) }, "Hi", { claude: claude({ client }) });
      expect(result).toMatchObject({ reason: "end_turn", text: "Done.", steps: 2 });
      const history = JSON.stringify(result.messages);
      expect(history).toContain('"type":"tool_reference"');
      expect(history).toContain("did 7 with 5");
      expect(simulator.requests.map(({ status }) => status)).toEqual([200, 200]);
    } finally {
      await simulator.close();
    }
  });

  it("are the same ones each time, so that a session goes on with them", async () => {
    const store = memoryStore();
    const first = await run({ tools: deferTools(many) }, "Hi", {
      claude: scripted(["One."]),
      store,
      session: "s",
    });
    const script = scripted(["Two."]);
    const second = await run({ tools: deferTools(many) }, "On.", { claude: script, store, session: "s" });
    expect([first.text, second.text]).toEqual(["One.", "Two."]);
  });

  it("leave what was given as it was, and what the API defines alone", () => {
    const memory: Tool = {
      name: "memory",
      definition: { type: "memory_20250818" },
      parse: (input) => input,
      run: () => "",
    };
    const web = { type: "web_search_20260318", name: "web_search" } as const;
    const custom = { name: "custom", input_schema: { type: "object" } } as const;
    const tools = [...many, memory, web, custom];
    const before = JSON.stringify(tools);
    const [one, ...rest] = deferTools(tools).slice(-4);
    expect([one, ...rest]).toEqual([memory, web, { ...custom, defer_loading: true }, search]);
    expect(JSON.stringify(tools)).toBe(before);
  });

  it('are those of one\'s own by whichever name: the API takes no type, null and "custom" for the same', () => {
    const typed = ([undefined, null, "custom"] as const).map((type, index) => ({
      ...(many[index] as Tool),
      ...(type === undefined ? {} : { definition: { type } }),
    }));
    const deferred = deferTools(typed).slice(0, 3) as readonly Tool[];
    expect(deferredIn(deferred.map(({ definition }) => definition ?? {}))).toEqual([true, true, true]);
  });

  it("get no search where none is deferred, and no second one", () => {
    const two = many.slice(0, 2);
    expect(deferTools(two, { keep: ["tool_0", "tool_1"] })).toEqual(two);
    expect(deferTools(deferTools(two))).toEqual(deferTools(two));
  });

  it("have no cache marker of their own: the run says so, and what is kept may have one", async () => {
    const cache_control = { type: "ephemeral" } as const;
    const marked = many.map((one) => ({ ...one, definition: { ...one.definition, cache_control } }));
    const tools = [...many.slice(0, 3), ...marked.slice(3, 4)];
    const deferred = run({ tools: deferTools(tools) }, "Hi", { claude: scripted([]) });
    await expect(deferred).rejects.toThrow(AgentError);
    await expect(deferred).rejects.toThrow(
      /tool_3 .*cache_control.*deferTools\(tools, \{ keep: \["tool_3"\] \}\)/,
    );
    const script = scripted(["Done."]);
    await run({ tools: deferTools(tools, { keep: ["tool_3"] }), cache: false }, "Hi", { claude: script });
    expect(script.requests[0]?.tools?.[3]).toMatchObject({ name: "tool_3", cache_control });
  });

  it("are not guessed at: an option that isn't one is refused", () => {
    const misspelt = { kept: ["tool_3"] } as DeferToolsOptions;
    expect(() => deferTools(many, misspelt)).toThrow(AgentError);
    expect(() => deferTools(many, misspelt)).toThrow(
      'deferTools() has no option "kept". The options are: keep, variant.',
    );
  });

  it("are not guessed at: a name to keep that no tool has is refused", () => {
    expect(() => deferTools(many, { keep: ["tool_99"] })).toThrow(AgentError);
    expect(() => deferTools(many, { keep: ["tool_99"] })).toThrow(/tool_99.*tool_0, tool_1/);
  });
});

describe("deferTools()", () => {
  it("leaves the tool alone that reads on in results that were cut, for the results name it", () => {
    const [reads, other] = deferTools([readResult, ...many.slice(0, 1)]);
    expect(deferredIn([(reads as Tool).definition ?? {}, (other as Tool).definition ?? {}])).toEqual([
      false,
      true,
    ]);
  });

  it.each<[string, unknown, unknown?]>([
    ["no list", {}],
    ["nothing in its list", [null]],
    ["a name in place of names", many, { keep: "tool_1" }],
  ])("refuses %s, and says what it takes", (_what, tools, options) => {
    expect(() => deferTools(tools as never, options as never)).toThrow(AgentError);
    expect(() => deferTools(tools as never, options as never)).toThrow(/takes a list of tools/);
  });
});
