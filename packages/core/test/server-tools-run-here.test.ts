import { execFile } from "node:child_process";
import { promisify } from "node:util";
import Anthropic from "@anthropic-ai/sdk";
import { claude, run, type Tool, type ToolDefinition, ToolError } from "@lockstitch/core";
import { createSimulator, scriptMind } from "@lockstitch/testing";
import { describe, expect, it, vi } from "vitest";

/** No recording has a text editor or a shell that a client runs: the simulator, which knows their definitions, stands in. */
async function play(
  tools: readonly (Tool | ToolDefinition)[],
  inputs: readonly (readonly [name: string, input: object])[],
) {
  const calls = inputs.map(([name, input]) => ({ content: [{ type: "tool_use" as const, name, input }] }));
  const simulator = await createSimulator({ mind: scriptMind([...calls, "Done."]) });
  try {
    const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
    const { messages } = await run({ tools, cache: false }, "Go.", { claude: claude({ client }) });
    const results = messages
      .flatMap(({ role, content }) => (role === "user" && typeof content !== "string" ? content : []))
      .flatMap((block) => (block.type === "tool_result" ? [[block.content, block.is_error === true]] : []));
    const [request] = simulator.requests;
    const sent = (request?.body as Anthropic.MessageCreateParams | undefined)?.tools;
    return { results, sent, statuses: simulator.requests.map(({ status }) => status) };
  } finally {
    await simulator.close();
  }
}

type Command =
  | { readonly command: "view"; readonly path: string; readonly view_range?: readonly [number, number] }
  | { readonly command: "create"; readonly path: string; readonly file_text: string }
  | {
      readonly command: "str_replace";
      readonly path: string;
      readonly old_str: string;
      readonly new_str?: string;
    }
  | {
      readonly command: "insert";
      readonly path: string;
      readonly insert_line: number;
      readonly insert_text: string;
    };

/** An editor of files that are in memory, as a user would write one. */
function editor(
  files: Map<string, string>,
  definition: NonNullable<Tool["definition"]>,
  name: string,
): Tool<Command> {
  const textOf = (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw new ToolError(`There is no ${path}.`);
    return text;
  };
  return {
    name,
    definition,
    effects: "idempotent",
    parse: (input) => input as Command,
    run(input) {
      switch (input.command) {
        case "view":
          return textOf(input.path)
            .split("\n")
            .slice((input.view_range?.[0] ?? 1) - 1, input.view_range?.[1])
            .join("\n");
        case "create":
          files.set(input.path, input.file_text);
          return "Created.";
        case "str_replace": {
          const parts = textOf(input.path).split(input.old_str);
          if (parts.length !== 2) throw new ToolError(`It is there ${parts.length - 1} times.`);
          files.set(input.path, parts.join(input.new_str ?? ""));
          return "Replaced.";
        }
        case "insert": {
          const lines = textOf(input.path).split("\n");
          files.set(input.path, lines.toSpliced(input.insert_line, 0, input.insert_text).join("\n"));
          return "Inserted.";
        }
      }
    },
  };
}

describe("a text editor of the API's that is run here", () => {
  it.each<[NonNullable<Tool["definition"]>, string]>([
    [
      { type: "text_editor_20250728", max_characters: 9_000 } as ToolDefinition,
      "str_replace_based_edit_tool",
    ],
    [{ type: "text_editor_20250429" } as ToolDefinition, "str_replace_based_edit_tool"],
    [{ type: "text_editor_20250124" } as ToolDefinition, "str_replace_editor"],
  ])("is sent as it is, and does what the model commands: %o", async (definition, name) => {
    const files = new Map<string, string>();
    const path = "/a.txt";
    const { results, sent, statuses } = await play(
      [editor(files, definition, name)],
      [
        [name, { command: "create", path, file_text: "one\ntwo" }],
        [name, { command: "insert", path, insert_line: 1, insert_text: "and a half" }],
        [name, { command: "str_replace", path, old_str: "two", new_str: "three" }],
        [name, { command: "view", path, view_range: [2, 3] }],
        [name, { command: "view", path: "/b.txt" }],
      ],
    );
    expect(sent).toEqual([{ ...definition, name }]);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(results).toEqual([
      ["Created.", false],
      ["Inserted.", false],
      ["Replaced.", false],
      ["and a half\nthree", false],
      ["There is no /b.txt.", true],
    ]);
    expect(files.get(path)).toBe("one\nand a half\nthree");
  });
});

describe("a shell of the API's that is run here", () => {
  it("is sent as it is, runs what the model commands, and begins anew where it is told to", async () => {
    const started: string[] = [];
    const bash: Tool<{ command?: string; restart?: boolean }> = {
      name: "bash",
      definition: { type: "bash_20250124" },
      parse: (input) => input as { command?: string; restart?: boolean },
      async run({ command, restart }, { signal }) {
        if (restart === true) return "Restarted.";
        started.push(command ?? "");
        const { stdout } = await promisify(execFile)(process.execPath, ["-p", command ?? ""], { signal });
        return stdout.trim();
      },
    };
    const { results, sent, statuses } = await play(
      [bash],
      [
        ["bash", { command: "6 * 7" }],
        ["bash", { restart: true }],
        ["bash", { command: "nonsense(" }],
      ],
    );
    expect(sent).toEqual([{ type: "bash_20250124", name: "bash" }]);
    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(results.slice(0, 2)).toEqual([
      ["42", false],
      ["Restarted.", false],
    ]);
    expect(results[2]).toEqual([expect.stringContaining("SyntaxError"), true]);
    expect(started).toEqual(["6 * 7", "nonsense("]);
  });
});

describe("every definition of the API's", () => {
  const definitions: readonly ToolDefinition[] = [
    { type: "web_search_20260318", name: "web_search", max_uses: 3, allowed_domains: ["example.org"] },
    { type: "web_search_20250305", name: "web_search" },
    {
      type: "web_fetch_20260318",
      name: "web_fetch",
      max_content_tokens: 9_000,
      citations: { enabled: true },
    },
    { type: "web_fetch_20250910", name: "web_fetch" },
    { type: "code_execution_20260521", name: "code_execution" },
    { type: "code_execution_20250825", name: "code_execution" },
    { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" },
    { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
    { type: "memory_20250818", name: "memory" },
    { type: "bash_20250124", name: "bash" },
    { type: "text_editor_20250728", name: "str_replace_based_edit_tool", max_characters: 9_000 },
  ];

  it("is warned of once where nobody runs it", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const search: ToolDefinition = { type: "web_search_20260318", name: "web_search" };
    const shell: ToolDefinition = { type: "bash_20250124", name: "bash" };
    const own: ToolDefinition = { name: "lonely", input_schema: { type: "object" } };
    const name = "str_replace_based_edit_tool";
    const edit = editor(new Map(), { type: "text_editor_20250728" }, name);
    await play([search, shell, own, edit], []);
    await play([shell], []);
    const said = warn.mock.calls.flat().join("\n");
    warn.mockRestore();
    expect(said.match(/the tool (\w+) has a definition, but no function/g)).toEqual([
      "the tool bash has a definition, but no function",
      "the tool lonely has a definition, but no function",
    ]);
  });

  it.each(definitions.map((definition) => [definition.type, definition] as const))(
    "goes through word for word: %s",
    async (_type, definition) => {
      const { sent, statuses } = await play([definition], []);
      expect(sent).toEqual([definition]);
      expect(statuses).toEqual([200]);
    },
  );
});
