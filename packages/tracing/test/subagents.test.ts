import {
  type Agent,
  type AgentEvent,
  claude,
  type Delta,
  memoryStore,
  run,
  type Tool,
} from "@lockstitch/core";
import { createSimulator, type Mind } from "@lockstitch/testing";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createTracer, type Tracer } from "../src/index.js";

const model = "claude-haiku-4-5";

function asks(name: string, agent: Agent): Tool {
  const work: Tool["run"] = async (_input, call) => (await call.run(agent, "Go.")).text;
  return { name, effects: "idempotent", parse: (input) => input, run: work };
}

const member = (name: string, tools: readonly Tool[] = []): Agent => ({
  ...{ name, model, system: name, cache: false, tools },
});

/** A lead has two helpers at work at once, of which one has a clerk. */
const clerk = member("clerk");
const lead = member("lead", [
  asks("one", member("first", [asks("file", clerk)])),
  asks("two", member("second")),
]);

const work: Readonly<Record<string, readonly string[]>> = { lead: ["one", "two"], first: ["file"] };

/** Each agent calls all of its tools, then says that it is done. */
const mind: Mind = ({ system, messages }) => {
  const name = String(system);
  const calls = messages.length === 1 ? (work[name] ?? []) : [];
  if (calls.length === 0) return `${name} is done.`;
  return { content: calls.map((tool) => ({ type: "tool_use", name: tool, id: `toolu_${tool}`, input: {} })) };
};

/** Over real HTTP, all that a tracer hears of it. */
async function watched(tracer: Tracer) {
  const simulator = await createSimulator({ mind });
  onTestFinished(() => simulator.close());
  vi.stubEnv("ANTHROPIC_BASE_URL", simulator.url);
  const store = memoryStore();
  const ask = claude({ key: "key", governor: false });
  const result = await run(lead, "Go.", { claude: ask, store, session: "s", onEvent: tracer.onEvent });
  return { result, store };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("one tracer, of a run with subagents", () => {
  it("hears all that each session's log has, in order, and the deltas of all", async () => {
    const events: AgentEvent[] = [];
    const deltas: Delta[] = [];
    const tracer = createTracer();
    tracer.on("event", (event) => events.push(event));
    tracer.on("delta", (delta) => deltas.push(delta));
    const { store, result } = await watched(tracer);
    expect(result.text).toBe("lead is done.");
    const sessions = new Set(events.map(({ session }) => session));
    expect(sessions.size).toBe(4);
    for (const session of sessions) {
      const log: AgentEvent[] = [];
      for await (const event of store.read(session)) log.push(event);
      expect(events.filter((event) => event.session === session)).toEqual(log);
    }
    expect(new Set(deltas.map(({ session }) => session))).toEqual(sessions);
  });

  it("can draw them as a tree: each session below the call that it works for, and within its time", async () => {
    const events: AgentEvent[] = [];
    const tree: string[] = [];
    const begun = new Map<string, string>();
    const tracer = createTracer({ sinks: [(event) => "seq" in event && events.push(event)] });
    tracer.on("session.start", ({ session, agent, parent }) => {
      const above = parent === undefined ? "" : `${begun.get(parent.session)} > ${parent.toolUseId} > `;
      begun.set(session, `${above}${agent}`);
      tree.push(`${above}${agent}`);
    });
    await watched(tracer);
    expect(tree.toSorted()).toEqual([
      "lead",
      "lead > toolu_one > first",
      "lead > toolu_one > first > toolu_file > clerk",
      "lead > toolu_two > second",
    ]);
    const placeOf = (
      type: AgentEvent["type"],
      { session, toolUseId }: { session: string; toolUseId: string },
    ) =>
      events.findIndex(
        (event) =>
          event.type === type &&
          event.session === session &&
          "toolUseId" in event &&
          event.toolUseId === toolUseId,
      );
    for (const event of events) {
      if (event.type !== "session.start" || event.parent === undefined) continue;
      const its = events.flatMap(({ session }, index) => (session === event.session ? [index] : []));
      const around = ["tool.start", "subagent.start", "subagent.end", "tool.end"] as const;
      const [start, begins, ends, end] = around.map((type) => placeOf(type, event.parent as never));
      const places = [start, begins, its[0], its.at(-1), ends, end];
      expect(places).toEqual(places.toSorted((a, b) => Number(a) - Number(b)));
      expect(start).toBeGreaterThanOrEqual(0);
    }
  });

  it("stops none of them with a listener that fails, and reports it once", async () => {
    const shown = vi.spyOn(console, "error").mockImplementation(() => {});
    const tracer = createTracer();
    tracer.on("event", () => {
      throw new Error("no disk");
    });
    const { result } = await watched(tracer);
    expect(result).toMatchObject({ reason: "end_turn", text: "lead is done." });
    expect(shown).toHaveBeenCalledTimes(1);
  });
});
