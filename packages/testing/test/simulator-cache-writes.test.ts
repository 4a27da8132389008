import Anthropic from "@anthropic-ai/sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { bodyOf, clock, measureSizes, parts, type Step, send, sizes, start } from "./cache-driver.js";

beforeAll(measureSizes);

describe("what a request writes", () => {
  const step: Step = { blocks: 3, marks: { 3: "5m" }, expected: { read: 0 } };

  // Each has a marker of its own, so that only the first writes the prefix that all of them begin with.
  const longer = bodyOf({ blocks: 5, marks: { 5: "5m" }, expected: { read: 0 } });
  const after = bodyOf({ blocks: 4, marks: { 4: "5m" }, expected: { read: 3 } });

  test("can be read once its answer has begun, not while the model makes up its mind", async () => {
    const { reached, gate, open: answer } = gated();
    const simulator = await start({
      mind: async ({ max_tokens }) => {
        if (max_tokens === 11) await gate();
        return { content: [] };
      },
    });
    const slow = send(simulator, { ...bodyOf(step), max_tokens: 11 });
    await reached;
    expect(parts(await send(simulator, longer))).toMatchObject({ read: 0 });
    answer();
    expect(parts(await slow)).toMatchObject({ read: 0, written5m: sizes[3] });
    expect(parts(await send(simulator, after))).toMatchObject({ read: sizes[3] });
  });

  test.each([true, false])("nor while the first token is waited for (streamed: %s)", async (stream) => {
    const { reached, gate, open: begin } = gated();
    let waits = 0;
    const simulator = await start({
      pace: { timeToFirstTokenMs: 1_000 },
      sleep: async () => {
        if (waits++ === 0) await gate();
      },
    });
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "sk-one", maxRetries: 0 });
    const slow = stream
      ? client.messages.stream(bodyOf(step)).finalMessage()
      : client.messages.create(bodyOf(step));
    await reached;
    expect(parts(await send(simulator, longer))).toMatchObject({ read: 0 });
    begin();
    expect(parts((await slow).usage)).toMatchObject({ written5m: sizes[3] });
    expect(parts(await send(simulator, after))).toMatchObject({ read: sizes[3] });
  });

  test("is not there if there was no answer", async () => {
    let fails = true;
    const simulator = await start({
      mind: () =>
        fails
          ? { status: 529, error: { type: "overloaded_error", message: "Overloaded" } }
          : { content: [{ type: "text", text: "Yes." }] },
    });
    await expect(send(simulator, bodyOf(step))).rejects.toThrow(/Overloaded/);
    fails = false;
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: 0, written5m: sizes[3] });
  });

  test("lives from when the request came, however long the answer took", async () => {
    const simulator = await start({
      mind: () => {
        clock.seconds += 200;
        return { content: [] };
      },
    });
    await send(simulator, bodyOf(step));
    clock.seconds = 299;
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: sizes[3] });
    clock.seconds = 599;
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: 0 });
  });

  test("is there after a request for no tokens at all", async () => {
    const simulator = await start();
    const usage = await send(simulator, { ...bodyOf(step), max_tokens: 0 });
    expect(usage).toMatchObject({ output_tokens: 0, cache_creation_input_tokens: sizes[3] });
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: sizes[3] });
  });
});

/** A place to wait at, which tells when somebody has come. */
function gated(): { reached: Promise<void>; gate: () => Promise<void>; open: () => void } {
  let come: () => void = () => {};
  let open: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    come = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const gate = (): Promise<void> => {
    come();
    return opened;
  };
  return { reached, gate, open };
}
