import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  AgentError,
  abort,
  approve,
  claude,
  type Input,
  memoryStore,
  resume,
  run,
  steer,
} from "@lockstitch/core";
import { createSimulator, scriptMind, toolUse } from "@lockstitch/testing";
import { afterEach, describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";

const code = { type: "code_execution_20260120", name: "code_execution" } as const;
const search = { type: "web_search_20260318", name: "web_search" } as const;
const container = { id: "container_1", expires_at: "2027-01-01T00:00:00Z", skills: null };
/** Code that calls a tool of ours, and still runs. */
const calling = {
  content: [
    { type: "server_tool_use", id: "srvtoolu_1", name: "code_execution", input: { code: "await look()" } },
    {
      ...toolUse("look", {}, "toolu_1"),
      caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" },
    },
  ],
  stop_reason: "tool_use",
  container,
};
const answered = {
  content: [
    {
      type: "code_execution_tool_result",
      tool_use_id: "srvtoolu_1",
      content: { type: "code_execution_result", stdout: "x", stderr: "", return_code: 0, content: [] },
    },
    { type: "text", text: "Done." },
  ],
  container,
};

const whole = (message: object) =>
  ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-5-5",
    stop_reason: "end_turn",
    stop_sequence: null,
    stop_details: null,
    usage: {
      input_tokens: 10,
      output_tokens: 10,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    },
    ...message,
  }) as unknown as Anthropic.Message;

let simulator: Awaited<ReturnType<typeof createSimulator>>;
afterEach(() => simulator.close());

/** On the simulator, which refuses an open call of code without its container, as the API does. */
async function world(more: Partial<Agent> = {}, needsApproval = false) {
  simulator = await createSimulator({
    mind: scriptMind([
      () => ({ message: whole(calling) }),
      () => ({ message: whole(answered) }),
      "Hello.",
      "Hello again.",
    ]),
  });
  const look = handTool("look", () => "seen", {
    needsApproval,
    definition: { allowed_callers: ["code_execution_20260120"] },
  });
  const agent: Agent = { model: "claude-sonnet-5-5", tools: [look, code], ...more };
  const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
  return { agent, look, options: { claude: claude({ client }), store: memoryStore(), session: "s" } };
}

const statuses = () => simulator.requests.map(({ status }) => status);

describe("the container of code that still runs", () => {
  it("is named again where a limit ended the run in between", async () => {
    const { agent, options } = await world({ limits: { maxSteps: 1 } });
    expect(await run(agent, "Go.", options)).toMatchObject({ limit: "maxSteps" });
    const { limits: _limits, ...unlimited } = agent;
    expect(await resume(unlimited, "s", options)).toMatchObject({ text: "Done." });
    expect(await run(unlimited, "Hello?", options)).toMatchObject({ text: "Hello." });
    expect(statuses()).toEqual([200, 200, 200]);
  });

  it("is named again where a person said something new instead of an approval", async () => {
    const { agent, options } = await world({}, true);
    await run(agent, "Go.", options);
    await abort(options.store, "s");
    expect(await run(agent, "Hello?", options)).toMatchObject({ status: "ended", reason: "end_turn" });
    expect(new Set(statuses())).toEqual(new Set([200]));
  });

  it("does not end in a result with words that could not be said there, and takes a system message beside them", async () => {
    const { agent, options } = await world({ limits: { maxSteps: 1 } });
    const first = await run(agent, "Go.", {
      ...options,
      onEvent: ({ type }) => type === "tool.end" && void steer(options.store, "s", "Hurry!"),
    });
    expect(JSON.stringify(first.messages)).not.toContain("Hurry!");
    const words: Input = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "And now?" },
    ];
    const more: Agent = { ...agent, limits: {} };
    await expect(run(more, [words[0]] as Input, options)).rejects.toThrow(
      /system message must come right after/,
    );
    expect(await run(more, words, options)).toMatchObject({ reason: "end_turn" });
    expect(new Set(statuses())).toEqual(new Set([200]));
  });

  it.each([
    ["no code execution", [search]],
    ["one tool of ours less, and nothing else", [code]],
    ["one of the API's more", [code, search]],
  ])(
    "is not given up to an agent that has %s: it is refused, and nothing is spoilt",
    async (_what, others) => {
      const { agent, look, options } = await world({}, true);
      await run(agent, "Go.", options);
      const other: Agent = {
        model: "claude-sonnet-5-5",
        tools: others.length === 2 ? [look, ...others] : others,
      };
      const onward = { ...options, ifPrefixChanged: "continue" } as const;
      for (const refused of [resume(other, "s", onward), run(other, "Well?", onward)]) {
        await expect(refused).rejects.toThrow(AgentError);
        await expect(refused).rejects.toThrow(/still at work.*former tools first/);
      }
      await approve(options.store, "s", "toolu_1", { approved: true });
      expect(await resume(agent, "s", options)).toMatchObject({ text: "Done." });
      expect(await run(other, "Well?", onward)).toMatchObject({ text: "Hello." });
      expect(statuses()).toEqual([200, 200, 200]);
    },
  );

  it("is named no more where the tool is gone that it belongs to", async () => {
    const done = { ...answered.content[0], tool_use_id: "srvtoolu_1" };
    const paying = {
      content: [calling.content[0], done, toolUse("pay", {}, "toolu_2")],
      stop_reason: "tool_use",
      container,
    };
    simulator = await createSimulator({ mind: scriptMind([() => ({ message: whole(paying) }), "Paid."]) });
    const pay = handTool("pay", () => "paid", { needsApproval: true });
    const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
    const options = { claude: claude({ client }), store: memoryStore(), session: "s" };
    await run({ model: "claude-sonnet-5-5", tools: [pay, code] }, "Go.", options);
    await approve(options.store, "s", "toolu_2", { approved: true });
    const changed: Agent = { model: "claude-sonnet-5-5", tools: [pay] };
    await resume(changed, "s", { ...options, ifPrefixChanged: "continue" });
    expect(statuses()).toEqual([200, 200]);
  });
});
