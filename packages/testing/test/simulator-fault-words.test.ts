import { describe, expect, test } from "vitest";
import { type FaultRule, parseFaults } from "../src/index.js";

describe("parseFaults", () => {
  test.each<[string, FaultRule]>([
    ["3:reset", { when: { request: 3 }, fault: { type: "reset" } }],
    ["10%:overloaded", { when: { probability: 0.1 }, fault: { type: "status", status: 529 } }],
    ["0.5 % : 503", { when: { probability: 0.005 }, fault: { type: "status", status: 503 } }],
    ["every 5:stall", { when: { every: 5 }, fault: { type: "stall" } }],
    ["1:stall@4", { when: { request: 1 }, fault: { type: "stall", after: { events: 4 } } }],
    ["1:reset@40b", { when: { request: 1 }, fault: { type: "reset", after: { bytes: 40 } } }],
    ["1:pings", { when: { request: 1 }, fault: { type: "stall", pingEveryMs: 1_000 } }],
    [
      "1:pings@2",
      { when: { request: 1 }, fault: { type: "stall", pingEveryMs: 1_000, after: { events: 2 } } },
    ],
    ["1:end", { when: { request: 1 }, fault: { type: "end" } }],
    ["1:cut@7b", { when: { request: 1 }, fault: { type: "cut", after: { bytes: 7 } } }],
    ["1:html", { when: { request: 1 }, fault: { type: "html" } }],
    ["1:empty", { when: { request: 1 }, fault: { type: "empty" } }],
    ["1:trickle", { when: { request: 1 }, fault: { type: "trickle" } }],
    ["1:trickle@16", { when: { request: 1 }, fault: { type: "trickle", bytes: 16 } }],
    ["1:error@3", { when: { request: 1 }, fault: { type: "error", afterEvents: 3 } }],
    ["1:malformed", { when: { request: 1 }, fault: { type: "malformed" } }],
    [
      "1:delta-without-start",
      { when: { request: 1 }, fault: { type: "protocol", breach: "delta-without-start" } },
    ],
    ["1:double-start", { when: { request: 1 }, fault: { type: "protocol", breach: "double-start" } }],
    ["1:flip@40", { when: { request: 1 }, fault: { type: "wrong-bytes", how: "flip", at: 40 } }],
    ["1:utf8", { when: { request: 1 }, fault: { type: "wrong-bytes", how: "utf8" } }],
    ["1:duplicate@2", { when: { request: 1 }, fault: { type: "duplicate", afterEvents: 2 } }],
    [
      "1:429@7",
      { when: { request: 1 }, fault: { type: "status", status: 429, headers: { "retry-after": "7" } } },
    ],
    [
      "1:overloaded@1500ms",
      { when: { request: 1 }, fault: { type: "status", status: 529, headers: { "retry-after-ms": "1500" } } },
    ],
    [
      "1:503@7s no-retry",
      {
        when: { request: 1 },
        fault: { type: "status", status: 503, headers: { "retry-after": "7", "x-should-retry": "false" } },
      },
    ],
    [
      "1:400 retry",
      { when: { request: 1 }, fault: { type: "status", status: 400, headers: { "x-should-retry": "true" } } },
    ],
    [
      "1:429@date+90",
      { when: { request: 1 }, fault: { type: "status", status: 429, retryAfterDateMs: 90_000 } },
    ],
    [
      "1: overloaded @ date+2s retry",
      {
        when: { request: 1 },
        fault: {
          type: "status",
          status: 529,
          retryAfterDateMs: 2_000,
          headers: { "x-should-retry": "true" },
        },
      },
    ],
    ["session=alice:reset", { session: "alice", when: { every: 1 }, fault: { type: "reset" } }],
    ["session=alice 3:reset", { session: "alice", when: { request: 3 }, fault: { type: "reset" } }],
    ["session = a-1 every 2 : cut", { session: "a-1", when: { every: 2 }, fault: { type: "cut" } }],
    ["session=b@c.d 5%:empty", { session: "b@c.d", when: { probability: 0.05 }, fault: { type: "empty" } }],
  ])("reads %s", (text, rule) => {
    expect(parseFaults(text)).toEqual([rule]);
  });

  test("reads several, with commas between them", () => {
    expect(parseFaults("3:reset, 10%:overloaded,every 5:stall@2,").map(({ when }) => when)).toEqual([
      { request: 3 },
      { probability: 0.1 },
      { every: 5 },
    ]);
    expect(parseFaults("")).toEqual([]);
  });

  test.each([
    ["reset", /wants a colon/],
    ["3:explode", /no kind "explode"/],
    ["3:", /no kind ""/],
    ["3:<status>", /no kind "<status>"/],
    ["3:200", /no kind "200"/],
    ["0:reset", /"0" is no time/],
    ["often:reset", /"often" is no time.*every 5.*10%/],
    ["0%:reset", /"0%" is no time/],
    [" , ", /there is none in it/],
    ["101%:reset", /"101%" is no time/],
    ["3:reset@soon", /reset does not take "soon"/],
    ["3:html@3", /html does not take "3"/],
    ["3:stall@1@2", /stall does not take "1@2"/],
    ["3:flip@3b", /flip does not take "3b"/],
    ["3:trickle@0", /trickle does not take "0"/],
    ["3:trickle@00", /trickle does not take "00"/],
    ["3:429@soon", /429 does not take "soon"/],
    ["3:429@date", /429 does not take "date"/],
    ["3:429 soon", /429 does not take "soon"/],
    ["3:500 spent", /500 does not take "spent"/],
    ["3:reset retry", /reset does not take "retry"/],
    ["3:reset@2 retry", /reset does not take "2 retry"/],
    ["session=:reset", /"session=" is no time.*session=alice/],
    ["session=alice often:reset", /"often" is no time/],
  ])("refuses %s, and lists what there is", (text, words) => {
    expect(() => parseFaults(text)).toThrow(SyntaxError);
    expect(() => parseFaults(text)).toThrow(words);
    expect(() => parseFaults(text)).toThrow(/overloaded[\s\S]*reset[\s\S]*trickle[\s\S]*duplicate/);
  });
});
