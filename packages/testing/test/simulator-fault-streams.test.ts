import { describe, expect, test } from "vitest";
import type { Fault } from "../src/index.js";
import {
  ask,
  brokenStream,
  comesNothing,
  eventsOf,
  expectRecovery,
  healthy,
  manualClock,
  question,
  readAll,
  runAgainst,
  start,
  timedOut,
  typesOf,
} from "./fault-driver.js";

describe("a stream that breaks", () => {
  test.each<[string, Fault, object]>([
    ["resets its connection", { type: "reset", after: { events: 4 } }, brokenStream],
    ["is closed in the middle", { type: "cut", after: { events: 4 } }, brokenStream],
    ["ends politely", { type: "end", after: { events: 4 } }, brokenStream],
  ])("%s after so many events", async (_what, fault, error) => {
    const { types } = await healthy();
    const { text, whole } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual(types.slice(0, 4));
    expect(whole).toBe(fault.type === "end");
    await expectRecovery(fault, error);
  });

  test.each<[string, Fault]>([
    ["resets its connection", { type: "reset", after: { bytes: 700 } }],
    ["is closed in the middle", { type: "cut", after: { bytes: 700 } }],
    ["ends politely", { type: "end", after: { bytes: 700 } }],
  ])("%s after so many bytes", async (_what, fault) => {
    const { bytes } = await healthy();
    const all = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(all.bytes).toEqual(bytes.subarray(0, 700));
    expect(all.whole).toBe(fault.type === "end");
    await expectRecovery(fault, brokenStream);
  });

  test("ends without message_stop, where no place is given", async () => {
    const { types } = await healthy();
    const { text, whole } = await readAll(
      await ask(await start([{ when: { request: 1 }, fault: { type: "end" } }])),
    );
    expect([typesOf(text), whole]).toEqual([types.slice(0, -1), true]);
    await expectRecovery(
      { type: "end" },
      { ...brokenStream, message: expect.stringContaining("message_stop") },
    );
  });

  test("is closed in its middle, where no place is given", async () => {
    const { types } = await healthy();
    const { text, whole } = await readAll(
      await ask(await start([{ when: { request: 1 }, fault: { type: "cut" } }])),
    );
    expect([typesOf(text), whole]).toEqual([types.slice(0, Math.floor(types.length / 2)), false]);
    await expectRecovery({ type: "cut" }, brokenStream);
  });

  test.each<[string, Fault, string, number]>([
    ["falls silent", { type: "stall", after: { events: 3 } }, "bytesMs", 3],
    ["goes on to ping", { type: "stall", after: { events: 3 }, pingEveryMs: 1_000 }, "contentMs", 3],
    ["pings from its start", { type: "stall", pingEveryMs: 1_000 }, "contentMs", 1],
  ])("%s", async (_what, fault, limit, events) => {
    const { types } = await healthy();
    const clock = manualClock();
    const simulator = await start([{ when: { request: 1 }, fault }], { sleep: clock.sleep });
    const controller = new AbortController();
    const response = await ask(simulator, { ...question, stream: true }, { signal: controller.signal });
    const reader = response.body?.getReader();
    let text = "";
    const read = async (count: number): Promise<void> => {
      while (typesOf(text).length < count)
        text += Buffer.from((await reader?.read())?.value ?? []).toString();
    };
    await read(events);
    expect(typesOf(text)).toEqual(types.slice(0, events));
    const more = read(events + 1);
    more.catch(() => {});
    await comesNothing(more, simulator);
    clock.advance(1_000);
    if (limit === "contentMs") {
      await more;
      expect(typesOf(text).slice(events)).toEqual(["ping"]);
    } else await comesNothing(more, simulator);
    controller.abort();
    await expectRecovery(fault, { ...timedOut, message: expect.stringContaining(limit) });
  });

  test("says in an event that it failed", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "error", afterEvents: 4 };
    const { text, whole } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect([typesOf(text), whole]).toEqual([[...types.slice(0, 4), "error"], true]);
    expect(text).toMatch(/\nevent: error\ndata: .*\n\n$/);
    expect(eventsOf(text).at(-1)).toMatchObject({
      error: { type: "overloaded_error", message: "Overloaded" },
    });
    await expectRecovery(fault, { status: undefined, type: "overloaded_error" });
  });

  test("says before its last event that it failed, where the place is behind the end", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "error", afterEvents: 99 };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual([...types.slice(0, -1), "error"]);
  });

  test("says in an event that it failed, in whatever way is given", async () => {
    const error = { type: "api_error", message: "Internal server error" };
    const fault: Fault = { type: "error", error };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(eventsOf(text).at(-1)).toMatchObject({ error });
    await expectRecovery(fault, { status: undefined, type: "api_error" });
    const final: Fault = { type: "error", error: { type: "invalid_request_error", message: "no" } };
    expect(await runAgainst([{ when: { every: 1 }, fault: final }])).toMatchObject({
      error: { attempts: 1 },
    });
  });

  test("has an event whose JSON is broken, and goes on", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "malformed", afterEvents: 3 };
    const { text, whole } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect([typesOf(text), whole]).toEqual([types.with(3, undefined), true]);
    await expectRecovery(fault, brokenStream);
  });

  test("never starts its block", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "protocol", breach: "delta-without-start" };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual(types.filter((type) => type !== "content_block_start"));
    await expectRecovery(fault, brokenStream);
  });

  test("starts its block twice", async () => {
    const { types } = await healthy();
    const fault: Fault = { type: "protocol", breach: "double-start" };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual([types[0], "content_block_start", ...types.slice(1)]);
    await expectRecovery(fault, brokenStream);
  });

  test("sends an event twice", async () => {
    const { types } = await healthy();
    const stop = types.indexOf("content_block_stop");
    const fault: Fault = { type: "duplicate", afterEvents: stop };
    const { text } = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(typesOf(text)).toEqual([...types.slice(0, stop + 1), ...types.slice(stop)]);
    await expectRecovery(fault, brokenStream);
  });

  test("has one wrong bit", async () => {
    const { bytes, text } = await healthy();
    const at = text.indexOf('{"type":"content_block_delta"');
    const fault: Fault = { type: "wrong-bytes", at };
    const wrong = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(wrong.bytes).toEqual(Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    await expectRecovery(fault, brokenStream);
  });

  test("has a byte that UTF-8 does not have", async () => {
    const { bytes, text } = await healthy();
    const at = text.indexOf('{"type":"content_block_delta"');
    const fault: Fault = { type: "wrong-bytes", at, how: "utf8" };
    const wrong = await readAll(await ask(await start([{ when: { request: 1 }, fault }])));
    expect(wrong.bytes).toEqual(Buffer.from(bytes.map((byte, index) => (index === at ? 0xff : byte))));
    await expectRecovery(fault, brokenStream);
  });

  test("has its wrong byte in the middle where no place is given, and inside a text nobody can tell", async () => {
    const { bytes, text } = await healthy();
    const middle = await readAll(
      await ask(await start([{ when: { request: 1 }, fault: { type: "wrong-bytes" } }])),
    );
    const differs = [...bytes.keys()].filter((index) => bytes[index] !== middle.bytes[index]);
    expect(differs).toEqual([Math.floor(bytes.length / 2)]);
    const at = text.indexOf("fine") + 1;
    const { result } = await runAgainst([
      { when: { request: 1 }, fault: { type: "wrong-bytes", at, how: "utf8" } },
    ]);
    expect(result?.text).toMatch(/^It is a [fine\uFFFD]{4} day in Oslo\.$/);
    expect(result?.text).toContain("\uFFFD");
  });
});
