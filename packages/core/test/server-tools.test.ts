import type Anthropic from "@anthropic-ai/sdk";
import { type Agent, claude, memoryStore, run, type Tool, type ToolDefinition } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { accumulate } from "./accumulate.ts";
import { handTool } from "./helpers.ts";
import { answerOf } from "./playback.ts";
import { absent, chains, found, messages, streams } from "./recordings.ts";
import { serve, sse } from "./sse-server.ts";

type Blocks = readonly Anthropic.ContentBlock[];

interface Recording {
  readonly name: string;
  readonly bodies: readonly string[];
  readonly contents: readonly Blocks[];
}

/** Everything recorded: each file of chunks with the replies that go on from each other, and each reply that came over HTTP. */
const recordings: readonly Recording[] = [
  ...[...chains, ...streams.map((stream) => ({ name: stream.name, replies: [stream] }))]
    // Broken on purpose.
    .filter(({ name }) => !/^(spliced|duplicate)-/.test(name))
    .filter(({ name }) => !chains.some((chain) => name.startsWith(`${chain.name} #`)))
    .map(({ name, replies }) => ({
      name,
      bodies: replies.map(({ body }) => body),
      contents: replies.map(({ events }) => accumulate(events).content as Blocks),
    })),
  ...messages.map(({ name, message }) => ({
    name,
    bodies: [sse(streamEvents(message)).join("")],
    contents: [message.content],
  })),
];

/** What the API does by itself, by the block that tells of it, and how it is asked for. */
const kinds: readonly (readonly [kind: string, block: string, definition: ToolDefinition | undefined])[] = [
  ["web search", "web_search_tool_result", { type: "web_search_20260318", name: "web_search" }],
  ["web fetch", "web_fetch_tool_result", { type: "web_fetch_20260318", name: "web_fetch" }],
  ["code execution", "code_execution_tool_result", codeExecution()],
  ["a shell of code execution", "bash_code_execution_tool_result", codeExecution()],
  ["an editor of code execution", "text_editor_code_execution_tool_result", codeExecution()],
  [
    "tool search",
    "tool_search_tool_result",
    { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" },
  ],
  // These are asked for with fields of a beta, which go into `request`.
  ["MCP", "mcp_tool_result", undefined],
  ["an advisor", "advisor_tool_result", undefined],
];

function codeExecution(): ToolDefinition {
  return { type: "code_execution_20260120", name: "code_execution" };
}

const holding = (type: string) =>
  recordings.filter(({ contents }) => contents.flat().some((block) => String(block.type) === type));

/** Runs an agent through a recording, then says one thing more in the same session. */
async function play({ bodies, contents }: Recording, definition: ToolDefinition | undefined) {
  const calls = contents.flat().flatMap((block) => (block.type === "tool_use" ? [block.name] : []));
  const tools = [...new Set(calls)].map((name): Tool => handTool(name, () => "answered"));
  const done = sse(
    streamEvents({ ...base, content: [{ type: "text", text: "Done.", citations: null }] }),
  ).join("");
  const server = await serve(...[...bodies, done, done].map(answerOf));
  const agent: Agent = { cache: false, tools: [...tools, ...(definition === undefined ? [] : [definition])] };
  const options = { claude: claude({ client: server.client }), store: memoryStore(), session: "s" };
  const first = await run(agent, "Go.", options);
  await run(agent, "And now?", options);
  await server.close();
  return { first, sent: server.requests.map(({ body }) => body as Anthropic.MessageCreateParams) };
}

const base: Anthropic.Message = {
  ...({ id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-5-5" } as Anthropic.Message),
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 } as Anthropic.Usage,
};

describe("what the API runs by itself", () => {
  it.skipIf(!found)(`is found in the recordings, each kind of it${absent}`, () => {
    expect(kinds.map(([kind, block]) => [kind, holding(block).length])).toEqual([
      ["web search", 5],
      ["web fetch", 6],
      ["code execution", 4],
      ["a shell of code execution", 10],
      ["an editor of code execution", 8],
      ["tool search", 8],
      ["MCP", 2],
      ["an advisor", 4],
    ]);
  });

  it.skipIf(!found)(`is in no recording that is not played here${absent}`, () => {
    const plain = ["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "mcp_tool_use"];
    // What the API writes into a reply for itself: a summary, and that another model has answered.
    const ofTheApi = ["compaction", "fallback"];
    const types = new Set(
      recordings.flatMap(({ contents }) => contents.flat().map(({ type }) => String(type))),
    );
    const others = [...types].filter((type) => ![...plain, ...ofTheApi].includes(type));
    expect(others.sort()).toEqual(kinds.map(([, block]) => block).sort());
  });

  const cases = kinds.flatMap(([kind, block, definition]) =>
    holding(block).map((recording): [string, string, Recording, ToolDefinition | undefined] => [
      kind,
      recording.name,
      recording,
      definition,
    ]),
  );

  it.each(cases)("is sent back word for word: %s, in %s", async (_kind, _name, recording, definition) => {
    const { sent } = await play(recording, definition);
    const last = sent.at(-1)?.messages ?? [];
    const said = last.filter(({ role }) => role === "assistant").map(({ content }) => content);
    // A text without a character is the one thing that the API sends and does not take back.
    const meant = recording.contents.map((content) =>
      content.filter((block) => block.type !== "text" || block.text !== ""),
    );
    expect(said.slice(0, meant.length)).toEqual(meant);
    if (definition !== undefined) expect(sent.at(-1)?.tools).toContainEqual(definition);
  });

  it.each(cases.slice(0, 2))(
    "may pause: %s goes on where %s stopped, with nothing said in between",
    async (_kind, _name, { contents: [content = []] }, definition) => {
      const half = content.findIndex(({ type }) => type === "server_tool_use") + 1;
      const replies = [
        { ...base, content: content.slice(0, half), stop_reason: "pause_turn" as const },
        { ...base, content: content.slice(half) },
      ];
      const bodies = replies.map((reply) => sse(streamEvents(reply)).join(""));
      const { first, sent } = await play({ name: "", bodies, contents: [content] }, definition);
      expect(sent[1]?.messages.slice(1)).toEqual([{ role: "assistant", content: content.slice(0, half) }]);
      expect(first).toMatchObject({ reason: "end_turn", steps: 2 });
      const blocks = sent
        .at(-1)
        ?.messages.flatMap(({ role, content: said }) =>
          role === "assistant" && typeof said !== "string" ? said : [],
        );
      expect(blocks?.slice(0, content.length)).toEqual(content);
    },
  );

  it.skipIf(!found)(
    `keeps its container for the run that it belongs to, and names it in each request${absent}`,
    async () => {
      const programmatic = recordings.find(({ name }) =>
        name.startsWith("anthropic-programmatic"),
      ) as Recording;
      const { sent } = await play(programmatic, codeExecution());
      const steps = programmatic.bodies.length;
      const container = /"container":\{"id":"([^"]+)"/.exec(programmatic.bodies[0] ?? "")?.[1];
      expect(container).toMatch(/^container_/);
      expect(sent.map((request) => request.container)).toEqual([
        undefined,
        ...Array.from({ length: steps - 1 }, () => container),
        undefined,
      ]);
    },
  );
});

describe("what the API defines and we run", () => {
  const definitions: readonly (readonly [string, ToolDefinition & { readonly type: string }, object])[] = [
    ["memory", { type: "memory_20250818", name: "memory" }, { command: "view", path: "/memories" }],
    ["bash", { type: "bash_20250124", name: "bash" }, { command: "ls" }],
    [
      "str_replace_based_edit_tool",
      { type: "text_editor_20250728", name: "str_replace_based_edit_tool", max_characters: 9_000 },
      { command: "view", path: "/a.txt" },
    ],
  ];

  it.each(definitions)("is a tool with a definition that has a type: %s", async (name, definition, input) => {
    const given: unknown[] = [];
    const own: Tool = {
      name,
      definition,
      effects: "none",
      parse: (sent) => sent,
      run(sent) {
        given.push(sent);
        return "as it is";
      },
    };
    const call = { type: "tool_use", id: "toolu_1", name, input, caller: { type: "direct" } } as const;
    const replies = [
      { ...base, content: [call], stop_reason: "tool_use" as const },
      { ...base, content: [{ type: "text" as const, text: "Done.", citations: null }] },
    ];
    const server = await serve(...replies.map((reply) => answerOf(sse(streamEvents(reply)).join(""))));
    const result = await run({ tools: [own], cache: false }, "Go.", {
      claude: claude({ client: server.client }),
    });
    await server.close();
    expect(given).toEqual([input]);
    expect(result).toMatchObject({ reason: "end_turn", text: "Done." });
    const [first, second] = server.requests.map(({ body }) => body as Anthropic.MessageCreateParams);
    // Nothing of ours is added to it: the API has its own description and schema.
    expect(first?.tools).toEqual([definition]);
    expect(second?.messages.at(-1)).toEqual({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "as it is" }],
    });
  });

  it.skipIf(!found)(`is called as the recorded model calls it: memory${absent}`, async () => {
    const recording = recordings.find(({ name }) => name.startsWith("anthropic-memory")) as Recording;
    const { first } = await play(recording, undefined);
    expect(first).toMatchObject({ reason: "end_turn", text: "Done.", steps: 2 });
  });
});
