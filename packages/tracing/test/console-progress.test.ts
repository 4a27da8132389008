import { run, type Tool } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { consoleSink } from "@lockstitch/tracing";
import { expect, test } from "vitest";
import { print } from "./console-print.js";
import { script } from "./session-script.js";

test("a long tool's progress is shown while it runs, before its result, and never becomes a part of the log", async () => {
  let lines = "";
  let seconds = 0;
  const shown = consoleSink({
    stream: { write: (text) => (lines += text) },
    colour: false,
    cost: false,
    now: () => 1_000 * seconds++,
  });
  const index: Tool = {
    name: "index_files",
    effects: "idempotent",
    parse: (input) => input,
    run(_input, call) {
      call.progress("reading");
      expect(lines).toMatch(/⋯ index_files reading\n$/);
      call.progress(0.5);
      call.progress({ done: 3, of: 4 });
      return "4 files";
    },
  };
  const committed: string[] = [];
  await run({ tools: [index] }, "Go.", {
    claude: scripted([[toolUse("index_files")], "Done."]),
    onEvent(event) {
      shown(event);
      if ("seq" in event) committed.push(event.type);
    },
  });
  const told = lines.split("\n").filter((line) => line.includes("index_files"));
  expect(told.map((line) => line.replace(/ {3}\d+ ms$/, ""))).toEqual([
    "│ → index_files {}",
    "│ ⋯ index_files reading",
    "│ ⋯ index_files 0.5",
    '│ ⋯ index_files {"done":3,"of":4}',
    "│ ← index_files 4 files",
  ]);
  expect(committed).not.toContain("tool.delta");
});

test("a tool that tells of its progress a thousand times a second gets a line a second, beside others", () => {
  const { event, delta } = script("s_1");
  let now = 0;
  const told = Array.from({ length: 2_500 }, (_, tick) => ({
    tick,
    toolUseId: tick % 2 === 0 ? "a" : "b",
  }));
  const events = [
    event(0, { type: "step.start", step: 1 }),
    ...told.map(({ tick, toolUseId }) => delta({ type: "tool.delta", toolUseId, value: tick })),
  ];
  expect(print(events, { now: () => now++ })).toEqual([
    "┌ step 1",
    ...["a 0", "b 1", "a 1000", "b 1001", "a 2000", "b 2001"].map((line) => `│ ⋯ ${line}`),
  ]);
});
