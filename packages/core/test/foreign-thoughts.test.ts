import { type Agent, type RunOptions, resume, run } from "@lockstitch/core";
import { type Mind, replaySession } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { stateOf } from "../src/state-of.js";
import { only } from "./compaction-helpers.js";
import { readLog, storeWith } from "./crash.js";
import { handTool } from "./helpers.js";
import { simulated } from "./simulated.js";

const thought = { type: "thinking" as const, thinking: "Well." };
const call = { type: "tool_use" as const, name: "look", input: {} };

/** Thinks, looks once, thinks again, and answers. */
const thinks: Mind = ({ messages }) =>
  messages.at(-1)?.role === "user" && JSON.stringify(messages.at(-1)).includes("tool_result")
    ? { content: [thought, { type: "text", text: "It is free." }] }
    : { content: [thought, call] };

async function play(mind: Mind = thinks) {
  const { options, statuses } = await simulated(mind);
  return {
    options,
    statuses,
    thoughts: async (session = "s") =>
      (await stateOf(options.store, session)).messages.flatMap(({ content }, index) =>
        JSON.stringify(content).includes("thinking") ? [index] : [],
      ),
  };
}

const agent = (system: string, more: Partial<Agent> = {}): Agent => ({
  model: "claude-opus-5-5",
  system,
  tools: [handTool("look", () => "A berth.")],
  ...more,
});
const goOn = { role: "user" as const, content: "And now?" };

type Messages = Awaited<ReturnType<typeof run>>["messages"];

/** What an agent with another prompt has said, as it would be handed on. */
async function handed(options: RunOptions): Promise<Messages> {
  const { messages } = await run(agent("You are A."), "Look.", { ...options, session: "former" });
  return [...messages, goOn];
}

describe("thoughts that the API did not sign for this conversation", () => {
  it("leave a history that another agent is given, and the session goes on", async () => {
    const { options, statuses, thoughts } = await play();
    const messages = await handed(options);
    expect(await run(agent("You are B."), messages, options)).toMatchObject({ text: "It is free." });
    expect(await run(agent("You are B."), "Sure?", options)).toMatchObject({ text: "It is free." });
    // Refused once, and never sent again; what was thought since then stays.
    expect(statuses()).toEqual([200, 200, 400, 200, 200, 200, 200]);
    expect(await thoughts("former")).toEqual([1, 3]);
    expect(await thoughts()).toEqual([5, 7, 9, 11]);
    const failed = only(await readLog(options.store), "model.end").filter(({ error }) => error !== undefined);
    expect(failed).toMatchObject([
      { outcome: "error", error: { status: 400, message: /bound to a different conversation/ } },
    ]);
  });

  it("leave what an agent is given of its own, after its prompt was changed on the way", async () => {
    const { options, statuses } = await play();
    const former = { ...options, session: "former", ifPrefixChanged: "continue" as const };
    await run(agent("You are A."), "Look.", former);
    const { messages } = await run(agent("You are B."), "Again.", former);
    const result = await run(agent("You are B."), [...messages, goOn], options);
    expect(result).toMatchObject({ reason: "end_turn", text: "It is free." });
    expect(statuses()).toEqual([200, 200, 200, 200, 400, 200, 200]);
  });

  it.each([
    "messages.1.content.0: Invalid `signature` in `thinking` block",
    "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
    "Invalid signature in thinking block. The block is bound to a different conversation.",
  ])("do so in whatever words they are refused: %s", async (message) => {
    const { options, statuses, thoughts } = await play((request, surroundings) =>
      JSON.stringify(request.messages[1] ?? "").includes("thinking") && request.messages.length > 4
        ? { status: 400, error: { type: "invalid_request_error", message } }
        : thinks(request, surroundings),
    );
    await run(agent("You are A."), "Look.", options);
    expect(await run(agent("You are A."), "Sure?", options)).toMatchObject({ text: "It is free." });
    expect(statuses()).toEqual([200, 200, 400, 200, 200]);
    expect(await thoughts()).toEqual([5, 7]);
  });

  it("are not taken out again and again: a second refusal is the API's error", async () => {
    const message = "messages.1.content.0: Invalid `signature` in `thinking` block";
    const { options, statuses } = await play((request, surroundings) =>
      request.messages.length > 4
        ? { status: 400, error: { type: "invalid_request_error", message } }
        : thinks(request, surroundings),
    );
    await run(agent("You are A."), "Look.", options);
    await expect(run(agent("You are A."), "Sure?", options)).rejects.toMatchObject({ status: 400 });
    await expect(run(agent("You are A."), "Sure?", options)).rejects.toMatchObject({ status: 400 });
    expect(statuses()).toEqual([200, 200, 400, 400, 400]);
  });

  it("stay where the API refuses a request for something else", async () => {
    const { options, thoughts } = await play((request, surroundings) =>
      request.messages.length > 4
        ? { status: 400, error: { type: "invalid_request_error", message: "thinking: budget too small" } }
        : thinks(request, surroundings),
    );
    await run(agent("You are A."), "Look.", options);
    await expect(run(agent("You are A."), "Sure?", options)).rejects.toMatchObject({ status: 400 });
    expect(await thoughts()).toEqual([1, 3]);
  });

  it("are gone for whoever goes on with the session, wherever a process died", async () => {
    const { options } = await play();
    const second = agent("You are B.");
    await run(second, await handed(options), options);
    const [events, { messages: whole }] = [
      await readLog(options.store),
      await stateOf(options.store, options.session),
    ];
    const said = events.findIndex(({ type }) => type === "input");
    for (let died = said + 1; died < events.length; died++) {
      const store = await storeWith(events.slice(0, died));
      const result = await resume(second, "s", { ...options, store });
      expect(result, `died after ${died} events`).toMatchObject({ text: "It is free." });
      expect(shape((await stateOf(store, "s")).messages)).toEqual(shape(whole));
    }
  });

  it("are gone in a replay of the log", async () => {
    const { options } = await play();
    const second = agent("You are B.");
    await run(second, await handed(options), options);
    expect(await replaySession(second, await readLog(options.store))).toMatchObject({ departures: [] });
  });
});

/** Ids of calls and signatures are made anew with each reply. */
function shape(messages: Messages): unknown {
  return messages.map(({ role, content }) => [
    role,
    typeof content === "string" ? content : content.map(({ type }) => type),
  ]);
}
