import { type Agent, type AgentEvent, memoryStore, type RunOptions, readResult, run } from "@lockstitch/core";
import { replaySession, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";

const page = "Oslo lies at the end of a fjord and is cold in winter. ".repeat(75);
const small = {
  id: "small",
  family: "haiku",
  bestFor: "tests",
  contextWindow: 8_000,
  maxOutput: 2_000,
  source: "made up",
} as const;
const read = {
  name: "read",
  effects: "none" as const,
  parse: (input: unknown) => input,
  run: () => page,
};
const agent: Agent = {
  model: "small",
  maxTokens: 500,
  tools: [read, readResult],
  limits: { maxResultLength: 4_000 },
};
const asks = (nth: number, input_tokens: number) => ({
  content: [toolUse("read", {}, `toolu_${nth}`)],
  usage: { input_tokens, output_tokens: 20 },
});
const noSummary = [toolUse("read", {}, "toolu_0")];

async function logOf(
  replies: Parameters<typeof scripted>[0],
  of = agent,
  tokens?: number,
): Promise<AgentEvent[]> {
  const store = memoryStore();
  const said = scripted(replies);
  const claude: RunOptions["claude"] =
    tokens === undefined ? said : Object.assign(said, { countTokens: async () => tokens });
  await run(of, "Read.", { claude, store, session: "s", models: [small] });
  const events: AgentEvent[] = [];
  for await (const event of store.read("s")) events.push(event);
  return events;
}

const conversation = [
  asks(1, 1_000),
  asks(2, 2_200),
  asks(3, 6_500),
  "What was read so far.",
  [toolUse("read_result", { tool_use_id: "toolu_1", offset: 4_000 }, "toolu_4")],
  "Done.",
];

describe("a session with a summary", () => {
  it("is replayed: the summary comes from the log", async () => {
    const events = await logOf(conversation);
    expect(events.filter(({ type }) => type === "compaction")).toHaveLength(1);
    expect(await replaySession(agent, events, { models: [small] })).toMatchObject({
      departures: [],
      steps: 5,
    });
  });

  it("is replayed where the first attempt had brought no summary, and where none came at all", async () => {
    const [one, two, three, summary, ...rest] = conversation as [never, never, never, never];
    const late = await logOf([one, two, three, noSummary, summary, ...rest]);
    expect(await replaySession(agent, late, { models: [small] })).toMatchObject({ departures: [], steps: 5 });
    const never = await logOf([one, two, three, noSummary, noSummary, ...rest]);
    expect(never.some(({ type }) => type === "compaction")).toBe(false);
    expect(await replaySession(agent, never, { models: [small] })).toMatchObject({
      departures: [],
      steps: 5,
    });
  });

  it("is replayed with the counts of its prompts, whatever an estimate would say", async () => {
    const counting: Agent = { ...agent, compact: { count: "api" } };
    const [one, two, three, summary, ...rest] = conversation as [never, never, never, never];
    for (const [tokens, replies] of [
      [7_777, conversation],
      [100, [one, two, three, ...rest]],
    ] as const) {
      const events = await logOf(replies, counting, tokens);
      expect(events.filter(({ type }) => type === "prompt.count").length).toBeGreaterThan(0);
      expect(events.some(({ type }) => type === "compaction")).toBe(tokens > 100);
      expect(summary).toBe("What was read so far.");
      expect(await replaySession(counting, events, { models: [small] })).toMatchObject({ departures: [] });
    }
  });

  it("shows an agent that would summarise otherwise", async () => {
    const events = await logOf(conversation);
    const never: Agent = { ...agent, compact: false };
    const { departures } = await replaySession(never, events, { models: [small] });
    expect(departures[0]?.words).toContain("expected model.start");
  });
});
