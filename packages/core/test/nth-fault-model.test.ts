import { BrokenStreamError, type Claude, type ModelCall } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";
import { describe, expect, it, vi } from "vitest";
import { turns } from "./nth-fault/clock.js";
import { healthyClaude, replies, replyTo } from "./nth-fault/conversation.js";
import { oddErrors, oddValues } from "./nth-fault/oddities.js";
import { type Plan, type Played, play, type Stage } from "./nth-fault/stage.js";
import { type Behaviour, works } from "./nth-fault/tools.js";

// Thousands of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** The nth call of the model does this, all others are healthy. */
function onlyNth(nth: number, odd: Claude): Claude {
  return (request, call) =>
    replyTo(request) === replies[nth - 1] ? odd(request, call) : healthyClaude(request, call);
}

async function playEach(odd: Claude, plan: Plan = {}): Promise<Played[]> {
  const all: Played[] = [];
  for (const nth of replies.keys()) {
    const played = await play({ ...plan, claude: onlyNth(nth + 1, odd), anyError: true });
    expect(played.problems).toEqual([]);
    all.push(played);
  }
  return all;
}

describe("a Claude function, which is anybody's code,", () => {
  // All but the error by which a store says that another owner writes the log: who throws that is believed.
  const thrown = [...oddErrors()].filter(([name]) => name !== "a lost lease");
  it.each(thrown)("may throw %s", async (_name, value) => {
    const thrower: Claude = () => {
      throw value;
    };
    const plans: Claude[] = [
      thrower,
      () => Promise.reject(value),
      async (request, call) => {
        await healthyClaude(request, call);
        throw value;
      },
    ];
    for (const odd of plans)
      for (const played of await playEach(odd)) expect(played.error).toBeInstanceOf(Error);
  });

  const replyOf = (more: object) => ({ ...replies[0], ...more });
  it.each<[string, unknown]>([
    ...oddValues(),
    ["no content", replyOf({ content: undefined })],
    ["empty content", replyOf({ content: [] })],
    ["content that is a text", replyOf({ content: "text" })],
    ["blocks that are none", replyOf({ content: [null, 7, "text", []] })],
    ["a text block without a text", replyOf({ content: [{ type: "text" }] })],
    ["a call without a name or an id", replyOf({ content: [{ type: "tool_use" }], stop_reason: "tool_use" })],
    [
      "a call whose input is a bigint",
      replyOf({ content: [{ type: "tool_use", id: "toolu_x", name: "look", input: 7n }] }),
    ],
    ["no stop reason", replyOf({ stop_reason: null })],
    ["a stop reason that is a number", replyOf({ stop_reason: 7 })],
    ["no usage", replyOf({ usage: undefined })],
    ["usage that is a text", replyOf({ usage: "much" })],
    ["no id and no model", replyOf({ id: undefined, model: undefined })],
  ])("may give %s as its reply", async (_name, value) => {
    await playEach((async () => value) as unknown as Claude);
  });

  it.each([...oddValues()])("may emit %s", async (_name, value) => {
    const odd: Claude = (request, call) => {
      call.emit(value as never);
      call.emit({ type: "content_block_stop", index: 0, content_block: value as never });
      call.emit({ type: "message_delta", delta: value as never, usage: value as never });
      return healthyClaude(request, call);
    };
    await playEach(odd);
  });

  it("may stop the run in its middle, and then throw, return or go on for ever", async () => {
    const ends: ((call: ModelCall) => unknown)[] = [
      () => replies[0],
      () => {
        throw new Error("on purpose");
      },
      () => Promise.reject(new Error("on purpose")),
      () => new Promise(() => {}),
    ];
    for (const end of ends) {
      for (const later of [0, 2]) {
        let stage: Stage | undefined;
        const odd = ((_request, call) => {
          stage?.running.abort();
          return later === 0 ? end(call) : turns(later).then(() => end(call));
        }) as Claude;
        for (const { result } of await playEach(odd, { started: (its) => (stage = its) }))
          expect(result).toMatchObject({ reason: "aborted" });
      }
    }
  });

  it("may break at its nth event: calls that were started for a reply that did not come are told to stop", async () => {
    let startedInVain = 0;
    for (const [index, reply] of replies.entries()) {
      const events = [...streamEvents(reply)];
      for (let count = 0; count <= events.length; count++) {
        let broken = false;
        const odd: Claude = async (request, call) => {
          if (broken) return healthyClaude(request, call);
          for (const event of events.slice(0, count)) {
            await turns(1);
            call.emit(event);
          }
          broken = true;
          throw new BrokenStreamError("cut off");
        };
        // What is started for the broken reply never ends by itself.
        const run: Behaviour = (nth, call) => {
          const isOfThisReply = index === (nth === 1 ? 0 : 1);
          if (broken || !isOfThisReply) return works(nth, call);
          startedInVain += 1;
          return new Promise(() => {});
        };
        const played = await play({ claude: onlyNth(index + 1, odd), tools: { run } });
        expect([index, count, ...played.problems]).toEqual([index, count]);
        expect(played.result).toMatchObject({ reason: "end_turn", text: "It is cold, and paid." });
      }
    }
    expect(startedInVain).toBeGreaterThan(5);
  });
});
