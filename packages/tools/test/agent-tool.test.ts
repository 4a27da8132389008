import {
  type Agent,
  type AgentEvent,
  approve,
  memoryStore,
  type Result,
  resume,
  run,
  type Tool,
} from "@lockstitch/core";
import { type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import { agentTool, tool } from "@lockstitch/tools";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { refusalOf } from "./support.js";

const researcher: Agent = { name: "researcher", system: "researcher", cache: false };
const base = { name: "research", description: "Has somebody look into a question." } as const;

/** One call of the tool by a lead, and what the model is told of it. */
async function call(made: Tool, input: unknown, ...replies: readonly ScriptedReply[]) {
  const claude = scripted([[toolUse("research", input, "toolu_1")], ...replies, "Done."]);
  const store = memoryStore();
  const lead: Agent = { name: "lead", tools: [made], cache: false };
  const options = { claude, store, retry: { attempts: 1 } };
  const result = await run(lead, "Go.", { ...options, session: "s" });
  return { claude, store, lead, result, told: toldOf(result) };
}

function toldOf({ messages }: Result): unknown {
  const [result] = messages.flatMap(({ content }) =>
    typeof content === "string" ? [] : content.filter(({ type }) => type === "tool_result"),
  );
  return result;
}

describe("an agent as a tool", () => {
  it("is told the task, and gives back the text of its last reply", async () => {
    const { claude, told } = await call(agentTool(researcher, base), { task: "Find out." }, "It is so.");
    expect(claude.requests[1]?.messages).toEqual([{ role: "user", content: "Find out." }]);
    expect(told).toMatchObject({ content: "It is so." });
    expect(told).not.toHaveProperty("is_error", true);
  });

  it("takes a task in words where it says nothing else, and tells the model of any other input", async () => {
    const made = agentTool(researcher, base);
    expect(made).toMatchObject({ effects: "idempotent", inputSchema: { required: ["task"] } });
    const { told, claude } = await call(made, { topic: "x" });
    expect(told).toMatchObject({ is_error: true, content: expect.stringContaining("task") });
    expect(claude.requests).toHaveLength(2);
  });

  it("is told the one text of its input, and more than that as JSON", async () => {
    const one = agentTool(researcher, { ...base, input: z.object({ question: z.string() }) });
    expect((await call(one, { question: "Why?" }, "So.")).claude.requests[1]?.messages[0]?.content).toBe(
      "Why?",
    );
    const two = agentTool(researcher, {
      ...base,
      input: z.object({ question: z.string(), depth: z.number() }),
    });
    const { claude } = await call(two, { question: "Why?", depth: 2 }, "So.");
    expect(JSON.parse(String(claude.requests[1]?.messages[0]?.content))).toEqual({
      question: "Why?",
      depth: 2,
    });
  });

  it("is told what its prompt makes of the parsed input", async () => {
    const made = agentTool(researcher, {
      ...base,
      input: z.object({ topic: z.string(), pages: z.number().default(3) }),
      prompt: ({ topic, pages }) => `Write ${pages} pages about ${topic}.`,
    });
    const { claude } = await call(made, { topic: "moths" }, "Here.");
    expect(claude.requests[1]?.messages[0]?.content).toBe("Write 3 pages about moths.");
  });

  it("gives back its output where it has one", async () => {
    const made = agentTool({ ...researcher, output: z.object({ sure: z.boolean() }) }, base);
    const { told } = await call(made, { task: "Sure?" }, '{"sure":true}');
    expect(told).toMatchObject({ content: '{"sure":true}' });
  });

  it.each<[string, Agent, ScriptedReply, string]>([
    [
      "a limit",
      { limits: { maxSteps: 1 } },
      [toolUse("nothing")],
      "researcher reached its limit maxSteps before it was done.",
    ],
    [
      "a refusal",
      {},
      { content: "I won't.", stop_reason: "refusal" },
      "researcher refused. The last it said: I won't.",
    ],
    [
      "a reply that was cut off",
      {},
      { content: "So far", stop_reason: "max_tokens" },
      "researcher was cut off (max_tokens) before it was done. The last it said: So far",
    ],
    ["a failure", {}, new Error("no line"), "researcher failed: no line"],
    [
      "an agent whose model has no price for its limit in dollars",
      { model: "claude-unheard-of", limits: { usd: 1 } },
      "Done.",
      "researcher failed: limits.usd needs the price",
    ],
  ])("tells the model of %s in words", async (_what, more, reply, words) => {
    const { told } = await call(agentTool({ ...researcher, ...more }, base), { task: "Go." }, reply);
    expect(told).toMatchObject({ is_error: true, content: expect.stringContaining(words) });
  });

  it("says so where it ended without a word", async () => {
    const { told } = await call(agentTool(researcher, base), { task: "Go." }, "");
    expect(told).toMatchObject({ content: "researcher ended without a word." });
  });

  it("is given up when its time is over, and the run goes on", async () => {
    let timeIsUp = () => {};
    const time = new Promise<void>((resolve) => {
      timeIsUp = resolve;
    });
    const hang = () => {
      timeIsUp();
      return new Promise(() => {});
    };
    const hangs = tool({ name: "hang", description: "Hangs.", effects: "none", run: hang });
    const made = agentTool({ ...researcher, tools: [hangs] }, { ...base, timeoutMs: 20 });
    const ends: AgentEvent[] = [];
    const result = await run({ tools: [made] }, "Go.", {
      claude: scripted([[toolUse("research", { task: "Go." })], [toolUse("hang")], "Done."]),
      environment: { now: () => 0, random: () => 0.5, id: () => "s", sleep: () => time },
      onEvent: (event) => {
        if (event.type === "run.end") ends.push(event);
      },
    });
    expect(toldOf(result)).toMatchObject({ content: expect.stringContaining("did not finish within 20 ms") });
    expect(ends).toMatchObject([{ reason: "aborted" }, { reason: "end_turn" }]);
  });

  it("that waits for a person suspends its call until the answer is there", async () => {
    const buy = tool({
      name: "buy",
      description: "Buys.",
      effects: "once",
      needsApproval: true,
      run: () => "bought",
    });
    const made = agentTool({ ...researcher, tools: [buy] }, base);
    const { lead, result, store } = await call(made, { task: "Go." }, [toolUse("buy", {}, "toolu_buy")]);
    expect(result).toMatchObject({ status: "waiting", approvals: [{ session: "s:toolu_1", tool: "buy" }] });
    expect(toldOf(result)).toBeUndefined();
    await approve(store, "s:toolu_1", "toolu_buy", { approved: true });
    const done = await resume(lead, "s", { store, claude: scripted(["Bought.", "Done."]) });
    expect(toldOf(done)).toMatchObject({ content: "Bought." });
  });
});

describe("what agentTool() tells its agent by default", () => {
  it("is the input as JSON, also where a transform has made what is none", async () => {
    const count = agentTool(researcher, {
      ...base,
      input: z.object({ n: z.number().transform(BigInt), m: z.number() }),
    });
    const claude = scripted([[toolUse(base.name, { n: 3, m: 4 }, "toolu_1")], "Counted.", "Done."]);
    await run({ tools: [count] }, "Go.", { claude });
    expect(JSON.stringify(claude.requests[1]?.messages[0])).toContain('\\"n\\": \\"3\\"');
  });
});

describe("agentTool() refuses", () => {
  it("what it decides itself, and what is no agent", () => {
    const withRun = { ...base, run: () => "" };
    expect(refusalOf(() => agentTool(researcher, withRun))).toContain(
      'an option "run", which agentTool() decides',
    );
    expect(refusalOf(() => agentTool(researcher, { ...base, effects: "once" } as typeof base))).toContain(
      "effects",
    );
    expect(refusalOf(() => agentTool(undefined as never, base))).toContain("has no agent");
  });

  it("a tool without a name, before all else", () => {
    const nameless = { description: "Runs.", run: () => "" };
    expect(refusalOf(() => agentTool(researcher, nameless as never))).toMatch(
      /^undefined can't be a tool's name\. Use 1 to 64 letters/,
    );
  });

  it.each([["Look into it."], [null], [{}]])("a prompt that is no function: %j", (prompt) => {
    expect(refusalOf(() => agentTool(researcher, { ...base, prompt: prompt as never }))).toMatch(
      /research has a prompt that is no function\. .*prompt: \(input\) =>/,
    );
  });

  it("an option that it doesn't know, and names its own", () => {
    const words = refusalOf(() => agentTool(researcher, { ...base, promt: 1 } as typeof base));
    expect(words).toContain(`${base.name} can't be made: agentTool() has no option "promt"`);
    expect(words).toContain("input, prompt, timeoutMs");
    expect(words).not.toContain("reconcile");
  });
});
