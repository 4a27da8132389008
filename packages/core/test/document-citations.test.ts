import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  AgentError,
  type AgentEvent,
  apply,
  approve,
  claude,
  emptyState,
  memoryStore,
  resume,
  run,
  steer,
} from "@lockstitch/core";
import { createSimulator, scripted, scriptMind, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";

type Message = Anthropic.MessageParam;

const documentOf = (data: string, enabled?: boolean): Anthropic.DocumentBlockParam => ({
  type: "document",
  source: { type: "text", media_type: "text/plain", data },
  ...(enabled === undefined ? {} : { citations: { enabled } }),
});
const foundIn = (source: string, enabled?: boolean): Anthropic.SearchResultBlockParam => ({
  type: "search_result",
  source,
  title: "A page",
  content: [{ type: "text", text: `What ${source} says.` }],
  ...(enabled === undefined ? {} : { citations: { enabled } }),
});
const schema = {
  type: "object" as const,
  properties: { n: { type: "number" } },
  required: ["n"],
  additionalProperties: false,
};
const output: Agent["output"] = { jsonSchema: schema, parse: (value) => value };
const search = { type: "web_search_20260318", name: "web_search" } as const;

/** Runs against the simulator, which refuses what the API would; gives the statuses of all requests, and the last messages. */
async function play(
  agent: Agent,
  inputs: readonly Parameters<typeof run>[1][],
  replies: Parameters<typeof scriptMind>[0],
) {
  const simulator = await createSimulator({ mind: scriptMind(replies) });
  try {
    const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
    const options = { claude: claude({ client }), store: memoryStore(), session: "s" };
    const results = [];
    for (const input of inputs) results.push(await run(agent, input, options));
    return {
      statuses: simulator.requests.map(({ status }) => status),
      messages: results.at(-1)?.messages ?? [],
    };
  } finally {
    await simulator.close();
  }
}

/** Whether each document and search result of user's messages is cited, in order, tool results included. */
const citedIn = (messages: readonly Message[]) =>
  messages
    .filter(({ role }) => role === "user")
    .flatMap(({ content }) => (typeof content === "string" ? [] : content))
    .flatMap((block): readonly { readonly type: string; readonly citations?: unknown }[] =>
      block.type === "tool_result" && Array.isArray(block.content) ? block.content : [block],
    )
    .filter(({ type }) => type === "document" || type === "search_result")
    .map(({ citations }) => (citations as { readonly enabled?: boolean } | undefined)?.enabled === true);

describe("an input of which some documents are cited and others not", () => {
  it.each<[string, readonly Parameters<typeof run>[1][]]>([
    ["in one message", [[documentOf("a", true), documentOf("b")]]],
    ["after a document that is cited", [[documentOf("a", true)], [documentOf("b", false)]]],
    ["after a document that is not", [[documentOf("a")], [documentOf("b", true)]]],
    ["as search results", [[foundIn("a", true), foundIn("b")]]],
    [
      "in a tool result of a conversation that is given",
      [
        [
          { role: "user", content: [documentOf("a", true)] },
          { role: "assistant", content: [{ type: "tool_use", id: "toolu_a", name: "look", input: {} }] },
          {
            role: "user",
            content: [{ type: "tool_result", tool_use_id: "toolu_a", content: [documentOf("b")] }],
          },
        ],
      ],
    ],
  ])("is refused in words, and its session goes on without it: %s", async (_where, inputs) => {
    const store = memoryStore();
    const script = scripted(["One.", "Two."]);
    const options = { claude: script, store, session: "s" };
    for (const input of inputs.slice(0, -1)) await run({}, input, options);
    const refused = run({}, inputs.at(-1) ?? "", options);
    await expect(refused).rejects.toThrow(AgentError);
    await expect(refused).rejects.toThrow(
      /not taken: .*citations .*all.* or none\. Give each `citations: \{ enabled: true \}`/,
    );
    expect(await run({}, "On.", options)).toMatchObject({ status: "ended", reason: "end_turn" });
  });

  it("is refused where it is steered, too", async () => {
    const store = memoryStore();
    const wait = handTool("wait", async () => {
      await expect(steer(store, "s", [documentOf("b")])).rejects.toThrow(/citations/);
      await steer(store, "s", [documentOf("c", true)]);
    });
    const options = { claude: scripted([[toolUse("wait")], "Done."]), store, session: "s" };
    const { messages } = await run({ tools: [wait] }, [documentOf("a", true)], options);
    expect(citedIn(messages)).toEqual([true, true]);
  });

  it("is taken where all are cited, or none, documents and search results each by themselves", async () => {
    for (const said of [
      [documentOf("a", true), documentOf("b", true), foundIn("c")],
      [documentOf("a"), documentOf("b", false), foundIn("c", true)],
    ])
      expect(await run({}, said, { claude: scripted(["Fine."]) })).toMatchObject({ text: "Fine." });
  });
});

describe("documents that tools return", () => {
  const look = (...blocks: object[]) => handTool("look", () => blocks);

  it("are cited where those of the conversation are, and not where they are not", async () => {
    for (const enabled of [true, false]) {
      const agent = { tools: [look(documentOf("b"), documentOf("c", true))] };
      const { statuses, messages } = await play(
        agent,
        [[documentOf("a", enabled)], "On."],
        [{ content: [{ type: "tool_use", name: "look", input: {} }] }, "Read.", "Fine."],
      );
      expect(citedIn(messages)).toEqual([enabled, enabled, enabled]);
      expect(statuses).toEqual([200, 200, 200]);
    }
  });

  it("go by the first of them where the conversation has none, over all calls of a step", async () => {
    const other = handTool("other", () => [documentOf("b")]);
    const claude = scripted([[toolUse("look"), toolUse("other")], "Read."]);
    const { messages } = await run({ tools: [look(documentOf("a", true)), other] }, "Go.", { claude });
    expect(citedIn(messages)).toEqual([true, true]);
  });

  it("are cited alike when two have spoken at once", () => {
    const said = (block: Anthropic.DocumentBlockParam) => ({
      type: "input" as const,
      messages: [{ role: "user" as const, content: [block] }],
    });
    const bodies = [
      { type: "run.start" as const, model: "claude-opus-5-5", limits: {}, startedAt: 1 },
      said(documentOf("a")),
      said(documentOf("b", true)),
      { type: "step.start" as const, step: 1 },
    ];
    const { messages } = bodies.reduce(
      (state, body, index) => apply(state, { session: "s", seq: index + 1, at: 0, ...body } as AgentEvent),
      emptyState("s"),
    );
    expect(citedIn(messages)).toEqual([false, false]);
  });

  it("stay as they are where nothing is uneven", async () => {
    const claude = scripted([[toolUse("look")], "Read."]);
    const blocks = [documentOf("a", false), documentOf("b")];
    const { messages } = await run({ tools: [look(...blocks)] }, "Go.", { claude });
    expect(messages[2]?.content).toMatchObject([{ content: blocks }]);
  });
});

describe("citations beside an output", () => {
  it("are refused in an input, and the session goes on without them", async () => {
    const script = scripted(['{"n":1}', "Fine."]);
    const options = { claude: script, store: memoryStore(), session: "s" };
    for (const agent of [
      { output },
      { request: { output_config: { format: { type: "json_schema", schema } } } },
    ] as Agent[]) {
      for (const block of [documentOf("a", true), foundIn("a", true)]) {
        const refused = run(agent, [block], options);
        await expect(refused).rejects.toThrow(AgentError);
        await expect(refused).rejects.toThrow(/it has citations, and beside an output .*Leave/);
      }
    }
    expect(await run({ output }, [documentOf("a")], options)).toMatchObject({ output: { n: 1 } });
    expect(await run({}, "On.", options)).toMatchObject({ text: "Fine." });
  });

  it("are refused in a session that holds them, which goes on without an output", async () => {
    const options = { claude: scripted(["One.", "Two."]), store: memoryStore(), session: "s" };
    await run({}, [documentOf("a", true)], options);
    await expect(run({ output }, "As JSON.", options)).rejects.toThrow(/session.*citations.*output/);
    expect(await run({}, "On.", options)).toMatchObject({ text: "Two." });
  });

  it("are refused where they are steered into a run with an output, which goes on", async () => {
    const store = memoryStore();
    const refusals: unknown[] = [];
    const wait = handTool("wait", async () => {
      await steer(store, "s", [documentOf("a", true)]).catch((error: unknown) => refusals.push(error));
      return "waited";
    });
    const claude = scripted([[toolUse("wait", {}, "toolu_1")], '{"n":1}']);
    const result = await run({ tools: [wait], output }, "Go.", { claude, store, session: "s" });
    expect(result).toMatchObject({ output: { n: 1 } });
    expect(refusals).toEqual([
      expect.objectContaining({ message: expect.stringContaining("it has citations") }),
    ]);
  });

  it("are refused where a session that holds them is resumed, before anything is sent", async () => {
    const claude = scripted([[toolUse("look", {}, "toolu_1")], "Done."]);
    const options = { claude, store: memoryStore(), session: "s" };
    const agent: Agent = { tools: [handTool("look", () => "seen")], limits: { maxSteps: 1 } };
    await run(agent, [documentOf("a", true)], options);
    await expect(resume({ ...agent, output }, "s", options)).rejects.toThrow(
      /every call of this run: its session holds documents or search results with citations/,
    );
    expect(claude.requests).toHaveLength(1);
    const { limits: _limits, ...unlimited } = agent;
    expect(await resume(unlimited, "s", options)).toMatchObject({ text: "Done." });
  });

  it.each(["resumed", "spoken to"])(
    "are refused where a call of a session that is %s has given them, and another waits for a person",
    async (how) => {
      const claude = scripted([[toolUse("look", {}, "toolu_1"), toolUse("pay", {}, "toolu_2")], "Done."]);
      const options = { claude, store: memoryStore(), session: "s" };
      const look = handTool("look", () => documentOf("a", true));
      const tools = [look, handTool("pay", () => "paid", { needsApproval: true })];
      await run({ tools }, "Go.", options);
      const agent: Agent = { tools, output };
      const refused = how === "resumed" ? resume(agent, "s", options) : run(agent, "As JSON.", options);
      await expect(refused).rejects.toThrow(/its session holds documents or search results with citations/);
      expect(claude.requests).toHaveLength(1);
      await approve(options.store, "s", "toolu_2", { approved: true });
      expect(await resume({ tools }, "s", options)).toMatchObject({ text: "Done." });
    },
  );

  it("are taken off what a tool returns, and its search results are texts", async () => {
    const look = handTool("look", () => [documentOf("a", true)]);
    const find = handTool("find", () => [foundIn("https://a.example", true)]);
    const calls = ["look", "find"].map((name) => ({ type: "tool_use" as const, name, input: {} }));
    const { statuses, messages } = await play(
      { tools: [look, find, search], output },
      ["Go."],
      [{ content: calls }, '{"n":1}'],
    );
    expect(statuses).toEqual([200, 200]);
    expect(citedIn(messages)).toEqual([false]);
    expect(JSON.stringify(messages)).toMatch(
      /A page.*https:\/\/a\.example.*What https:\/\/a\.example says\./,
    );
  });
});

describe("search results", () => {
  it("of a tool stand in its result alone, and are texts beside anything else", async () => {
    const mixed = handTool("mixed", () => [
      { type: "text", text: "See:" },
      foundIn("https://a.example", true),
    ]);
    const alone = handTool("alone", () => [
      foundIn("https://b.example", true),
      foundIn("https://c.example", true),
    ]);
    const claude = scripted([[toolUse("mixed"), toolUse("alone")], "Read."]);
    const { messages } = await run({ tools: [mixed, alone] }, "Go.", { claude });
    expect(messages[2]?.content).toMatchObject([
      {
        content: [
          { type: "text", text: "See:" },
          { type: "text", text: "A page\nhttps://a.example\nWhat https://a.example says." },
        ],
      },
      { content: [{ type: "search_result" }, { type: "search_result" }] },
    ]);
  });

  it("that are cut stay legal", async () => {
    const many = handTool("many", () =>
      Array.from({ length: 20 }, (_, index) => foundIn(`https://${index}.example`)),
    );
    const claude = scripted([[toolUse("many")], "Read."]);
    const { messages } = await run({ tools: [many], limits: { maxResultLength: 1_000 } }, "Go.", { claude });
    const [result] = (messages[2]?.content ?? []) as Anthropic.ToolResultBlockParam[];
    const blocks = (result?.content ?? []) as { type: string }[];
    const types = new Set(blocks.map(({ type }) => type));
    expect([...types]).toEqual(["text"]);
  });

  it("beside other blocks are refused in a conversation that is given", async () => {
    const said: Message[] = [
      { role: "user", content: "Go." },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_a", name: "look", input: {} }] },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "toolu_a",
            content: [foundIn("a"), { type: "text", text: "b" }],
          },
        ],
      },
    ];
    await expect(run({}, said, { claude: scripted([]) })).rejects.toThrow(/search results.*nothing else/);
  });

  it("beside a web search must be cited: those of a tool are, and of an input are refused otherwise", async () => {
    const find = handTool("find", () => [foundIn("https://a.example")]);
    const options = { claude: scripted([[toolUse("find")], "Read."]), store: memoryStore(), session: "s" };
    await expect(run({ tools: [find, search] }, [foundIn("b")], options)).rejects.toThrow(
      /web search.*citations/,
    );
    const { messages } = await run({ tools: [find, search] }, [foundIn("b", true)], options);
    expect(citedIn(messages)).toEqual([true, true]);
  });

  describe("that a session holds when web search comes", () => {
    const find = handTool("find", () => [foundIn("https://a.example")]);

    /** A run whose tool returns a search result that is not cited, and what comes after it. */
    async function playOn(next: Agent, input: Parameters<typeof run>[1]) {
      const calls = [{ type: "tool_use" as const, name: "find", input: {} }];
      const simulator = await createSimulator({ mind: scriptMind([{ content: calls }, "Found.", "Read."]) });
      try {
        const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
        const options = { claude: claude({ client }), store: memoryStore(), session: "s" };
        const first = await run({ tools: [find] }, [foundIn("https://b.example")], options);
        const going = { ...options, ifPrefixChanged: "continue" as const };
        const second = await run(next, input, going).catch((error: unknown) => error as Error);
        const statuses = simulator.requests.map(({ status }) => status);
        return { first, second, statuses };
      } finally {
        await simulator.close();
      }
    }

    it("are cited from there on, and so may be what is said beside them", async () => {
      const { first, second, statuses } = await playOn({ tools: [find, search] }, [
        foundIn("https://c.example", true),
      ]);
      expect(statuses).toEqual([200, 200, 200]);
      expect(citedIn(first.messages)).toEqual([false, false]);
      expect("messages" in second ? citedIn(second.messages) : second).toEqual([true, true, true]);
    });

    it("are refused beside an output, which takes no citations", async () => {
      const { second, statuses } = await playOn({ tools: [find, search], output }, "As JSON.");
      expect(second).toBeInstanceOf(AgentError);
      expect(String(second)).toMatch(
        /beside web search.*beside an output\. Leave `output` or web search out/,
      );
      expect(statuses).toEqual([200, 200]);
    });
  });
});
