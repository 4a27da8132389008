import { type Agent, type Claude, memoryStore, ruleOfTwo, run, type Tool } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { commandTool, fetchTool, fileTools } from "@lockstitch/tools/handy";
import { describe, expect, it } from "vitest";
import { serving } from "./fetch-driver.js";
import { named, temporaryFolder } from "./support.js";

const both = ["untrusted", "private"];

function handy() {
  const folder = temporaryFolder();
  return [...fileTools({ folder, write: true }), fetchTool(), commandTool({ folder, needsApproval: false })];
}

/** What became of the last call, when these were made one after the other. */
async function lastOf(tools: readonly Tool[], ...calls: readonly (readonly [string, object])[]) {
  const replies = calls.map(([name, input], index) => [toolUse(name, input, `toolu_${index}`)]);
  const agent: Agent = { tools, permit: ruleOfTwo(tools) };
  const store = memoryStore();
  const result = await run(agent, "Go.", { claude: scripted([...replies, "Done."]), store, session: "s" });
  return result.status === "waiting" ? `asks about ${result.approvals[0]?.tool}` : result.text;
}

describe("the handy tools say for the rule of two", () => {
  it("what they read and whether they act, each of them", () => {
    expect(handy().map(({ name, reads, acts }) => [name, reads, acts])).toEqual([
      ["list_files", both, false],
      ["read_file", both, false],
      ["search_files", both, false],
      ["write_file", [], true],
      ["edit_file", "private", true],
      ["fetch_url", "untrusted", true],
      ["run_command", both, true],
    ]);
  });

  it("that a page fetched after a private file was read could tell its server what stood there", async () => {
    const fetching = fetchTool({ lookup: async () => ["127.0.0.1"] });
    const mail: Tool = { name: "mail", effects: "none", reads: "private", parse: (x) => x, run: () => "hi" };
    const page = ["fetch_url", { url: "http://site.test/" }] as const;
    expect(await lastOf([mail, fetching], ["mail", {}], page)).toBe("asks about fetch_url");
    expect(await lastOf([mail, fetching], page, ["mail", {}])).toBe("asks about mail");
    expect(await lastOf([fetching], page, page)).toBe("Done.");
  });

  it("that files read may be anybody's words and not everybody's to see, so that what acts on them is asked about", async () => {
    const tools = handy();
    const read = ["list_files", {}] as const;
    expect(await lastOf(tools, read, read)).toBe("Done.");
    expect(await lastOf(tools, read, ["write_file", { path: "a", content: "" }])).toBe(
      "asks about write_file",
    );
    expect(await lastOf(tools, ["write_file", { path: "a", content: "" }], read)).toBe(
      "asks about list_files",
    );
    expect(await lastOf(tools, ["run_command", { command: "true" }])).toBe("asks about run_command");
  });

  it("what somebody who knows better says of them", async () => {
    const tools = handy().map((tool) => ({
      ...tool,
      ...(tool.effects === "none" ? { reads: "private" } : {}),
    })) as Tool[];
    expect(await lastOf(tools, ["list_files", {}], ["write_file", { path: "a", content: "" }])).toBe("Done.");
    const still = { ...named(tools, "run_command"), reads: [], acts: false };
    expect(await lastOf([still], ["run_command", { command: "true" }])).toBe("Done.");
  });
});

it("fetch_url, which acts, asks no server before the reply that calls it is committed", async () => {
  const order: string[] = [];
  const { url, tool } = await serving((_request, response) => {
    order.push("asked");
    response.end("hello");
  });
  const quick = scripted([[toolUse("fetch_url", { url })], "Done."]);
  // Between the call's last piece and the reply's end there is time for a request.
  const claude: Claude = async (request, call) => {
    const reply = await quick(request, call);
    for (let turn = 0; turn < 500 && order.length === 0; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    return reply;
  };
  await run({ tools: [tool()] }, "Go.", {
    claude,
    onEvent: ({ type }) => type === "tool.start" && order.push(type),
  });
  expect(order).toEqual(["tool.start", "asked"]);
});
