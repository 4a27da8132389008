import {
  type Agent,
  AgentError,
  emptyState,
  memoryStore,
  type PermitRule,
  type PermitRules,
  type PermitVerdict,
  permitRules,
  run,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLog } from "./crash.js";
import { handTool, slowly } from "./helpers.js";

const strictness = ["allow", "ask", "deny"] as const;
const rank = (verdict: PermitVerdict) => strictness.indexOf(verdict);

function judge(rules: PermitRules, name: string, parsed: unknown = {}) {
  const answer = permitRules(rules)({ toolUseId: "toolu_1", name, input: {}, parsed }, emptyState("s"));
  return typeof answer === "string" ? { verdict: answer } : answer;
}

const verdict = (...given: Parameters<typeof judge>) => judge(...given).verdict;

describe("permitRules", () => {
  it("denies what no rule is about, or does what `otherwise` says", () => {
    expect(judge({ allow: ["look"] }, "pay")).toEqual({
      verdict: "deny",
      rule: "no rule is about this call",
    });
    expect(verdict({}, "look")).toBe("deny");
    expect(verdict({ otherwise: "ask" }, "look")).toBe("ask");
    expect(verdict({ otherwise: "allow", deny: ["pay"] }, "look")).toBe("allow");
  });

  it("lets the strictest rule hold, in whatever order they stand", () => {
    const all = { allow: ["*"], ask: ["pay*"], deny: ["pay_all"] };
    expect(["look", "pay", "pay_all"].map((name) => verdict(all, name))).toEqual(["allow", "ask", "deny"]);
    const turned = { deny: ["pay_all"], ask: ["pay*"], allow: ["*"] };
    expect(["look", "pay", "pay_all"].map((name) => verdict(turned, name))).toEqual(["allow", "ask", "deny"]);
  });

  it.each<[string, string | readonly string[], readonly string[], readonly string[]]>([
    ["a name", "get", ["get"], ["get_it", "forget", "GET"]],
    ["a pattern", "get_*", ["get_it", "get_"], ["get", "forget_it"]],
    ["a pattern with several stars", "*_file*", ["read_file", "read_files_all"], ["file", "read-file"]],
    ["a list", ["get", "set_*"], ["get", "set_it"], ["set"]],
    ["no tool", "*", ["anything-1"], []],
  ])("is about the tools that %s names, and no others", (_what, tool, yes, no) => {
    const rules = { allow: [{ tool }] };
    expect(yes.map((name) => verdict(rules, name))).toEqual(yes.map(() => "allow"));
    expect(no.map((name) => verdict(rules, name))).toEqual(no.map(() => "deny"));
  });

  it.each<[string, NonNullable<PermitRule["input"]>, unknown, unknown]>([
    ["a part of it", { path: "a" }, { path: "a", more: 1 }, { path: "b" }],
    ["a part deep down", { to: { host: "a" } }, { to: { host: "a", port: 1 } }, { to: "a" }],
    ["a regular expression", { path: /^docs\// }, { path: "docs/a" }, { path: ["docs/a"] }],
    ["null, which is no object", { to: null }, { to: null }, { to: {} }],
    ["a field that is not there", { path: "a" }, { path: "a" }, {}],
    ["a predicate", (input) => input === 5, 5, 6],
    [
      "a predicate of a field",
      { list: (list: unknown) => Array.isArray(list) && list.every((item) => item === 1) },
      { list: [1, 1] },
      { list: [1, 2] },
    ],
    ["no text for a number", { usd: 5 }, { usd: 5 }, { usd: "5" }],
  ])("matches an input by %s", (_what, input, yes, no) => {
    expect([verdict({ allow: [{ input }] }, "pay", yes), verdict({ allow: [{ input }] }, "pay", no)]).toEqual(
      ["allow", "deny"],
    );
  });

  it("gives the same answer each time, also with an expression that remembers where it stopped", () => {
    const permit = permitRules({ deny: [{ input: { path: /secret/g } }], otherwise: "allow" });
    const call = { toolUseId: "toolu_1", name: "read", input: {}, parsed: { path: "secret" } };
    expect([1, 2, 3].map(() => permit(call, emptyState("s")))).toEqual(
      Array(3).fill({ verdict: "deny", rule: "deny * with an input like this" }),
    );
  });

  it("says why, in the rule's own words or in some made of it", () => {
    expect(judge({ ask: [{ tool: "pay", why: "payments need a person" }] }, "pay").rule).toBe(
      "payments need a person",
    );
    expect(judge({ ask: ["pay"] }, "pay").rule).toBe("ask pay");
  });

  it.each<[string, (input: unknown) => boolean]>([
    ["throws", () => JSON.parse("{ the secret")],
    ["answers later", (async () => true) as never],
    ["fails later", (async () => JSON.parse("{")) as never],
    ["gives no boolean", (() => undefined) as never],
  ])(
    "denies where a predicate %s, whatever other rules say, and tells nothing of the error",
    (_what, input) => {
      const broken = { tool: "pay", input, why: "small payments" };
      for (const rules of [{ deny: [broken] }, { ask: [broken] }, { allow: [broken] }]) {
        const { verdict: said, rule } = judge({ otherwise: "allow", ...rules }, "pay");
        expect([said, rule]).toEqual(["deny", "a rule could not be checked: small payments"]);
      }
      expect(verdict({ ask: ["pay"], allow: [broken] }, "pay")).toBe("deny");
      expect(verdict({ allow: ["*", broken] }, "look")).toBe("allow");
    },
  );

  it("goes by what the tool would run with, not by what the model wrote", async () => {
    const ran: unknown[] = [];
    const tool = handTool("mode", (input) => ran.push(input), {
      parse: (input) => ({ mode: (input as { mode: string }).mode.trim().toLowerCase() }),
    });
    const permit = permitRules({ allow: ["mode"], deny: [{ input: { mode: "delete" } }] });
    await run({ tools: [tool], permit }, "Go.", {
      claude: scripted([[toolUse("mode", { mode: " DELETE " }), toolUse("mode", { mode: "list" })], "Done."]),
    });
    expect(ran).toEqual([{ mode: "list" }]);
  });

  it.each<[string, unknown, RegExp]>([
    ["no object", undefined, /permitRules must be an object/],
    ["a misspelt list", { denny: ["pay"] }, /no field "denny".*deny, ask, allow, otherwise/],
    ["a list left undefined", { deny: undefined, otherwise: "allow" }, /`deny` undefined.*Leave it out/],
    ["an answer left undefined", { otherwise: undefined }, /`otherwise` undefined/],
    ["a rule alone", { deny: "pay" }, /deny must be a list/],
    ["a misspelt field", { deny: [{ tools: "pay" }] }, /no field "tools"/],
    ["a field left undefined", { deny: [{ tool: undefined }] }, /`tool` undefined/],
    ["an impossible name", { deny: ["pay bills"] }, /"pay bills" can't be the name/],
    ["an empty list of tools", { deny: [{ tool: [] }] }, /about no tool/],
    ["words that are none", { deny: [{ why: 5 }] }, /`why` that is no text/],
    ["an answer that is none", { otherwise: "maybe" }, /otherwise is/],
    ["a list in a pattern", { deny: [{ input: { to: ["a"] } }] }, /to, has a list.*only a predicate/],
    ["undefined in a pattern", { deny: [{ input: { to: undefined } }] }, /no pattern/],
    ["a date in a pattern", { deny: [{ input: { at: new Date(0) } }] }, /no pattern/],
    ["a rule that is none", { deny: [5] }, /must be an object/],
  ])("refuses %s, and says what is wrong", (_what, rules, words) => {
    const make = () => permitRules(rules as PermitRules);
    expect(make).toThrow(AgentError);
    expect(make).toThrow(words);
  });
});

describe("a rule in a run", () => {
  const calls = [toolUse("look", {}), toolUse("pay", { usd: 5 }), toolUse("pay", { usd: 500 })];
  const agent: Agent = {
    tools: [handTool("look", () => "seen"), handTool("pay", () => "paid", { effects: "once" })],
    permit: permitRules({
      allow: [{ tool: "look", why: "looking is free" }],
      ask: [{ tool: "pay", why: "payments need a person" }],
      deny: [
        {
          tool: "pay",
          input: ({ usd }: { usd: number }) => usd > 100,
          why: "nobody pays more than 100 dollars here.",
        },
      ],
    }),
  };

  it.each([true, false])("stands in the log beside the verdict (eager: %s)", async (eager) => {
    const store = memoryStore();
    await run({ ...agent, eager }, "Go.", { claude: slowly(scripted([calls])), store, session: "s" });
    const checks = (await readLog(store)).filter((event) => event.type === "tool.check");
    expect(checks.map(({ verdict: said, rule }) => [said, rule])).toEqual([
      ["allow", "looking is free"],
      ["ask", "payments need a person"],
      ["deny", "nobody pays more than 100 dollars here."],
    ]);
  });

  it("is told to the model where it denies", async () => {
    const claude = scripted([[toolUse("pay", { usd: 500 })], "Done."]);
    const { messages } = await run(agent, "Go.", { claude });
    expect(messages[2]?.content).toMatchObject([
      {
        is_error: true,
        content:
          "Denied: pay may not be called like this here. The rule: nobody pays more than 100 dollars here. Go on without it.",
      },
    ]);
  });

  it.each<[string, unknown, string]>([
    ["a verdict with words", { verdict: "allow", rule: "fine" }, "allow fine"],
    ["a verdict with empty words", { verdict: "ask", rule: " " }, "ask permit"],
    ["words that are no text", { verdict: "allow", rule: 5 }, "deny permit"],
    ["a verdict that is none", { verdict: "maybe", rule: "fine" }, "deny permit"],
    ["nothing", null, "deny permit"],
    ["a name that every object has", "toString", "deny permit"],
  ])("may be the answer of any permission: %s", async (_what, answer, expected) => {
    const store = memoryStore();
    const permit = () => answer as "allow";
    await run({ ...agent, permit }, "Go.", {
      claude: scripted([[toolUse("look")], "Done."]),
      store,
      session: "s",
    });
    const check = (await readLog(store)).find((event) => event.type === "tool.check");
    expect(`${check?.verdict} ${check?.rule}`).toBe(expected);
  });
});

const names = ["look", "look_up", "pay", "pay_all"];
const ruleArbitrary: fc.Arbitrary<string | PermitRule> = fc.oneof(
  fc.constantFrom(...names, "look*", "*_all", "*"),
  fc.record(
    {
      tool: fc.constantFrom(...names, "pay*", "*"),
      input: fc.constantFrom<NonNullable<PermitRule["input"]>>(
        { usd: 5 },
        { usd: 0, to: "a" },
        { to: /a/ },
        { to: { host: "a" } },
        "a",
        () => true,
        () => false,
        () => JSON.parse("{"),
      ),
    },
    { requiredKeys: ["input"] },
  ),
);
const list = fc.array(ruleArbitrary, { maxLength: 3 });
const rulesArbitrary = fc.record({
  deny: list,
  ask: list,
  allow: list,
  otherwise: fc.constantFrom(...strictness),
});
// Of the kinds that the rules are for, and of others.
const inputArbitrary = fc.oneof(
  fc.record(
    {
      usd: fc.constantFrom(4, 5, -0, "5", [5], null),
      to: fc.constantFrom("a", "b", ["a"], { host: "a" }, { host: ["a"] }, undefined),
    },
    { requiredKeys: [] },
  ),
  fc.constantFrom("a", ["a"], undefined),
);
const unspoken = "no rule is about this call";

describe("one more rule", () => {
  const check = (
    list: keyof Omit<PermitRules, "otherwise">,
    holds: (before: ReturnType<typeof judge>, after: ReturnType<typeof judge>) => boolean,
  ) =>
    fc.assert(
      fc.property(
        rulesArbitrary,
        ruleArbitrary,
        fc.nat(),
        fc.constantFrom(...names),
        inputArbitrary,
        (rules, rule, at, name, input) => {
          const longer = rules[list].toSpliced(at % (rules[list].length + 1), 0, rule);
          return holds(judge(rules, name, input), judge({ ...rules, [list]: longer }, name, input));
        },
      ),
      { numRuns: 2_000 },
    );

  it("that denies never makes any call freer", () => {
    check("deny", (before, after) => rank(after.verdict) >= rank(before.verdict));
  });

  it("that asks never makes a call freer that any rule is about, and never lets one run without a person", () => {
    check("ask", (before, after) =>
      before.rule === unspoken
        ? rank(after.verdict) >= Math.min(rank(before.verdict), rank("ask"))
        : rank(after.verdict) >= rank(before.verdict),
    );
  });

  it("that allows never frees what another rule denies or asks about", () => {
    check("allow", (before, after) =>
      before.rule === unspoken ? true : rank(after.verdict) >= rank(before.verdict),
    );
  });
});
