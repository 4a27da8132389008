import Anthropic from "@anthropic-ai/sdk";
import {
  createSimulator,
  exchangesOf,
  readCassette,
  record,
  recordingMind,
  type Simulator,
  scripted,
} from "@lockstitch/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ask, said, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const open: Simulator[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

type Messages = Anthropic.MessageParam[];

/** Records one call, and asks a simulator that plays it with other messages. */
async function played(recorded: Messages, asked: Messages): Promise<unknown> {
  const file = folder.path(`${open.length}.jsonl`);
  await ask(record(scripted(["Yes."]), file), { messages: recorded });
  const simulator = await createSimulator({
    mind: recordingMind(exchangesOf(readCassette(file))),
    now: () => 0,
  });
  open.push(simulator);
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "any", maxRetries: 0 });
  return client.messages.create({ model: "claude-sonnet-5-5", max_tokens: 100, messages: asked }).then(
    ({ content }) => content[0],
    (error: Error) => error,
  );
}

const yes = { type: "text", text: "Yes." };
const keyed = (key: string) => said(`my key is ${key}, ok?`).messages;
const calling = (input: object, id: string): Messages => [
  { role: "user", content: "Log in." },
  { role: "assistant", content: [{ type: "tool_use", id, name: "log_in", input }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "in" }] },
];

describe("a recording that the simulator plays", () => {
  it("takes for a secret whatever stands in its place, as a replay does, and nothing else", async () => {
    vi.stubEnv("X_API_KEY", "hunter2hunter2");
    expect(await played(keyed("hunter2hunter2"), keyed("hunter2hunter2"))).toMatchObject(yes);
    expect(await played(keyed("hunter2hunter2"), keyed("tulip"))).toMatchObject(yes);
    expect(await played(keyed("hunter2hunter2"), said("my key is gone, no?").messages)).toBeInstanceOf(Error);
  });

  it("does so in what a tool was called with, for names of fields and for fields named like credentials", async () => {
    vi.stubEnv("X_API_KEY", "hunter2hunter2");
    const recorded = calling({ hunter2hunter2: 1, password: "tulip" }, "toolu_1");
    expect(await played(recorded, recorded)).toMatchObject(yes);
    expect(await played(recorded, calling({ hunter2hunter2: 1, password: "rose" }, "toolu_1"))).toMatchObject(
      yes,
    );
    expect(
      await played(recorded, calling({ hunter2hunter2: 2, password: "rose" }, "toolu_1")),
    ).toBeInstanceOf(Error);
  });

  it("takes no difference for one that a replay takes for none: the ids of calls", async () => {
    expect(await played(calling({ a: 1 }, "toolu_1"), calling({ a: 1 }, "toolu_other"))).toMatchObject(yes);
  });
});
