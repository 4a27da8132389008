import { InMemoryTransport } from "@modelcontextprotocol/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { mcpTools } from "../src/index.js";
import { sealAnswers } from "../src/sealed.js";
import { callWith, rawServer, text, toolNamed } from "./support.js";

const tools = [{ name: "go", inputSchema: { type: "object" } }];

/** Calls a tool that answers with this, and tells how often it was called. */
async function answer(result: unknown, protocol: "2025-06-18" | "2026-07-28") {
  let calls = 0;
  const call = () => {
    calls += 1;
    return result;
  };
  const found = await mcpTools({ name: "x", url: await rawServer({ tools, call, protocol }) });
  onTestFinished(() => found.close());
  const said = await Promise.resolve(toolNamed(found.tools, "x__go").run({}, callWith())).then(
    (output) => ({ output }),
    (error: { readonly content?: unknown }) => ({ failed: error.content }),
  );
  expect(calls).toBe(1);
  return said;
}

describe.each(["2025-06-18", "2026-07-28"] as const)("an answer to a call, by protocol %s", (protocol) => {
  it.each<[string, unknown, unknown]>([
    [
      "a field `tools`",
      { content: text("3 tools found"), tools: ["hammer"] },
      { output: text("3 tools found") },
    ],
    [
      "a field `tools`, in a failure",
      { content: text("no hammer"), isError: true, tools: [] },
      { failed: text("no hammer") },
    ],
    ["words of ours for a failure", { failure: "disk" }, { output: "" }],
    ["our words for a call that may be made again", { failure: "not_sent" }, { output: "" }],
    ["our own seal", { _meta: { "lockstitch/sealed": "a text" } }, { output: "" }],
    [
      "our own seal with an answer",
      { _meta: { "lockstitch/sealed": { content: text("mine"), isError: true } } },
      { output: "" },
    ],
    ["a bare failure", { isError: true }, { failed: "The tool failed without saying why." }],
    ["a text for content", { content: "plain words" }, { output: text("plain words") }],
    [
      "a text for content, in a failure",
      { content: "the disk is full", isError: true },
      { failed: text("the disk is full") },
    ],
    ["a block for content", { content: text("alone")[0] }, { output: text("alone") }],
    [
      "an object for content, in a failure",
      { content: { reason: "the disk is full" }, isError: true },
      { failed: text('{"reason":"the disk is full"}') },
    ],
    ["texts in a list", { content: ["one", "two"] }, { output: [...text("one"), ...text("two")] }],
    ["a number for content", { content: 0 }, { output: text("0") }],
    ["null for content", { content: null }, { output: "" }],
  ])("that has %s is read as an answer", async (_what, result, said) => {
    expect(await answer(result, protocol)).toEqual(said);
  });
});

describe("an answer that names its request by a text, as the protocol's client lets it", () => {
  it("is sealed as what was asked for", async () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    onTestFinished(() => ours.close());
    sealAnswers(ours);
    await Promise.all([ours.start(), theirs.start()]);
    const heard: unknown[] = [];
    ours.onmessage = (message) => heard.push(message);
    const result = { content: "words", tools: [] };
    await ours.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "go" } });
    await theirs.send({ jsonrpc: "2.0", id: "7", result });
    expect(heard).toEqual([
      { jsonrpc: "2.0", id: "7", result: { tools: [], content: [], _meta: expect.anything() } },
    ]);
  });
});
