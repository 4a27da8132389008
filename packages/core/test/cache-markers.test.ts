import { refuseMessageRequest } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelRequest } from "../src/claude-function.js";
import { markCache, shortestLifetime } from "../src/pure/request/cache-markers.js";
import { frozen, markersIn, requests, shuffledRequests, unmarked } from "./cache-requests.js";

const short = { type: "ephemeral" };
const long = { type: "ephemeral", ttl: "1h" };
const text = (words: string, more: object = {}) => ({ type: "text", text: words, ...more });
const tool = (name: string, more: object = {}) => ({ name, input_schema: { type: "object" }, ...more });
const user = (content: unknown) => ({ role: "user", content });
const assistant = (...content: unknown[]) => ({ role: "assistant", content });
const use = (id: string) => ({ type: "tool_use", id, name: "work", input: {} });
const result = (id: string, content: unknown = "Done.") => ({
  type: "tool_result",
  tool_use_id: id,
  content,
});
const thought = { type: "thinking", thinking: "Hm.", signature: "c2ln" };

const requestOf = (fields: object): ModelRequest =>
  frozen({ model: "claude-opus-5", max_tokens: 10, ...fields }) as unknown as ModelRequest;
const surroundings = { version: "2026-10-21", betas: [] };
const marked = (fields: object, lifetime: "5m" | "1h" | false = "5m") =>
  markersIn(markCache(requestOf(fields), lifetime));

const messages = [
  user("Go."),
  assistant(use("toolu_1")),
  user([result("toolu_1")]),
  assistant(text("And?"), use("toolu_2"), use("toolu_3")),
  user([result("toolu_2"), result("toolu_3")]),
];
const whole = { tools: [tool("a"), tool("work")], system: "Be brief.", messages };

describe("a request is marked", () => {
  it("at the end of tools, system prompt, messages, and of what was sent before the last reply", () => {
    expect(marked(whole)).toEqual(["tools.1 5m", "system.0 5m", "messages.2.0 5m", "messages.4.1 5m"]);
  });

  it("at its end only, where it is the first of a session without tools and system prompt", () => {
    const request = markCache(requestOf({ messages: [user("Go.")] }), "5m");
    expect(request.messages).toEqual([user([text("Go.", { cache_control: short })])]);
    expect(request).not.toHaveProperty("system");
    expect(request).not.toHaveProperty("tools");
  });

  it("for an hour, where that is wanted", () => {
    expect(marked(whole, "1h")).toEqual(["tools.1 1h", "system.0 1h", "messages.2.0 1h", "messages.4.1 1h"]);
  });

  it("nowhere, where caching is off", () => {
    const request = requestOf(whole);
    expect(markCache(request, false)).toBe(request);
  });

  it("on the last tool that is not deferred", () => {
    const tools = [tool("a"), tool("work"), tool("rare", { defer_loading: true })];
    expect(marked({ ...whole, tools })).toContain("tools.1 5m");
    expect(marked({ messages, tools: [tool("rare", { defer_loading: true })] })).toEqual([
      "messages.2.0 5m",
      "messages.4.1 5m",
    ]);
  });

  it("on the last block of a system prompt that has words", () => {
    const system = [text("Be brief."), text("Be kind."), text(" ")];
    expect(marked({ ...whole, system })).toContain("system.1 5m");
    expect(marked({ messages, system: [text("")] })).toEqual(["messages.2.0 5m", "messages.4.1 5m"]);
  });

  it("on a reply that the API broke off, and on what was sent before it", () => {
    const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
    const paused = [user("Go."), assistant(search), assistant(search, thought, text(""))];
    expect(marked({ messages: paused })).toEqual(["messages.1.0 5m", "messages.2.0 5m"]);
  });

  it("on a system message that is the last", () => {
    const told = [...messages, { role: "system", content: "It is Monday." }];
    expect(marked({ messages: told })).toEqual(["messages.2.0 5m", "messages.5.0 5m"]);
    const answered = [...told, assistant(text("So it is.")), user("Thanks.")];
    expect(marked({ messages: answered })).toEqual(["messages.5.0 5m", "messages.7.0 5m"]);
  });

  it("never on thinking, empty text, or a kind of block that nobody knows", () => {
    const strange = { type: "hologram" };
    const said = [user([text("Go."), strange]), assistant(thought), user([text("On."), text("\n"), strange])];
    expect(marked({ messages: said })).toEqual(["messages.0.0 5m", "messages.2.0 5m"]);
    expect(marked({ messages: [user([strange])] })).toEqual([]);
  });
});

describe("markers that the caller set", () => {
  it("stay, and ours fill what they leave of four", () => {
    const system = [text("Be brief.", { cache_control: short }), text("Today is Monday.")];
    expect(marked({ ...whole, system })).toEqual([
      "system.0 5m",
      "system.1 5m",
      "messages.2.0 5m",
      "messages.4.1 5m",
    ]);
    const tools = [tool("a", { cache_control: short }), tool("work", { cache_control: short })];
    expect(marked({ ...whole, system, tools })).toEqual([
      "tools.0 5m",
      "tools.1 5m",
      "system.0 5m",
      "messages.4.1 5m",
    ]);
    const full = [...system.slice(0, 1), text("Today is Monday.", { cache_control: short })];
    const all = requestOf({ ...whole, tools, system: full });
    expect(markCache(all, "5m")).toBe(all);
  });

  it("are not set twice: neither on a block, nor beside a part of a result, nor with automatic caching", () => {
    const system = [text("Be brief.", { cache_control: short })];
    expect(marked({ ...whole, system })).toHaveLength(4);
    expect(marked({ messages: [user([text("Go.", { cache_control: short })])] })).toEqual([
      "messages.0.0 5m",
    ]);
    const parts = [text("Done.", { cache_control: short })];
    const [first, second] = messages;
    expect(marked({ messages: [first, second, user([result("toolu_1", parts)])] })).toEqual([
      "messages.0.0 5m",
      "messages.2.0.0 5m",
    ]);
    expect(marked({ ...whole, cache_control: short })).toEqual([
      "tools.1 5m",
      "system.0 5m",
      "messages.2.0 5m",
      "request 5m",
    ]);
  });

  it("within a result count beside the result's own", () => {
    const parts = [text("Done.", { cache_control: short }), text("Really.", { cache_control: short })];
    const results = [{ ...result("toolu_1", parts), cache_control: short }];
    expect(marked({ ...whole, messages: [...messages.slice(0, 2), user(results)] })).toEqual([
      "messages.0.0 5m",
      "messages.2.0.0 5m",
      "messages.2.0.1 5m",
      "messages.2.0 5m",
    ]);
  });

  it("go out one at a time, those within a result before its own", () => {
    const parts = [text("Done.", { cache_control: short }), text("Really.", { cache_control: short })];
    const results = [{ ...result("toolu_1", parts), cache_control: short }];
    const system = [text("Be brief.", { cache_control: short })];
    const said = [...messages.slice(0, 2), user(results)];
    expect(marked({ system, messages: said, cache_control: short }, false)).toEqual([
      "system.0 5m",
      "messages.2.0.1 5m",
      "messages.2.0 5m",
      "request 5m",
    ]);
  });

  it("that are null are none", () => {
    const request = markCache(requestOf({ messages: [user([text("Go.", { cache_control: null })])] }), "5m");
    expect(request.messages).toEqual([user([text("Go.", { cache_control: short })])]);
    expect(marked({ ...whole, cache_control: null })).toContain("messages.4.1 5m");
  });

  it("of longer life have none of shorter life before them, nor one of shorter life ours of longer life after it", () => {
    const hour = [text("Be brief.", { cache_control: long }), text("Today is Monday.")];
    expect(marked({ ...whole, system: hour, messages: messages.slice(0, 1) })).toEqual([
      "tools.1 1h",
      "system.0 1h",
      "system.1 5m",
      "messages.0.0 5m",
    ]);
    const brief = [text("Be brief.", { cache_control: short })];
    expect(marked({ ...whole, system: brief }, "1h")).toEqual([
      "tools.1 1h",
      "system.0 5m",
      "messages.2.0 5m",
      "messages.4.1 5m",
    ]);
    expect(marked({ ...whole, cache_control: long })).toEqual([
      "tools.1 1h",
      "system.0 1h",
      "messages.2.0 1h",
      "request 1h",
    ]);
  });

  it("of longer life behind those of shorter life don't spoil a session: these go out with an hour as well", () => {
    const said = [
      user([text("A", { cache_control: { ...short, ttl: "5m" } })]),
      assistant(text("Yes.")),
      user([text("B", { cache_control: long })]),
    ];
    expect(marked({ messages: said }, false)).toEqual(["messages.0.0 1h", "messages.2.0 1h"]);
    expect(marked({ messages: said })).toEqual(["messages.0.0 1h", "messages.2.0 1h"]);
    const tools = [tool("work", { cache_control: short })];
    const system = [text("Be brief.", { cache_control: short })];
    expect(marked({ tools, system, messages: said.slice(2) })).toEqual([
      "tools.0 1h",
      "system.0 1h",
      "messages.0.0 1h",
    ]);
    expect(marked({ messages: said.slice(0, 1), cache_control: long })).toContain("messages.0.0 1h");
    // What follows the last of them lives as long as it did.
    expect(marked({ messages: [...said, assistant(text("Yes.")), said[0]] }, false)).toEqual([
      "messages.0.0 1h",
      "messages.2.0 1h",
      "messages.4.0 5m",
    ]);
    // In a result, and in a document, each by itself.
    const parts = [text("Done.", { cache_control: short }), text("Really.", { cache_control: long })];
    const answered = [...messages.slice(0, 2), user([result("toolu_1", parts)])];
    expect(marked({ messages: answered }, false)).toEqual(["messages.2.0.0 1h", "messages.2.0.1 1h"]);
    const source = { type: "content", content: parts };
    const request = markCache(requestOf({ messages: [user([{ type: "document", source }])] }), false);
    expect(refuseMessageRequest(JSON.parse(JSON.stringify(request)), surroundings)).toBeUndefined();
    // Changed on the request alone, which is the same where the order is right.
    expect(said[0]).toEqual(user([text("A", { cache_control: { ...short, ttl: "5m" } })]));
    const right = requestOf({ messages: [said[2], said[1], said[0]] });
    expect(markCache(right, false)).toBe(right);
  });

  it("in more messages than the API takes don't spoil a session: the oldest go out without", () => {
    const inputs = (count: number) =>
      Array.from({ length: count }, (_, at) => [
        user([text(`Input ${at}`, { cache_control: short })]),
        assistant(text("Yes.")),
      ])
        .flat()
        .slice(0, -1);
    const five = { system: [text("Be brief.", { cache_control: short })], messages: inputs(5) };
    const left = ["system.0 5m", "messages.4.0 5m", "messages.6.0 5m", "messages.8.0 5m"];
    expect(marked(five)).toEqual(left);
    expect(marked(five, false)).toEqual(left);
  });

  it("in messages give way, the oldest first, once the history has grown past them and would have none at its end", () => {
    const parts = (count: number) =>
      Array.from({ length: count }, (_, at) => text(`Part ${at}`, { cache_control: short }));
    const first = { messages: [user(parts(4))] };
    const own = ["messages.0.0 5m", "messages.0.1 5m", "messages.0.2 5m", "messages.0.3 5m"];
    expect(marked(first)).toEqual(own);
    // What was sent before the first reply ends with one of theirs.
    const next = [user(parts(4)), ...messages.slice(1, 3)];
    expect(marked({ messages: next })).toEqual([...own.slice(1), "messages.2.0 5m"]);
    const later = [user(parts(4)), ...messages.slice(1)];
    expect(marked({ messages: later })).toEqual([...own.slice(2), "messages.2.0 5m", "messages.4.1 5m"]);
    expect(marked({ messages: later }, false)).toEqual(own);
    // Those in front of the messages stay.
    const system = [text("Be brief.", { cache_control: short })];
    const tools = [tool("work", { cache_control: short })];
    expect(marked({ tools, system, messages: [user(parts(2)), ...messages.slice(1)] })).toEqual([
      "tools.0 5m",
      "system.0 5m",
      "messages.2.0 5m",
      "messages.4.1 5m",
    ]);
    expect(marked({ system, messages: [user(parts(1)), ...messages.slice(1)] })).toContain("messages.0.0 5m");
  });

  it("tell how long the shortest of all lives", () => {
    expect(shortestLifetime(requestOf({ messages }))).toBeUndefined();
    expect(shortestLifetime(markCache(requestOf(whole), "1h"))).toBe("1h");
    const system = [text("Be brief.", { cache_control: long })];
    expect(shortestLifetime(markCache(requestOf({ ...whole, system }), "5m"))).toBe("5m");
    expect(shortestLifetime(markCache(requestOf({ ...whole, system }), false))).toBe("1h");
  });
});

/** A marker of `markersIn` that a reply follows. */
function isOutgrown(marker: string, { messages: all }: ModelRequest): boolean {
  const lastReply = all.findLastIndex(({ role }) => role === "assistant");
  const [, index] = /^messages\.(\d+)/.exec(marker) ?? [];
  return index !== undefined && Number(index) < lastReply;
}

describe("whatever the request", () => {
  const lifetimes = fc.constantFrom<("5m" | "1h" | false)[]>("5m", "1h", false);
  it("the API takes it marked, with four markers at most, and the model sees the same", () => {
    let added = 0;
    fc.assert(
      fc.property(requests, lifetimes, (given, lifetime) => {
        const request = frozen(given);
        const result = markCache(request, lifetime);
        expect(refuseMessageRequest(JSON.parse(JSON.stringify(result)), surroundings)).toBeUndefined();
        expect(unmarked(result)).toEqual(unmarked(request));
        const [own, all] = [markersIn(request), markersIn(result)];
        expect(all.length).toBeLessThanOrEqual(4);
        const outgrown = own.filter((place) => isOutgrown(place, request));
        const staying = own.length <= 4 ? own.filter((place) => !outgrown.includes(place)) : [];
        expect(all).toEqual(expect.arrayContaining([...staying]));
        // None gives way but for another.
        if (own.length <= 4) expect(all.length).toBeGreaterThanOrEqual(own.length);
        if (lifetime === false) expect(all.length).toBe(Math.min(4, own.length));
        else expect(all.length).toBeGreaterThan(0);
        added += Math.max(0, all.length - own.length);
      }),
      { numRuns: 300 },
    );
    expect(added).toBeGreaterThan(100);
  });

  it("the API takes it marked, in whatever order the caller's own markers stand", () => {
    let disordered = 0;
    const refuse = (request: ModelRequest) =>
      refuseMessageRequest(JSON.parse(JSON.stringify(request)), surroundings);
    fc.assert(
      fc.property(shuffledRequests, lifetimes, (given, lifetime) => {
        const request = frozen(given);
        if (/5m.*1h/.test(markersIn(request).join())) disordered += 1;
        const result = markCache(request, lifetime);
        expect(refuse(result)).toBeUndefined();
        expect(unmarked(result)).toEqual(unmarked(request));
      }),
      { numRuns: 300 },
    );
    expect(disordered).toBeGreaterThan(100);
  });

  it("only what carries a marker is copied", () => {
    fc.assert(
      fc.property(requests, (given) => {
        const request = frozen(given);
        const result = markCache(request, "5m");
        const copied = result.messages.filter((message, index) => message !== request.messages[index]);
        const tools = (result.tools ?? []).filter((one, index) => one !== request.tools?.[index]);
        if (markersIn(request).length <= 4) {
          const all = markersIn(result);
          const given = markersIn(request).filter((marker) => !all.includes(marker));
          expect(copied.length).toBeLessThanOrEqual(2 + given.length);
          expect(markersIn(copied).length).toBeGreaterThanOrEqual(copied.length - given.length);
          expect(tools.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
