import { apply, emptyState, memoryStore, run } from "@lockstitch/core";
import { refuseMessageRequest, replay, replaySession, scripted } from "@lockstitch/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { cases } from "./fixtures/cases.js";
import {
  essenceOf,
  eventsIn,
  recordedNames,
  recordedOf,
  recordIfMissing,
  session,
  steady,
  storeWith,
} from "./fixtures/fixtures.js";

beforeAll(async () => {
  for (const one of cases) await recordIfMissing(one);
});

/** A session whose prompt was changed on the way departs from its beginning, and nowhere else. */
const departuresOf = (name: string) => (name === "changed-prompt" ? ["system"] : []);

it("there are at least ten of them, each with what was recorded of it", () => {
  expect(cases.length).toBeGreaterThanOrEqual(10);
  expect(recordedNames()).toEqual(cases.map(({ name }) => name).sort());
});

describe.each(cases)("a session that an older version recorded: $name", ({ name, agent, happen }) => {
  it("is folded to what it was", () => {
    const { events, essence } = recordedOf(name);
    expect(essenceOf(events.reduce(apply, emptyState(session)))).toEqual(essence);
  });

  it("is replayed from its log", async () => {
    const { events } = recordedOf(name);
    const { departures, runs, steps } = await replaySession(agent, events);
    expect(
      departures
        .map(({ words }) => words)
        .filter((words) => !departuresOf(name).some((part) => words.includes(part))),
    ).toEqual([]);
    expect(departures).toHaveLength(departuresOf(name).length);
    expect(runs).toBe(events.filter(({ type }) => type === "run.start").length);
    expect(steps).toBe(events.filter(({ type }) => type === "step.start").length);
  });

  it("is replayed from its cassette, without any effect", async () => {
    const { cassette, events } = recordedOf(name);
    const store = memoryStore();
    const replayed = replay(cassette);
    await happen({ claude: replayed, store, session, environment: steady("again"), with: replayed.agent });
    replayed.assertUsedUp();
    const state = (await eventsIn(store)).reduce(apply, emptyState(session));
    expect(state.messages).toEqual(events.reduce(apply, emptyState(session)).messages);
  });

  it("is gone on with", async () => {
    const { events } = recordedOf(name);
    const store = await storeWith(events);
    const claude = scripted(["On and on."]);
    const result = await run(agent, "And now?", { store, session, claude, ifPrefixChanged: "continue" });
    expect(result.text).toBe("On and on.");
    expect(result.messages.slice(0, 1)).toEqual(
      events.reduce(apply, emptyState(session)).messages.slice(0, 1),
    );
    for (const request of claude.requests)
      expect(refuseMessageRequest(request, { version: "2026-10-21", betas: [] })).toBeUndefined();
    expect((await eventsIn(store)).slice(0, events.length).map(({ type }) => type)).toEqual(
      events.map(({ type }) => type),
    );
  });
});
