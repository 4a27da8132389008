import type Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  apply,
  emptyState,
  fork,
  type Input,
  memoryStore,
  type RunOptions,
  resume,
  run,
  type State,
  type Store,
  steer,
} from "@lockstitch/core";
import { type Mind, scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { readLog, storeWith, upTo } from "./crash.js";
import { simulated } from "./simulated.js";

/** A session of the simulated API, which refuses a system message in a wrong place. */
async function session(mind: Mind, store: Store = memoryStore()) {
  const { simulator, options: given } = await simulated(mind);
  const options = { ...given, retry: { attempts: 1 }, ifPrefixChanged: "continue", store } as const;
  const say = (agent: Agent, input: Input, more: RunOptions = {}) =>
    run(agent, input, { ...options, ...more });
  const sent = () =>
    (simulator.requests.at(-1)?.body as Anthropic.MessageCreateParams | undefined)?.messages ?? [];
  const goOn = (agent: Agent, id: string) => resume(agent, id, options);
  return { store, say, sent, resume: goOn };
}

const kind: Agent = { system: "You are kind.", cache: false };
const brief: Agent = { ...kind, system: "You are brief." };

describe("a system message that no reply came to", () => {
  it.each<[string, ReturnType<Mind>]>([
    ["the model refused", { content: "No.", stop_reason: "refusal" }],
    ["the reply was empty", { content: [] }],
    ["the key is wrong", { status: 401, error: { type: "authentication_error", message: "No." } }],
    ["the API is overloaded", { status: 529, error: { type: "overloaded_error", message: "Full." } }],
  ])("does not keep its session from taking new words, where %s", async (_what, unanswered) => {
    const { say, sent } = await session(({ messages }) =>
      JSON.stringify(messages).includes("three") || messages.length < 3 ? { content: "Fine." } : unanswered,
    );
    await say(kind, "one");
    await say(brief, "two").catch(() => {});
    expect(await say(brief, "three")).toMatchObject({ reason: "end_turn", text: "Fine." });
    expect(await say(brief, "three again")).toMatchObject({ reason: "end_turn", text: "Fine." });
    expect(sent().map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "system",
      "assistant",
      "user",
    ]);
    expect(sent()[3]).toMatchObject({ content: "You are brief." });
  });

  it("does not do so after an abort or a kill either", async () => {
    const { say, sent, store } = await session(() => ({ content: "Fine." }));
    await say(kind, "one");
    const stop = new AbortController();
    const onEvent: RunOptions["onEvent"] = ({ type }) => type === "model.start" && stop.abort();
    expect(await say(brief, "two", { signal: stop.signal, onEvent })).toMatchObject({ reason: "aborted" });
    const killed = upTo(await readLog(store), "model.start", 2);
    expect(await say(brief, "three")).toMatchObject({ text: "Fine." });
    expect(sent().map(({ role }) => role)).toEqual(["user", "assistant", "user", "system"]);
    const again = await session(() => ({ content: "Fine." }), await storeWith(killed));
    expect(await again.say(brief, "three")).toMatchObject({ text: "Fine." });
    expect(await again.say(brief, "four")).toMatchObject({ text: "Fine." });
  });

  it.each(["killed before the run's end", "forked at its last step"])(
    "wants no answer where the model had the last word: %s, it gives its result, and the new prompt is said with the next words",
    async (kindOfEnd) => {
      const first = await session(() => ({ content: "Fine." }));
      await first.say(kind, "one");
      const log = await readLog(first.store);
      const store = await storeWith(kindOfEnd.startsWith("killed") ? upTo(log, "step.end") : log);
      const { say, sent, resume } = await session(() => ({ content: "Later." }), store);
      const at = log.find(({ type }) => type === "step.end")?.seq ?? 0;
      const id = kindOfEnd.startsWith("killed") ? "s" : await fork(store, "s", at);
      for (const agent of [brief, brief, kind])
        expect(await resume(agent, id)).toMatchObject({ reason: "end_turn", text: "Fine." });
      expect(sent()).toEqual([]);
      expect(await say(brief, "two", { session: id })).toMatchObject({ text: "Later." });
      expect(
        sent()
          .map(({ role }) => role)
          .slice(0, 4),
      ).toEqual(["user", "assistant", "user", "system"]);
    },
  );

  it("goes behind what is said while an empty reply comes", async () => {
    let replies = 0;
    const store = memoryStore();
    const { say, sent } = await session(async () => {
      if (++replies !== 2) return { content: "Fine." };
      await steer(store, "s", "And hurry!");
      return { content: [] };
    }, store);
    await say(kind, "one");
    expect(await say(brief, "two")).toMatchObject({ reason: "end_turn", text: "Fine." });
    expect(sent().map(({ role }) => role)).toEqual(["user", "assistant", "user", "system"]);
    expect(JSON.stringify(sent()[2])).toMatch(/two.*And hurry!/);
  });
});

describe("a system prompt", () => {
  it.each<[string, NonNullable<Agent["system"]>]>([
    ["of no blocks", []],
    ["of blanks", " \n"],
    ["of a blank block", [{ type: "text", text: "" }]],
  ])("%s is none, in a first run and a later one", async (_what, system) => {
    const { say } = await session(() => ({ content: "Fine." }));
    for (const agent of [{ ...kind, system }, kind, { ...kind, system }, kind])
      expect(await say(agent, "Go on.")).toMatchObject({ text: "Fine." });
  });

  it("is sent without those of its blocks that say nothing", async () => {
    const claude = scripted(["Fine."]);
    const said = { type: "text" as const, text: "Be kind." };
    await run({ system: [said, { type: "text", text: " " }], cache: false }, "Go.", { claude });
    expect(claude.requests[0]?.system).toEqual([said]);
  });

  it("with a field that the API does not know is refused, with its place", async () => {
    const system = [
      { type: "text", text: "Be kind." },
      { type: "text", text: "Be brief.", foo: 1 },
    ];
    const refused = run({ system } as Agent, "Go.", { claude: scripted([]) });
    await expect(refused).rejects.toThrow(/agent\.system\.1\.foo must be left out/);
  });
});

describe("a model that takes no system messages", () => {
  const haiku: Agent = { ...kind, model: "claude-haiku-4-5" };
  const words: Input = [
    { role: "user", content: "Go." },
    { role: "system", content: "Be brief." },
  ];

  it("is not given one, and its session goes on", async () => {
    const { say } = await session(() => ({ content: "Fine." }));
    await say(haiku, "one");
    await expect(say(haiku, words)).rejects.toThrow(/not taken: claude-haiku-4-5 takes no system messages/);
    expect(await say(haiku, "two")).toMatchObject({ text: "Fine." });
  });

  it("can't go on with a session that holds one", async () => {
    const { say } = await session(() => ({ content: "Fine." }));
    await say(kind, words);
    await expect(say(haiku, "two")).rejects.toThrow(/every call of this run.*another model/);
    expect(await say(kind, "two")).toMatchObject({ text: "Fine." });
  });
});

describe("a new system prompt that was said, where a segment begins with it", () => {
  const said = { role: "system" as const, content: "You are brief." };
  const user = { role: "user" as const, content: "Go on." };
  const begin = (state: Partial<State>, kept: number) =>
    apply({ ...emptyState("s"), saidSystem: "You are brief.", ...state }, {
      session: "s",
      seq: 1,
      at: 1,
      type: "compaction",
      summary: "It was long.",
      kept,
      system: "You are brief.",
      tools: [],
      fingerprint: "f",
    } as AgentEvent);

  it("is not said again from the inbox", () => {
    const other = { role: "system" as const, content: "It is Monday." };
    const state = begin({ inbox: [user, said, other] }, 0);
    expect(state.inbox).toEqual([user, other]);
    expect(state.saidSystem).toBeUndefined();
  });

  it("is known as said where its message stays, so that another one contradicts it aloud", () => {
    const messages = [user, said, { role: "assistant" as const, content: "Yes." }, user];
    expect(begin({ messages }, 4).saidSystem).toBe("You are brief.");
    expect(begin({ messages }, 1).saidSystem).toBeUndefined();
  });
});
