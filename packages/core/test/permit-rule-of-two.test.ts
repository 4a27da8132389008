import {
  type Agent,
  AgentError,
  type AgentEvent,
  apply,
  type EventBody,
  emptyState,
  fork,
  memoryStore,
  type Permit,
  resume,
  ruleOfTwo,
  run,
  type State,
  strictest,
  type Tool,
  type ToolDefinition,
  ToolDefinitionError,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askPermit } from "../src/permission/permit.js";
import { play, readingClaude, smallModel } from "./compaction-helpers.js";
import { readLog } from "./crash.js";
import { handTool, slowly } from "./helpers.js";

type Declared = Pick<Tool, "reads" | "acts" | "effects">;

const tool = (name: string, more: Declared, work: Tool["run"] = () => "done") => handTool(name, work, more);
const page = tool("page", { reads: "untrusted" });
const mail = tool("mail", { reads: "private" });
const send = tool("send", { reads: [], effects: "once" });
const sum = tool("sum", { reads: [] });
const tools = [page, mail, send, sum];
const search: ToolDefinition = { type: "web_search_20250305", name: "web_search" };

/** A state that comes of these events, as a run commits them. */
function stateAfter(...bodies: readonly EventBody[]): State {
  return bodies.reduce<State>(
    (state, body) => apply(state, { session: "s", seq: state.seq + 1, at: 0, ...body } as AgentEvent),
    emptyState("s"),
  );
}

const begun = (definitions: readonly ToolDefinition[] = []): readonly EventBody[] => [
  { type: "session.start", agent: "agent", tools: definitions, fingerprint: "" },
  { type: "run.start", model: "m", limits: {}, startedAt: 0 },
];

/** A step that asks for these calls, and no more. */
function asked(names: readonly string[], ids = names.map((name, index) => `${name}_${index}`)): EventBody[] {
  const content = names.map((name, index) => ({
    type: "tool_use" as const,
    id: ids[index] as string,
    name,
    input: {},
  }));
  return [
    { type: "step.start", step: 1 },
    { type: "message", id: "msg", stopReason: "tool_use", message: { role: "assistant", content } },
  ];
}

/** A step in which these calls ran. */
function ran(...names: string[]): EventBody[] {
  const calls = names.map((name, index) => ({ toolUseId: `${name}_${index}`, name }));
  return [
    ...asked(names),
    ...calls.flatMap(({ toolUseId, name }): EventBody[] => [
      { type: "tool.check", toolUseId, verdict: "allow" },
      { type: "tool.start", toolUseId, name, idempotencyKey: toolUseId },
      { type: "tool.end", toolUseId, name, outcome: "ok", durationMs: 0, result: { content: "done" } },
    ]),
    { type: "step.end", step: 1 } as EventBody,
  ];
}

const compaction = (definitions: readonly ToolDefinition[] = []): EventBody => ({
  type: "compaction",
  summary: "It went well.",
  kept: 0,
  tools: definitions,
  fingerprint: "",
});

const judge = (permit: Permit, name: string, state: State) =>
  askPermit(permit, { toolUseId: "toolu_now", name, input: {}, parsed: {} }, state).verdict;

describe("ruleOfTwo", () => {
  const permit = ruleOfTwo(tools);

  it.each([
    ["acting", "send", ["page", "mail"]],
    ["private data", "mail", ["page", "send"]],
    ["untrusted content", "page", ["send", "mail"]],
  ])("asks about %s as the third, in whatever order they come, and allows any two", (_kind, third, two) => {
    expect(judge(permit, third, stateAfter(...begun(), ...ran(...two)))).toBe("ask");
    for (const one of two) expect(judge(permit, third, stateAfter(...begun(), ...ran(one)))).toBe("allow");
    expect(judge(permit, two[0] as string, stateAfter(...begun(), ...ran(...two)))).toBe("allow");
  });

  it("goes on asking once a person has let all three come together, but not about what brings none of them", () => {
    const all = stateAfter(...begun(), ...ran("page", "mail"), ...ran("send"));
    expect(["page", "mail", "send", "sum"].map((name) => judge(permit, name, all))).toEqual([
      "ask",
      "ask",
      "ask",
      "allow",
    ]);
  });

  it("denies if it is told to, and says why in words", () => {
    const answer = askPermit(
      ruleOfTwo(tools, { third: "deny" }),
      { toolUseId: "t", name: "send", input: {}, parsed: {} },
      stateAfter(...begun(), ...ran("page", "mail")),
    );
    expect(answer).toEqual({
      verdict: "deny",
      rule: "the rule of two: with send, untrusted content, private data and acting come together",
    });
  });

  it.each<[string, Declared, string]>([
    ["nothing may read anything, and acts", {}, "untrusted private acts"],
    ["only its effects may read anything", { effects: "none" }, "untrusted private"],
    ["that it reads neither, and has effects, acts", { reads: [], effects: "idempotent" }, "acts"],
    ["both reads both", { reads: ["untrusted", "private"], effects: "none" }, "untrusted private"],
    [
      "that it acts without effects acts",
      { reads: "untrusted", effects: "none", acts: true },
      "untrusted acts",
    ],
    ["that it doesn't act in spite of its effects does not", { reads: "private", acts: false }, "private"],
  ])("takes it that a tool which says %s", (_what, declared, expected) => {
    const { effects, ...plain } = handTool("odd", () => "", {});
    const odd: Tool = { ...plain, ...declared };
    const brings = (kind: string, others: readonly string[]) =>
      judge(ruleOfTwo([...tools, odd]), "odd", stateAfter(...begun(), ...ran(...others))) === "ask"
        ? [kind]
        : [];
    const found = [
      ...brings("untrusted", ["mail", "send"]),
      ...brings("private", ["page", "send"]),
      ...brings("acts", ["page", "mail"]),
    ];
    expect(found.join(" ")).toBe(expected);
  });

  it("counts a tool that it does not know as all three, now and in the history", () => {
    expect(judge(permit, "other", stateAfter(...begun()))).toBe("ask");
    expect(judge(permit, "mail", stateAfter(...begun(), ...ran("other")))).toBe("ask");
    expect(judge(permit, "sum", stateAfter(...begun(), ...ran("other")))).toBe("allow");
  });

  it("counts everything that tools of the same name say, for it can't tell them apart", () => {
    const other = tool("sum", { reads: "private" });
    const state = stateAfter(...begun(), ...ran("page", "sum"));
    expect(judge(ruleOfTwo([...tools, other]), "send", state)).toBe("ask");
    expect(judge(ruleOfTwo([other, ...tools]), "send", state)).toBe("ask");
  });

  it.each<[ToolDefinition["type"], string]>([
    ["web_search_20250305", "allow allow ask"],
    ["web_fetch_20250910", "ask allow ask"],
    ["code_execution_20250825", "allow allow allow"],
    ["tool_search_tool_regex_20251119", "allow allow allow"],
    ["from_the_future_20300101" as never, "ask ask ask"],
    ["memory_20250818", "allow allow allow"],
  ])("counts the API's own %s from the moment the session has it", (type, expected) => {
    const state = stateAfter(...begun([{ type, name: "api" } as ToolDefinition]));
    const said = [
      judge(permit, "mail", state),
      judge(permit, "page", state),
      judge(permit, "send", stateAfter(...begun([{ type, name: "api" } as ToolDefinition]), ...ran("mail"))),
    ];
    expect(said.join(" ")).toBe(expected);
  });

  it("does not forget what a compaction takes out of the history, the API's tools included", () => {
    expect(judge(permit, "send", stateAfter(...begun(), ...ran("page", "mail"), compaction()))).toBe("ask");
    const code: ToolDefinition = { type: "code_execution_20250825", name: "code_execution" };
    for (const segments of [
      [...begun([search]), compaction()],
      [...begun([search]), compaction([code])],
      [...begun(), compaction([search]), compaction([code])],
    ])
      expect(judge(permit, "send", stateAfter(...segments, ...ran("mail")))).toBe("ask");
  });

  it("counts what the session is given, if it is told what that may hold", () => {
    const given = ruleOfTwo(tools, { input: ["untrusted", "private"] });
    expect([judge(given, "send", stateAfter()), judge(given, "mail", stateAfter())]).toEqual([
      "ask",
      "allow",
    ]);
    expect(
      judge(ruleOfTwo(tools, { input: "untrusted" }), "send", stateAfter(...begun(), ...ran("mail"))),
    ).toBe("ask");
  });

  it("counts calls of the same reply that stand before this one, and those that can't run any more it doesn't", () => {
    const names = ["page", "mail", "send"];
    const ids = ["a", "b", "toolu_now"];
    const open = [...begun(), ...asked(names, ids)];
    expect(judge(permit, "send", stateAfter(...open))).toBe("ask");
    const denied: EventBody = { type: "tool.check", toolUseId: "b", verdict: "deny" };
    expect(judge(permit, "send", stateAfter(...open, denied))).toBe("allow");
    const first = stateAfter(...begun(), ...asked(names, ["toolu_now", "b", "c"]));
    expect(judge(permit, "page", first)).toBe("allow");
  });

  it("stays what it was when it was made, whatever becomes of the list and its tools", () => {
    const reads: ("untrusted" | "private")[] = ["private"];
    const given = [page, send, tool("mail", { reads })];
    const input: "untrusted"[] = [];
    const made = ruleOfTwo(given, { input });
    const before = judge(made, "send", stateAfter(...begun(), ...ran("page", "mail")));
    reads.length = 0;
    given.length = 0;
    input.push("untrusted");
    expect(judge(made, "send", stateAfter(...begun(), ...ran("page", "mail")))).toBe(before);
    expect(judge(made, "send", stateAfter(...begun(), ...ran("mail")))).toBe("allow");
  });

  it("holds with every other permission, by the strictest", () => {
    const both = strictest(() => "allow", permit);
    expect(judge(both, "send", stateAfter(...begun(), ...ran("page", "mail")))).toBe("ask");
  });

  it("refuses what it can't understand", () => {
    expect(() => ruleOfTwo({} as never)).toThrow(AgentError);
    expect(() => ruleOfTwo([5 as never])).toThrow(AgentError);
    expect(() => ruleOfTwo([{ ...page, reads: "secret" as never }])).toThrow(ToolDefinitionError);
    expect(() => ruleOfTwo([{ ...page, acts: "yes" as never }])).toThrow(ToolDefinitionError);
    expect(() => ruleOfTwo(tools, { third: "allow" as never })).toThrow(AgentError);
    expect(() => ruleOfTwo(tools, { input: "secret" as never })).toThrow(AgentError);
  });

  it("never becomes freer with more history", () => {
    const rank = (verdict: string) => ["allow", "ask", "deny"].indexOf(verdict);
    const past = fc.array(
      fc.oneof(
        fc
          .array(fc.constantFrom("page", "mail", "send", "sum", "other"), { maxLength: 3 })
          .map((names) => ran(...names)),
        fc.constantFrom([], [search]).map((definitions) => [compaction(definitions)]),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(
        past,
        past,
        fc.array(fc.constantFrom("page", "mail", "send", "sum"), { maxLength: 3 }),
        fc.constantFrom("page", "mail", "send", "sum", "other"),
        (before, more, pending, name) => {
          const short = [...begun(), ...before.flat()];
          const long = [...short, ...more.flat()];
          const longest = [
            ...long,
            ...asked([...pending, name], [...pending.map((_, at) => `p${at}`), "toolu_now"]),
          ];
          const ranks = [short, long, longest].map((events) =>
            rank(judge(permit, name, stateAfter(...events))),
          );
          expect(ranks).toEqual(ranks.toSorted());
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("an agent with the rule of two", () => {
  it("never has all three come together, whatever it calls side by side, early or late", async () => {
    const reads = [[], ["untrusted"], ["private"], ["untrusted", "private"]] as const;
    const kinds = reads.flatMap((read) => [false, true].map((acts) => ({ reads: read, acts })));
    const effects = ["none", "idempotent", "once"] as const;
    const declared = kinds.flatMap((kind) => effects.map((effect) => ({ ...kind, effects: effect })));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(declared.length - 1), { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
        fc.boolean(),
        async (steps, eager) => {
          const done = new Set<string>();
          const all = declared.map((kind, index) =>
            tool(`tool_${index}`, kind, () => {
              for (const read of kind.reads) done.add(read);
              if (kind.acts) done.add("acts");
              return "done";
            }),
          );
          const replies = steps.map((step) => step.map((index) => toolUse(`tool_${index}`, {})));
          const limits = { maxRepeatedCalls: 100 };
          const agent: Agent = { tools: all, eager, limits, permit: ruleOfTwo(all, { third: "deny" }) };
          await run(agent, "Go.", { claude: slowly(scripted([...replies, "Done."])) });
          expect(done.size).toBeLessThan(3);
        },
      ),
      { numRuns: 150 },
    );
  });

  const permit = ruleOfTwo(tools);
  const agent: Agent = { tools, permit };

  it("waits for a person before the third, in a later run and in a fork too", async () => {
    const store = memoryStore();
    const on = (...replies: Parameters<typeof scripted>[0]) => ({ claude: scripted(replies), store });
    const both = [toolUse("page", {}), toolUse("mail", {})];
    await run(agent, "Read.", { ...on(both, "Read."), session: "s" });
    const end = (await readLog(store)).at(-1)?.seq ?? 0;
    const branch = await fork(store, "s", end);
    for (const session of ["s", branch]) {
      const result = await run(agent, "Answer.", {
        ...on([toolUse("send", {}, `${session}_send`)]),
        session,
      });
      expect(result).toMatchObject({ status: "waiting", approvals: [{ tool: "send" }] });
      const check = (await readLog(store, session)).findLast((event) => event.type === "tool.check");
      expect(check).toMatchObject({ verdict: "ask", rule: expect.stringContaining("rule of two") });
    }
  });

  it("still waits for a person when the history was summarised in between", async () => {
    const readPage = handTool(
      "read",
      (input) => `${(input as { page: number }).page}: ${"Oslo. ".repeat(600)}`,
      {
        reads: ["untrusted", "private"],
      },
    );
    const sending = handTool("send", () => "sent", { effects: "once", reads: [] });
    const small: Agent = {
      model: smallModel.id,
      maxTokens: 500,
      cache: false,
      tools: [readPage, sending],
      permit: ruleOfTwo([readPage, sending]),
    };
    const reading = readingClaude(8);
    const { result, events } = await play(small, {
      claude: async (request, call) => {
        if (
          reading.requests.filter((asked) => !JSON.stringify(asked).includes("Answer with a summary"))
            .length < 8
        )
          return reading(request, call);
        return scripted([[toolUse("send", {}, "toolu_send")]])(request, call);
      },
    });
    expect(events.some(({ type }) => type === "compaction")).toBe(true);
    expect(result).toMatchObject({ status: "waiting", approvals: [{ tool: "send" }] });
  });

  it("binds the agents that its tools run: in their sessions, and by the declarations of the tool that runs them", async () => {
    const child: Agent = { name: "child", tools: [page, mail, send] };
    const ask = handTool("ask", async (_input, call) => (await call.run(child, "Go.")).text, {
      effects: "idempotent",
      reads: "untrusted",
    });
    const parent: Agent = { tools: [ask, mail], permit: ruleOfTwo([ask, ...tools], { third: "deny" }) };
    const below = scripted([
      [toolUse("ask", {}, "toolu_1")],
      [toolUse("page", {}, "toolu_2"), toolUse("mail", {}, "toolu_3")],
      [toolUse("send", {}, "toolu_4")],
      "Not sent.",
      "Done.",
    ]);
    const store = memoryStore();
    await run(parent, "Go.", { claude: below, store, session: "s" });
    const checks = (await readLog(store, "s:toolu_1")).filter((event) => event.type === "tool.check");
    expect(checks.map(({ verdict }) => verdict)).toEqual(["allow", "allow", "deny"]);
    const above = scripted([[toolUse("mail", {}), toolUse("ask", {}, "toolu_1")], "Done."]);
    const { messages } = await run(parent, "Go.", { claude: above });
    expect(JSON.stringify(messages)).toContain("with ask, untrusted content, private data and acting");
  });

  it("does not start a tool that acts before its reply is committed, even one without effects", async () => {
    const order: string[] = [];
    const fetching = handTool("fetch", () => order.push("fetch"), { reads: "untrusted", acts: true });
    await run({ tools: [fetching] }, "Go.", {
      claude: slowly(scripted([[toolUse("fetch", {})], "Done."])),
      onEvent: (event) => event.type === "message" && order.push("message"),
    });
    expect(order).toEqual(["message", "fetch", "message"]);
  });

  it.each<[string, readonly (readonly string[])[]]>([
    ["those that start early too", [["send"], ["page", "mail"]]],
    ["those that can't start early", [["send", "both"]]],
  ])("sees the other calls of a reply that still streams: %s", async (_what, steps) => {
    const started: string[] = [];
    const both = tool("both", { reads: ["untrusted", "private"] });
    const all = [page, mail, send, both].map((one) => ({ ...one, run: () => started.push(one.name) }));
    const replies = steps.map((step) => step.map((name) => toolUse(name, {})));
    await run({ tools: all, permit: ruleOfTwo(all, { third: "deny" }) }, "Go.", {
      claude: slowly(scripted([...replies, "Done."])),
    });
    expect(started).toEqual(steps.flat().slice(0, -1));
  });

  it("goes on in another process with the verdicts that were committed", async () => {
    const store = memoryStore();
    const both = [toolUse("page", {}), toolUse("mail", {}), toolUse("send", {}, "toolu_send")];
    await run(agent, "Go.", { claude: scripted([both]), store, session: "s" });
    const again = await resume(agent, "s", { claude: scripted([]), store });
    expect(again).toMatchObject({ status: "waiting", approvals: [{ toolUseId: "toolu_send" }] });
  });
});
