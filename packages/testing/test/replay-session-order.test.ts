import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  type Claude,
  type EventBody,
  type RunOptions,
  run,
  type Store,
} from "@lockstitch/core";
import { replaySession, type ScriptedReply, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool, still } from "./recording-helpers.js";
import { logOf, wordsOf } from "./replay-session-helpers.js";

type Fails = (bodies: readonly EventBody[]) => boolean;

/** A store that can't write down, once, what `fails` names, and takes its time to notice. */
function failingAt(store: Store, fails: Fails): Store {
  let hasFailed = false;
  return {
    ...store,
    open: async (session, owner) => {
      const log = await store.open(session, owner);
      return {
        ...log,
        lost: log.lost,
        append: async (bodies, how) => {
          if (hasFailed || !fails(bodies)) return log.append(bodies, how);
          hasFailed = true;
          await turns(5);
          throw new Error("The disk is full.");
        },
      };
    },
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A reply that ends a moment after the last of its blocks: time for what is started eagerly. */
function lingering(claude: Claude | undefined): Claude {
  return async (request, call) => {
    const message = await claude?.(request, call);
    await turns(3);
    return message as Awaited<ReturnType<Claude>>;
  };
}

const startOf =
  (toolUseId: string): Fails =>
  (bodies) =>
    bodies.some((body) => body.type === "tool.start" && body.toolUseId === toolUseId);

const typesOf = (events: readonly AgentEvent[]) =>
  events.flatMap((event) =>
    event.type === "tool.start" || event.type === "tool.end"
      ? [`${event.type.slice(5)} ${event.toolUseId.slice(-1)}`]
      : [],
  );

const calls = (...names: readonly string[]): ScriptedReply =>
  names.map((name, index) => toolUse(name, {}, `toolu_${"abcdef"[index]}`));

const endless = handTool("endless", () => new Promise(() => {}), { effects: "once" });
const quick = handTool("quick", () => "quick", { effects: "once" });
const look = handTool("look", () => "seen");

/** A run over replies that take their time to end, aborted as soon as the call that never ends has started. */
function stoppedAtEndless(agent: Agent) {
  return async (options: Parameters<Parameters<typeof logOf>[1]>[0]): Promise<void> => {
    const running = run(agent, "Go.", {
      ...options,
      claude: lingering(options.claude),
      onEvent: (event) => {
        if (event.type === "tool.start" && event.name === "endless") running.abort();
      },
    });
    await running;
  };
}

describe("a call that started while its reply still streamed", () => {
  it("does so again, and takes nobody's place", async () => {
    const agent = { tools: [endless, look], limits: { maxParallelTools: 1 } };
    const events = await logOf([calls("endless", "look")], stoppedAtEndless(agent));
    expect(typesOf(events)).toEqual(["start b", "end b", "start a", "end a"]);
    expect(wordsOf(await replaySession(agent, events))).toEqual([]);
  });

  it("does so too where it outlived its reply", async () => {
    const patient = handTool("patient", () => turns(20).then(() => "at last"));
    const agent = { tools: [endless, patient], limits: { maxParallelTools: 1 } };
    const events = await logOf([calls("endless", "patient")], stoppedAtEndless(agent));
    expect(typesOf(events)).toEqual(["start b", "end b", "start a", "end a"]);
    expect(events.findIndex(({ type }) => type === "tool.end")).toBeGreaterThan(
      events.findLastIndex(({ type }) => type === "tool.check"),
    );
    expect(wordsOf(await replaySession(agent, events))).toEqual([]);
  });
});

describe("a run that failed at its store", () => {
  const failed = (agent: Parameters<typeof run>[0], replies: readonly ScriptedReply[], fails: Fails) =>
    logOf(replies, async (options: RunOptions & { store: Store }) => {
      const store = failingAt(options.store, fails);
      const claude = lingering(options.claude);
      await run(agent, "Go.", { ...options, store, claude, retry: { attempts: 1 } }).catch(() => {});
    });

  it("fails there again, after what ended beside it", async () => {
    const agent = { tools: [quick] };
    const events = await failed(agent, [calls("quick", "quick")], startOf("toolu_b"));
    expect(typesOf(events)).toEqual(["start a", "end a", "end b"]);
    expect(events.at(-1)).toMatchObject({ type: "run.end", reason: "error" });
    expect(wordsOf(await replaySession(agent, events))).toEqual([]);
  });

  it("fails at a check, beside a call that was started eagerly", async () => {
    const agent = { tools: [look, quick] };
    const events = await failed(
      agent,
      [calls("quick", "look")],
      (bodies) => bodies[0]?.type === "tool.check",
    );
    expect(typesOf(events)).toEqual(["start b", "end b", "end a"]);
    expect(wordsOf(await replaySession(agent, events))).toEqual([]);
  });

  it("fails after a tool whose time was up", async () => {
    const agent = { tools: [{ ...endless, timeoutMs: 3_600_000 }] };
    const events = await failed(agent, [calls("endless")], (bodies) => bodies[0]?.type === "step.end");
    expect(events.filter(({ type }) => type === "tool.end")).toMatchObject([{ outcome: "timeout" }]);
    expect(events.at(-1)).toMatchObject({ type: "run.end", reason: "error" });
    expect(wordsOf(await replaySession(agent, events))).toEqual([]);
  });

  it("fails at its model where that failed and the end of the call could not be written down", async () => {
    const events = await failed(
      {},
      [new Anthropic.APIConnectionError({})],
      (bodies) => bodies[0]?.type === "model.end",
    );
    expect(events.some(({ type }) => type === "model.end")).toBe(false);
    expect(events.at(-1)).toMatchObject({ reason: "error", error: { name: "APIConnectionError" } });
    expect(wordsOf(await replaySession({}, events))).toEqual([]);
  });

  it("ends for want of time where it did, though its store's clock was a moment late", async () => {
    const agent = { tools: [quick], limits: { maxDurationMs: 50 } };
    let now = 0;
    const events = await logOf([calls("quick")], async (options) => {
      const environment = { ...still(), now: () => now, sleep: () => new Promise<void>(() => {}) };
      await run(agent, "Go.", {
        ...options,
        environment,
        onEvent: (event) => {
          if (event.type === "tool.end") now = 50;
        },
      });
    });
    expect(events.at(-1)).toMatchObject({ reason: "limit", limit: "maxDurationMs" });
    const late = events.map((event) => ({ ...event, at: event.type === "run.end" ? 50 : 1 }));
    expect(wordsOf(await replaySession(agent, late))).toEqual([]);
  });

  it("is no excuse for an agent that does something else", async () => {
    const agent = { tools: [quick, look] };
    const events = await failed(agent, [calls("quick"), "Done."], (bodies) => bodies[0]?.type === "run.end");
    expect(events.at(-1)).toMatchObject({ reason: "error", error: { name: "StoreError" } });
    expect(wordsOf(await replaySession(agent, events))).toEqual([]);
    const limited = { ...agent, limits: { maxSteps: 1 } };
    expect(wordsOf(await replaySession(limited, events))).toEqual([
      "run 1, step 1: expected step.start 2, got run.end (maxSteps)",
    ]);
  });
});
