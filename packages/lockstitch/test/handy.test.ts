import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scripted, toolUse } from "@lockstitch/testing";
import { approve, memoryStore, resume, run } from "lockstitch";
import { commandTool, fetchTool, fileTools } from "lockstitch/handy";
import { expect, it, onTestFinished } from "vitest";

it("an agent reads, writes, is refused what is private, and asks before it runs a program", async () => {
  const folder = mkdtempSync(join(tmpdir(), "handy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "a.txt"), "one");
  const claude = scripted([
    [
      toolUse("read_file", { path: "a.txt" }),
      toolUse("read_file", { path: "../a.txt" }),
      toolUse("fetch_url", { url: "http://169.254.169.254/latest/meta-data/" }),
    ],
    [toolUse("edit_file", { path: "a.txt", old_text: "one", new_text: "two" })],
    [toolUse("run_command", { command: "cat", arguments: ["a.txt"] })],
    "Done.",
  ]);
  const agent = { tools: [...fileTools({ folder, write: true }), fetchTool(), commandTool({ folder })] };
  const store = memoryStore();
  const waiting = await run(agent, "Go.", { claude, store, session: "s" });
  expect(waiting).toMatchObject({
    status: "waiting",
    approvals: [{ tool: "run_command", input: { command: "cat", arguments: ["a.txt"] } }],
  });
  expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("two");
  if (waiting.status !== "waiting") return;
  await approve(store, "s", waiting.approvals[0]?.toolUseId ?? "", { approved: true });
  const result = await resume(agent, "s", { claude, store });
  expect(result.text).toBe("Done.");
  const answers = result.messages
    .flatMap(({ content }) => (typeof content === "string" ? [] : content))
    .flatMap((block) => (block.type === "tool_result" ? [block.content] : []));
  expect(answers).toEqual([
    "one",
    expect.stringMatching(/^\.\.\/a\.txt: A part of it is like "\.\."/),
    expect.stringMatching(/not on the public internet/),
    "Replaced it.",
    "Exit code 0.\n\ntwo",
  ]);
});
