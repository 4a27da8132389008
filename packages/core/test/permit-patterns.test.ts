import {
  type InputPattern,
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
import { askPermit } from "../src/permission/permit.js";
import { emptyState } from "../src/pure/fold/apply.js";
import { readLog } from "./crash.js";
import { handTool } from "./helpers.js";

const verdicts = ["deny", "ask", "allow"] as const;
const state = emptyState("s");

const judgeWith = (permit: ReturnType<typeof permitRules>, parsed: unknown, name = "pay") =>
  askPermit(permit, { toolUseId: "toolu_1", name, input: {}, parsed }, state);

/** What a rule alone makes of an input that is otherwise let through, or that nothing else allows. */
function judge(verdict: PermitVerdict, input: InputPattern, parsed: unknown) {
  const otherwise = verdict === "allow" ? "ask" : "allow";
  return judgeWith(permitRules({ [verdict]: [{ tool: "pay", input }], otherwise }), parsed);
}

const said = (...given: Parameters<typeof judge>) => judge(...given).verdict;

describe("a pattern of a tool's name", () => {
  const isAbout = (tool: string, name: string) =>
    judgeWith(permitRules({ deny: [tool], otherwise: "allow" }), {}, name).verdict === "deny";

  it("with any number of stars is done at once, however nearly a name fits", () => {
    const name = "a".repeat(64);
    for (const stars of [6, 9, 40, 1_000]) {
      expect(isAbout(`${"*a".repeat(stars)}*b`, name)).toBe(false);
      expect(isAbout(`${"a*".repeat(stars)}`, name)).toBe(stars <= 64);
    }
  });

  it("fits exactly the names that it can be spelt out to", () => {
    const spell = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 7 });
    const names = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(spell, names, (pattern, name) => {
        expect(isAbout(pattern, name)).toBe(isSpelt([...pattern], [...name]));
      }),
      { numRuns: 3_000 },
    );
  });
});

/** What a pattern means, without any haste. */
function isSpelt([first, ...rest]: readonly string[], name: readonly string[]): boolean {
  if (first === undefined) return name.length === 0;
  if (first === "*") return name.some((_, at) => isSpelt(rest, name.slice(at))) || isSpelt(rest, []);
  return name[0] === first && isSpelt(rest, name.slice(1));
}

describe("a number", () => {
  it("is the same whichever sign its zero has, and NaN is NaN", () => {
    for (const [pattern, value] of [
      [0, -0],
      [-0, 0],
      [Number.NaN, Number.NaN],
    ] as const)
      expect([said("deny", { usd: pattern }, { usd: value }), said("deny", pattern, value)]).toEqual([
        "deny",
        "deny",
      ]);
    expect(said("deny", { usd: 0 }, { usd: Number.NaN })).toBe("allow");
  });
});

/** Each of another kind than the patterns beside it are for. */
const others: readonly (readonly [string, InputPattern, readonly unknown[]])[] = [
  ["a regular expression", /rm/, [["rm -rf"], 5, true, { command: "rm" }, new String("rm"), 5n, () => "rm"]],
  ["a text", "rm", [["rm"], 5, true, { command: "rm" }, new String("rm")]],
  ["a number", 5, ["5", [5], true, { usd: 5 }, 5n]],
  ["a boolean", true, ["true", 1, [true], {}]],
  ["an object", { host: "evil" }, ["evil", ["evil"], [{ host: "evil" }], 5, true]],
];

describe("a value of another kind than the pattern is for", () => {
  it.each(others)(
    "can't be told to fit or not by %s: what denies or asks denies",
    (_what, pattern, values) => {
      for (const value of values)
        for (const verdict of ["deny", "ask"] as const) {
          expect([value, said(verdict, { arg: pattern }, { arg: value })]).toEqual([value, "deny"]);
          expect([value, said(verdict, { deep: { arg: pattern } }, { deep: { arg: value } })]).toEqual([
            value,
            "deny",
          ]);
          expect([value, said(verdict, pattern, value)]).toEqual([value, "deny"]);
        }
    },
  );

  it.each(others)(
    "is not what a rule allows with %s, and other rules still hold",
    (_what, pattern, values) => {
      for (const arg of values) {
        expect(said("allow", { arg: pattern }, { arg })).toBe("ask");
        const rules: PermitRules = { allow: [{ input: { arg: pattern } }, { input: { arg: () => true } }] };
        expect(judgeWith(permitRules(rules), { arg }).verdict).toBe("allow");
      }
    },
  );

  it.each(others)("isn't meant by what is not there: nothing is denied by %s", (_what, pattern) => {
    for (const input of [{}, { arg: undefined }, { arg: null }])
      for (const verdict of ["deny", "ask"] as const)
        expect([input, said(verdict, { arg: pattern }, input)]).toEqual([input, "allow"]);
  });

  it("doesn't matter where another field says that the rule is not about this input, in whatever order they stand", () => {
    const web = { kind: "web", target: ["rm"], last: "x" };
    for (const target of [/rm/, () => JSON.parse("{") as boolean] as const) {
      expect(said("deny", { kind: "shell", target }, web)).toBe("allow");
      expect(said("deny", { target, kind: "shell" }, web)).toBe("allow");
      expect(said("deny", { kind: "web", target, last: "x" }, web)).toBe("deny");
    }
  });

  it("doesn't hide that a predicate of another field fails", () => {
    const input = { a: /x/, b: () => JSON.parse("{") as boolean, c: /x/ };
    expect(said("allow", input, { a: 5, b: 5, c: 5 })).toBe("deny");
  });

  it("is told in words, for the model and the log, that name the field and no value", async () => {
    const store = memoryStore();
    const tool = handTool("shell", () => "ran");
    const claude = scripted([[toolUse("shell", { run: { command: ["rm -rf"] } })], "Done."]);
    const permit = permitRules({
      allow: ["*"],
      deny: [{ input: { run: { command: /^rm/ } }, why: "nothing is removed" }],
    });
    const { messages } = await run({ tools: [tool], permit }, "Go.", { claude, store, session: "s" });
    const rule =
      'a rule could not be checked, because "run.command" is a list and it asks for a text: nothing is removed';
    expect((await readLog(store)).find(({ type }) => type === "tool.check")).toMatchObject({
      verdict: "deny",
      rule,
    });
    expect(JSON.stringify(messages[2])).toContain(JSON.stringify(rule).slice(1, -1));
    expect(judge("deny", { usd: 5 }, "5").rule).toBe(
      "a rule could not be checked, because the input is a text and it asks for an object: deny pay with an input like this",
    );
  });

  it.each<[string, object]>([
    ["a map", new Map([["cmd", "rm"]])],
    ["a set", new Set(["rm"])],
    ["a date", new Date(0)],
    ["an address", new URL("https://example.com/rm")],
    [
      "an instance of a class that hides it",
      new (class Hidden {
        #cmd = "rm";
        say = () => this.#cmd;
      })(),
    ],
    ["an object made from another", Object.create({ other: 1 })],
  ])("%s may hold a field in a way of its own, so without that field nobody can tell", (_what, value) => {
    const rule = { cmd: /rm/ };
    expect(verdicts.map((verdict) => said(verdict, rule, value))).toEqual(["deny", "deny", "ask"]);
    expect(verdicts.map((verdict) => said(verdict, { in: rule }, { in: value }))).toEqual([
      "deny",
      "deny",
      "ask",
    ]);
    // A field that says no says it of the whole.
    expect(said("deny", { kind: "web", in: rule }, { kind: "shell", in: value })).toBe("allow");
    expect(judge("deny", { in: rule }, { in: value }).rule).toMatch(
      /"in" is an object of a class.*no field "cmd"/,
    );
  });

  it("an object of a class that has the field is looked at by it, its own or inherited", () => {
    class Command {
      readonly cmd: string;
      constructor(cmd: string) {
        this.cmd = cmd;
      }
      get loud(): string {
        return this.cmd.toUpperCase();
      }
    }
    for (const [cmd, verdict] of [
      ["rm", "deny"],
      ["ls", "allow"],
    ] as const) {
      expect(said("deny", { cmd: /rm/ }, new Command(cmd))).toBe(verdict);
      expect(said("deny", { loud: /RM/ }, new Command(cmd))).toBe(verdict);
      expect(said("deny", { cmd: /rm/ }, Object.assign(Object.create(null), { cmd }))).toBe(verdict);
    }
    expect(said("deny", { cmd: /rm/ }, Object.create(null))).toBe("allow");
  });

  it("is no way past a rule that denies: only what is checked not to fit is let through", () => {
    const json = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("a", "bab", -0, 1, true, null));
    const leaf = fc.constantFrom<InputPattern>("a", 0, 1, true, null, /a/, /b/g);
    const pattern = fc.oneof(leaf, fc.dictionary(fc.constantFrom("a", "b"), leaf, { maxKeys: 2 }));
    fc.assert(
      fc.property(pattern, fc.oneof(json, fc.record({ a: json, b: json })), (given, value) => {
        const isOut = isOtherwise(given, value);
        expect([said("deny", given, value), said("ask", given, value)].includes("allow")).toBe(isOut);
        expect(isOut && said("allow", given, value) === "allow").toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it("denies where even to look at it fails", () => {
    const value = {
      get arg(): string {
        throw new Error("no");
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const verdict of verdicts) {
      expect(said(verdict, { arg: "a" }, value)).toBe("deny");
      expect(said(verdict, { arg: "a" }, proxy)).toBe("deny");
    }
  });
});

/** Whether a value is of the kind that a pattern is for, or nothing, and not like it. */
function isOtherwise(pattern: InputPattern, value: unknown): boolean {
  if (pattern === null) return value !== null;
  if (value === undefined || value === null) return true;
  if (pattern instanceof RegExp) return typeof value === "string" && !value.includes(pattern.source);
  if (typeof pattern !== "object") return typeof value === typeof pattern && value !== pattern;
  if (typeof value !== "object" || Array.isArray(value)) return false;
  return Object.entries(pattern).some(([name, inner]) =>
    isOtherwise(inner as InputPattern, (value as Record<string, unknown>)[name]),
  );
}

describe("the rules of a permission", () => {
  const inputs = [{ to: { host: "evil" } }, { to: { host: "good" } }, { to: { host: "other" } }, {}];
  const answers = (permit: ReturnType<typeof permitRules>) =>
    ["pay", "look"].flatMap((name) => inputs.map((input) => judgeWith(permit, input, name)));

  it("stay what they were when the permission was made, whatever becomes of what they were made of", () => {
    const host = { host: "evil" as string | RegExp };
    const pattern: Record<string, InputPattern> = { to: host };
    const names = ["pay"];
    const rule = { tool: names, input: pattern, why: "first" };
    const rules = {
      deny: [rule] as PermitRule[],
      ask: [] as PermitRule[],
      allow: ["look"] as string[],
      otherwise: "allow" as PermitVerdict,
    };
    const permit = permitRules(rules);
    const before = answers(permit);
    host.host = "good";
    pattern.more = "x";
    names[0] = "look";
    names.push("*");
    Object.assign(rule, { input: () => false, why: "second" });
    rules.deny.length = 0;
    rules.ask.push({ tool: "*" });
    rules.allow.push("*");
    rules.otherwise = "deny";
    expect(answers(permit)).toEqual(before);
    expect(before[0]).toEqual({ verdict: "deny", rule: "first" });
  });

  it("can't be lost by a field of their own name for what every object has", () => {
    const input = JSON.parse('{ "__proto__": "x" }') as Record<string, InputPattern>;
    expect(said("deny", input, JSON.parse('{ "__proto__": "x" }'))).toBe("deny");
    expect(said("deny", input, {})).toBe("allow");
    expect(said("deny", { toString: "x", constructor: { name: "y" } }, {})).toBe("allow");
  });

  it.each(["g", "y", "gy", "v", "i"])(
    "go by an expression with the flags %s as it was, and not by where it has stopped",
    (flags) => {
      const expression = new RegExp("secret", flags);
      const permit = permitRules({ deny: [{ input: { path: expression } }], otherwise: "allow" });
      const ask = (path: string) => judgeWith(permit, { path }).verdict;
      const three = () => [ask("secret/secret"), ask("open"), ask("secret")];
      expect(three()).toEqual(["deny", "allow", "deny"]);
      expression.lastIndex = 5;
      expect(three()).toEqual(["deny", "allow", "deny"]);
      expression.test("secret/secret");
      expect(three()).toEqual(["deny", "allow", "deny"]);
      expression.compile("open");
      expect(three()).toEqual(["deny", "allow", "deny"]);
    },
  );

  it("go by a frozen expression too", () => {
    expect(said("ask", { path: Object.freeze(/secret/g) }, { path: "a secret" })).toBe("ask");
  });

  it("refuse a list with a hole in it, where a rule may have been", () => {
    // biome-ignore lint/suspicious/noSparseArray: that is what is refused.
    expect(() => permitRules({ deny: [, "pay"] as string[] })).toThrow("must be an object");
  });
});
