import type { MessageParam } from "@anthropic-ai/sdk/resources";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refuseMessageRequest } from "../../testing/src/simulator/validate/validate.js";
import {
  appendMessage,
  findHistoryProblem,
  hasUnansweredServerTool,
  textOf,
} from "../src/pure/conversation/history.js";

const user = (...content: unknown[]) => ({ role: "user", content }) as MessageParam;
const assistant = (...content: unknown[]) => ({ role: "assistant", content }) as MessageParam;
const text = (words = "hello") => ({ type: "text", text: words });
const call = (id: string) => ({ type: "tool_use", id, name: "work", input: {} });
const answer = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "ok" });
const serverCall = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } };
const serverAnswer = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] };

/** The simulator's rules were written from the API's, by themselves: neither side knows the other's code. */
const refusedBySimulator = (messages: readonly MessageParam[]) =>
  refuseMessageRequest(
    { model: "claude-sonnet-5-5", max_tokens: 10, messages },
    { version: "2026-10-21", betas: [] },
  );

const table: readonly [string, readonly MessageParam[], boolean][] = [
  ["a question", [user(text())], true],
  ["an answered call", [user(text()), assistant(call("a")), user(answer("a"))], true],
  [
    "answers in another order",
    [user(text()), assistant(call("a"), call("b")), user(answer("b"), answer("a"))],
    true,
  ],
  ["an answer with words after it", [user(text()), assistant(call("a")), user(answer("a"), text())], true],
  ["a paused server tool", [user(text()), assistant(serverCall)], true],
  [
    "a server tool that was answered, and words",
    [user(text()), assistant(serverCall, serverAnswer, text()), user(text())],
    true,
  ],
  ["nothing", [], false],
  ["an assistant who speaks first", [assistant(text()), user(text())], false],
  ["an assistant who speaks last", [user(text()), assistant(text())], false],
  ["an unanswered call at the end", [user(text()), assistant(call("a"))], false],
  ["an unanswered call in the middle", [user(text()), assistant(call("a")), user(text())], false],
  ["a call answered by half", [user(text()), assistant(call("a"), call("b")), user(answer("a"))], false],
  ["a call answered twice", [user(text()), assistant(call("a")), user(answer("a"), answer("a"))], false],
  [
    "an answer one message late",
    [user(text()), assistant(call("a")), user(text()), user(answer("a"))],
    false,
  ],
  ["an answer after words", [user(text()), assistant(call("a")), user(text(), answer("a"))], false],
  ["an answer to no call", [user(text()), assistant(text()), user(answer("a"))], false],
  ["an answer in the first message", [user(answer("a"))], false],
  ["an id used twice", [user(text()), assistant(call("a"), call("a")), user(answer("a"))], false],
  [
    "an id used again later",
    [user(text()), assistant(call("a")), user(answer("a")), assistant(call("a")), user(answer("a"))],
    false,
  ],
  ["an empty text block", [user(text(""))], false],
  ["a message without content", [user(text()), assistant(), user(text())], false],
  ["a role of tomorrow", [user(text()), { role: "tool", content: "x" } as unknown as MessageParam], false],
];

describe("a history", () => {
  it.each(table)("with %s is judged as the API judges it", (_what, messages, legal) => {
    expect(findHistoryProblem(messages) === undefined).toBe(legal);
    expect(refusedBySimulator(messages) === undefined).toBe(legal);
  });

  it.each<[string, readonly MessageParam[], boolean]>([
    ["one that was just asked", [user(text()), assistant(serverCall)], true],
    ["one that was answered", [user(text()), assistant(serverCall, serverAnswer)], false],
    [
      "one that still runs while it makes calls",
      [user(text()), assistant(serverCall, call("a")), user(answer("a")), assistant(call("b"))],
      true,
    ],
    [
      "one that has made all its calls",
      [user(text()), assistant(serverCall, call("a")), user(answer("a")), assistant(serverAnswer, call("b"))],
      false,
    ],
    [
      "one that was not answered yet, though another reply has come since",
      [user(text()), assistant(serverCall, call("a")), user(answer("a")), assistant(text())],
      true,
    ],
    [
      "one of an earlier turn",
      [user(text()), assistant(serverCall), user(text()), assistant(call("a"))],
      false,
    ],
    ["none at all", [user(text())], false],
  ])("tells that a person must wait for a server tool: %s", (_what, messages, waits) => {
    expect(hasUnansweredServerTool(messages)).toBe(waits);
  });

  it("has its system messages between a user's and the assistant's, or last", () => {
    const system = { role: "system" as const, content: "Be brief." };
    const words = [user(text()), system, assistant(text()), user(text())];
    expect(findHistoryProblem(words)).toBeUndefined();
    expect(findHistoryProblem([...words, system])).toBeUndefined();
    expect(findHistoryProblem([...words, system, system])).toBeUndefined();
    expect(findHistoryProblem([...words, system, system, user(text())])).toMatch(
      /followed by the assistant's/,
    );
    expect(findHistoryProblem([user(text()), assistant(text()), system, user(text())])).toMatch(
      /right after a user's/,
    );
    expect(findHistoryProblem([user(text()), system, user(text())])).toMatch(/followed by the assistant's/);
  });

  it("of a paused turn ends with the assistant's message, which only the stop reason and a server tool allow", () => {
    const found = { type: "web_search_tool_result", tool_use_id: "srv", content: [] };
    const answered = assistant(serverCall, { ...found, tool_use_id: serverCall.id });
    expect(findHistoryProblem([user(text()), answered], true)).toBeUndefined();
    expect(findHistoryProblem([user(text()), answered])).toMatch(/the assistant's own/);
    expect(findHistoryProblem([user(text()), assistant(text())], true)).toMatch(/the assistant's own/);
  });

  it("of any kind is judged alike by the loop and by the simulator", () => {
    const ids = fc.constantFrom("a", "b", "c");
    const block = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(text(), text(), text("")) },
      { weight: 3, arbitrary: ids.map(call) },
      { weight: 4, arbitrary: ids.map(answer) },
    );
    const message = fc.record({
      role: fc.constantFrom("user", "assistant"),
      content: fc.array(block, { maxLength: 4 }),
    });
    // Random messages are nearly always illegal in the first one; these begin well and go wrong later, or not at all.
    const exchange = fc
      .uniqueArray(ids, { minLength: 1 })
      .map((used) => [assistant(...used.map(call)), user(...used.map(answer))]);
    const history = fc
      .tuple(
        fc.array(
          fc.oneof(
            exchange,
            message.map((it) => [it as unknown as MessageParam]),
          ),
          { maxLength: 4 },
        ),
        fc.boolean(),
      )
      .map(([parts, asked]) => [user(text()), ...parts.flat(), ...(asked ? [user(text())] : [])]);
    let legal = 0;
    fc.assert(
      fc.property(history, (messages) => {
        const ours = findHistoryProblem(messages);
        const theirs = refusedBySimulator(messages);
        expect({
          messages,
          ours,
          theirs,
          same: (ours === undefined) === (theirs === undefined),
        }).toMatchObject({ same: true });
        if (ours === undefined) legal += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(legal).toBeGreaterThan(100);
  });

  it("has the text of a message without its other blocks", () => {
    expect(textOf(assistant(text("a"), call("x"), text("b")))).toBe("ab");
    expect(textOf({ role: "user", content: "c" })).toBe("c");
  });

  it("grows by joining two user messages in a row, and in no other way", () => {
    const before = [user(text("a")), assistant(text("b"))];
    expect(appendMessage(before, user(text("c")))).toEqual([...before, user(text("c"))]);
    expect(appendMessage(appendMessage(before, user(text("c"))), { role: "user", content: "d" })).toEqual([
      ...before,
      user(text("c"), text("d")),
    ]);
    expect(before).toHaveLength(2);
  });
});
