import { writeFileSync } from "node:fs";
import { type Claude, memoryStore, run } from "@lockstitch/core";
import {
  exchangesOf,
  readCassette,
  record,
  recordingMind,
  replay,
  scripted,
  toolUse,
} from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { ask, handTool, said, still, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const file = () => folder.path("a.jsonl");
const linesOf = () =>
  folder
    .read("a.jsonl")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));

/** Says "first", then "second"; the first is answered after the second. */
function overtaking(): Claude {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const model = scripted(["first", "second"]);
  return async (request, call) => {
    const number = model.requests.length;
    const message = await model(request, call);
    if (number === 0) await released;
    else release();
    return message;
  };
}

const textOf = ({ message }: { message?: unknown }) =>
  (message as { content: { text: string }[] }).content[0]?.text;

describe("equal requests that were asked at once, of which a later one was answered first", () => {
  const twice = (claude: Claude) => Promise.all([ask(claude, said("Hi")), ask(claude, said("Hi"))]);

  it("are replayed in the order in which they were asked", async () => {
    expect((await twice(record(overtaking(), file()))).map(textOf)).toEqual(["first", "second"]);
    expect(linesOf().map(({ asked }) => asked)).toEqual([2, 1]);
    expect((await twice(replay(file()))).map(textOf)).toEqual(["first", "second"]);
  });

  it("are played so by the simulator as well", async () => {
    await twice(record(overtaking(), file()));
    const mind = recordingMind(exchangesOf(readCassette(file())));
    const request = { model: "m", max_tokens: 1, ...said("Hi") };
    const context = { now: 0, signal: new AbortController().signal };
    expect(textOf((await mind(request, context)) as object)).toBe("first");
    expect(textOf((await mind(request, context)) as object)).toBe("second");
  });

  it("are counted on where a recording is gone on with, also one that knows no order", async () => {
    await twice(record(overtaking(), file()));
    await twice(record(overtaking(), file(), { ifExists: "append" }));
    expect(linesOf().map(({ asked }) => asked)).toEqual([2, 1, 4, 3]);
    const texts = ["first", "second", "first", "second"];
    const claude = replay(file());
    expect([...(await twice(claude)), ...(await twice(claude))].map(textOf)).toEqual(texts);
    const [header = "", ...lines] = folder.read("a.jsonl").trimEnd().split("\n");
    const old = lines.map((line) => JSON.stringify({ ...JSON.parse(line), asked: undefined }));
    writeFileSync(file(), `${[header, ...old].join("\n")}\n`);
    expect((await twice(replay(file()))).map(textOf)).toEqual(["second", "first"]);
    await twice(record(overtaking(), file(), { ifExists: "append" }));
    expect(linesOf().map(({ asked }) => asked)).toEqual([undefined, undefined, undefined, undefined, 6, 5]);
  });
});

describe("the calls of subagents", () => {
  const below = { name: "below", tools: [handTool("look", () => "seen")] };
  const asking = handTool("ask", async (_input, call) => (await call.run(below, "Go")).text, {
    effects: "idempotent",
  });
  const top = { tools: [asking] };
  const script = () => scripted([[toolUse("ask")], [toolUse("look")], "Below.", "Top."]);

  it("are recorded with their sessions, and are not missed where tools are served", async () => {
    const first = await run(top, "Go", {
      claude: record(script(), file()),
      session: "s",
      store: memoryStore(),
      environment: still(),
    });
    expect(linesOf().map(({ session }) => session)).toEqual([
      "s",
      expect.stringMatching(/^s:toolu_/),
      expect.stringMatching(/^s:toolu_/),
      "s",
    ]);
    const claude = replay(file());
    const again = await run(claude.agent(top), "Go", { claude, environment: still() });
    expect(again.messages).toEqual(first.messages);
    claude.assertUsedUp();
  });

  it("are missed where tools are not served, and so is what the agent itself did not ask", async () => {
    await run(top, "Go", {
      claude: record(script(), file()),
      session: "s",
      store: memoryStore(),
      environment: still(),
    });
    const idle = { tools: [handTool("ask", () => "Below.", { effects: "idempotent" as const })] };
    const unserved = replay(file());
    await run(idle, "Go", { claude: unserved, environment: still() });
    expect(() => unserved.assertUsedUp()).toThrow("2 of the 4 calls");
    const served = replay(file());
    served.agent(top);
    expect(() => served.assertUsedUp()).toThrow("0 of the 2 calls");
  });

  it("are missed in an old recording, which does not tell whose they are", async () => {
    await run(top, "Go", { claude: record(script(), file()), environment: still() });
    const [header = "", ...lines] = folder.read("a.jsonl").trimEnd().split("\n");
    const old = lines.map((line) => JSON.stringify({ ...JSON.parse(line), session: undefined }));
    writeFileSync(file(), `${[header, ...old].join("\n")}\n`);
    const claude = replay(file());
    await run(claude.agent(top), "Go", { claude, environment: still() });
    expect(() => claude.assertUsedUp()).toThrow("2 were not asked for");
  });
});

describe("a Claude function that is recorded", () => {
  it("is told whose call it is and what for, and counts tokens as before", async () => {
    const calls: unknown[] = [];
    const model = scripted(["Hello."]);
    const claude: Claude = Object.assign(
      async (...[request, call]: Parameters<Claude>) => {
        calls.push([call.session, call.purpose]);
        return model(request, call);
      },
      { countTokens: async () => 7_777 },
    );
    const recorded = record(claude, file());
    const request = { model: "m", max_tokens: 1, ...said("Hi") };
    const { signal } = new AbortController();
    await recorded(request, { signal, session: "s", purpose: "compaction", emit() {} });
    expect(calls).toEqual([["s", "compaction"]]);
    expect(await recorded.countTokens?.(request, { signal })).toBe(7_777);
    expect("countTokens" in record(scripted([]), folder.path("b.jsonl"))).toBe(false);
  });

  it("keeps its own error, whatever the details of that hold", async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const details of [circle, { amount: 1n }, () => 1]) {
      const failure = Object.assign(new Error("no"), { details });
      const recorded = record(scripted([failure]), file(), { ifExists: "overwrite" });
      expect((await ask(recorded, said("Hi"))).error).toBe(failure);
      expect(linesOf()[0].error).toEqual({ name: "Error", message: "no" });
    }
  });

  it("refuses an ifExists that there is not, and leaves the file alone", async () => {
    await ask(record(scripted(["Hello."]), file()), said("Hi"));
    const before = folder.read("a.jsonl");
    const bogus = { ifExists: "bogus" } as never;
    expect(() => record(scripted([]), file(), bogus)).toThrow(
      /`ifExists` is "bogus"; it must be "append" or/,
    );
    expect(() => record(scripted([]), folder.path("new.jsonl"), bogus)).toThrow(TypeError);
    expect(folder.read("a.jsonl")).toBe(before);
  });
});
