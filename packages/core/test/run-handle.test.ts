import { type AgentEvent, type Claude, type Delta, run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiError, handTool, types, virtualTime } from "./helpers.js";

const echo = handTool("echo", (input, call) => {
  call.progress("half way");
  return input;
});
const twoSteps = () => scripted([[toolUse("echo", { word: "hi" })], "The word is hi."]);
const failing = (): Claude => scripted([apiError(400, "invalid_request_error")]);

async function collect(events: AsyncIterable<AgentEvent | Delta>): Promise<(AgentEvent | Delta)[]> {
  const all: (AgentEvent | Delta)[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const committed = (events: readonly (AgentEvent | Delta)[]) => events.filter((event) => "seq" in event);

describe("a Run", () => {
  let unhandled: unknown[];
  const note = (error: unknown) => unhandled.push(error);

  beforeEach(() => {
    unhandled = [];
    process.on("unhandledRejection", note);
  });
  afterEach(async () => {
    // A rejection counts as unhandled once the event loop has turned.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("is awaited for its result, as often as one likes", async () => {
    const running = run({ tools: [echo] }, "Go.", { claude: twoSteps() });
    expect((await running).text).toBe("The word is hi.");
    expect(await running).toBe(await running);
    expect(await running.finally(() => {}).then(({ steps }) => steps)).toBe(2);
  });

  it("is iterated for its events and deltas, to the end", async () => {
    const running = run({ tools: [echo] }, "Go.", { claude: twoSteps() });
    const events = await collect(running);
    expect(types(committed(events)).at(0)).toBe("session.start");
    expect(types(committed(events)).at(-1)).toBe("run.end");
    const text = events.flatMap((event) =>
      event.type === "message.delta" && event.delta.type === "text_delta" ? [event.delta.text] : [],
    );
    expect(text.join("")).toBe("The word is hi.");
    expect(events).toContainEqual({
      session: running.id,
      type: "tool.delta",
      toolUseId: "toolu_1",
      value: "half way",
    });
  });

  it("shows the same committed events to one who iterates after awaiting; deltas nobody read are gone", async () => {
    const running = run({ tools: [echo] }, "Go.", { claude: twoSteps() });
    const live = collect(running);
    await running;
    const late = await collect(running);
    expect(late).toEqual(committed(await live));
  });

  it("goes on when a reader leaves early", async () => {
    const running = run({ tools: [echo] }, "Go.", { claude: twoSteps() });
    for await (const event of running) if (event.type === "run.start") break;
    expect((await running).text).toBe("The word is hi.");
  });

  it("becomes its result where an async function returns it, and stays a run inside an object", async () => {
    const start = async () => run({}, "Go.", { claude: scripted(["Hi."]) });
    expect(await start()).toMatchObject({ text: "Hi." });
    const wrapped = async () => ({ run: run({}, "Go.", { claude: scripted(["Hi."]) }) });
    const { run: inner } = await wrapped();
    expect(types(committed(await collect(inner))).at(-1)).toBe("run.end");
  });

  it("that fails rejects whoever awaits it", async () => {
    await expect(run({}, "Go.", { claude: failing(), environment: virtualTime() })).rejects.toMatchObject({
      status: 400,
    });
    expect(await run({}, "Go.", { claude: failing() }).catch(({ status }) => status)).toBe(400);
  });

  it("that fails throws at the end of its events to one who only iterates", async () => {
    const seen: string[] = [];
    const iterate = async () => {
      for await (const event of run({}, "Go.", { claude: failing() })) seen.push(event.type);
    };
    await expect(iterate()).rejects.toMatchObject({ status: 400 });
    expect(seen.at(-1)).toBe("run.end");
  });

  it("that fails unwatched takes nothing down", async () => {
    run({}, "Go.", { claude: failing() });
    run({}, "", { claude: failing() });
    await new Promise((resolve) => setImmediate(resolve));
  });
});
