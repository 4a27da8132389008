import type { StreamEvent } from "@lockstitch/core";
import { expect, it } from "vitest";
import type { EagerCalls } from "../src/step/eager.js";
import type { LiveRun } from "../src/step/live-run.js";
import { watchStream } from "../src/step/stream-watcher.js";

function watching() {
  const shown: object[] = [];
  const started: unknown[] = [];
  const run = { show: (delta: object) => shown.push(delta) } as unknown as LiveRun;
  const eager = { start: (block: unknown) => started.push(block) } as unknown as EagerCalls;
  const watcher = watchStream(run, eager);
  return { shown, started, watcher, emit: (event: object) => watcher.emit(event as StreamEvent) };
}

it("remembers what a reply is known to have cost, the newest figures in place of older ones", () => {
  const { watcher, emit } = watching();
  expect(watcher.seen()).toEqual({});
  emit({ type: "message_start", message: { model: "m", usage: { input_tokens: 9, output_tokens: 1 } } });
  expect(watcher.seen()).toEqual({ model: "m", usage: { input_tokens: 9, output_tokens: 1 } });
  emit({ type: "message_delta", usage: { input_tokens: null, output_tokens: 5 } });
  emit({ type: "message_delta" });
  expect(watcher.seen()).toEqual({ model: "m", usage: { input_tokens: 9, output_tokens: 5 } });
});

it("shows pieces with the head of their block, and waits; nothing of a block that never began", () => {
  const { watcher, shown, emit } = watching();
  const block = { type: "text", text: "" };
  const delta = { type: "text_delta", text: "Hi" };
  emit({ type: "ping" });
  emit({ type: "content_block_delta", index: 0, delta });
  expect(watcher.shown()).toBe(false);
  emit({ type: "content_block_start", index: 0, content_block: block });
  emit({ type: "content_block_delta", index: 0, delta });
  expect(watcher.shown()).toBe(true);
  const wait = { type: "wait", reason: "rate_limit", ms: 5 };
  emit(wait);
  expect(shown).toEqual([{ type: "message.delta", index: 0, block, delta }, wait]);
});

it("starts calls as their blocks end, and nothing else", () => {
  const { started, emit } = watching();
  const call = { type: "tool_use", id: "a", name: "b", input: {} };
  emit({ type: "content_block_stop", index: 0, content_block: { type: "text", text: "Hi" } });
  emit({ type: "content_block_stop", index: 1 });
  emit({ type: "content_block_stop", index: 2, content_block: call });
  expect(started).toEqual([call]);
});

it("hears nothing more once it is closed", () => {
  const { watcher, shown, started, emit } = watching();
  watcher.close();
  emit({ type: "message_start", message: { model: "m", usage: {} } });
  emit({
    type: "content_block_stop",
    index: 0,
    content_block: { type: "tool_use", id: "a", name: "b", input: {} },
  });
  emit({ type: "wait", reason: "retry", ms: 5 });
  expect([shown, started, watcher.seen()]).toEqual([[], [], {}]);
});
