import {
  type Agent,
  type AgentEvent,
  approve,
  memoryStore,
  type PermitCall,
  resume,
  run,
  type State,
  type Tool,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLog } from "./crash.js";
import { handTool } from "./helpers.js";

const look = handTool("look", () => "seen");
const pay = handTool("pay", () => "paid", { effects: "once", needsApproval: true });
const twoCalls = [toolUse("look"), toolUse("pay", { usd: 5 })];

const verdicts = async (agent: Agent, ...calls: ReturnType<typeof toolUse>[]) => {
  const store = memoryStore();
  const result = await run(agent, "Go.", { claude: scripted([calls, "Done."]), store, session: "s" });
  const checks = (await readLog(store)).flatMap((event) => (event.type === "tool.check" ? [event] : []));
  return {
    result,
    checks: checks.map(({ verdict, rule }) => (rule === undefined ? [verdict] : [verdict, rule])),
    log: await readLog(store),
  };
};

describe("a call that needs a person", () => {
  it("waits, while the other calls of its step still run", async () => {
    const { result, log } = await verdicts({ tools: [look, pay] }, ...twoCalls);
    expect(result).toMatchObject({
      status: "waiting",
      approvals: [{ session: "s", toolUseId: "toolu_2", tool: "pay", input: { usd: 5 } }],
    });
    expect(log.some((event) => event.type === "tool.end" && event.toolUseId === "toolu_1")).toBe(true);
    expect(log.some((event) => event.type === "tool.start" && event.toolUseId === "toolu_2")).toBe(false);
  });

  it("starts at once when it is allowed while others are still running, in the same process", async () => {
    let release = () => {};
    const slow = handTool(
      "slow",
      () =>
        new Promise<string>((resolve) => {
          release = () => resolve("slow done");
        }),
      { effects: "idempotent" },
    );
    const order: string[] = [];
    const quick = handTool(
      "quick",
      () => {
        order.push("quick ran");
        release();
        return "quick done";
      },
      { effects: "once", needsApproval: true },
    );
    const running = run({ tools: [slow, quick] }, "Go.", {
      claude: scripted([[toolUse("slow"), toolUse("quick")], "Done."]),
      onEvent: (event) => {
        if (event.type === "approval.request")
          setImmediate(() => running.approve("toolu_2", { approved: true }));
        if (event.type === "tool.end") order.push(`${event.name} ended`);
      },
    });
    expect(await running).toMatchObject({ status: "ended", text: "Done." });
    expect(order[0]).toBe("quick ran");
    expect(order).toHaveLength(3);
  });

  it("runs with the very input that was asked about, and only once", async () => {
    const inputs: unknown[] = [];
    const store = memoryStore();
    const paying = handTool("pay", (input) => inputs.push(input), { effects: "once", needsApproval: true });
    const agent = { tools: [paying] };
    await run(agent, "Go.", { claude: scripted([[toolUse("pay", { usd: 5 })]]), store, session: "s" });
    await approve(store, "s", "toolu_1", { approved: true });
    const result = await resume(agent, "s", { claude: scripted(["Done."]), store });
    expect(inputs).toEqual([{ usd: 5 }]);
    expect(result).toMatchObject({ text: "Done." });
    await resume(agent, "s", { claude: scripted([]), store });
    expect(inputs).toHaveLength(1);
  });

  it("is asked about by its input, and where that can't be told, a person is asked", async () => {
    const dear = handTool("pay", () => "paid", {
      needsApproval: async (input) => {
        const { usd } = input as { usd?: number };
        if (usd === undefined) throw new Error("no amount");
        return usd > 10;
      },
    });
    const { checks } = await verdicts(
      { tools: [dear] },
      toolUse("pay", { usd: 5 }),
      toolUse("pay", { usd: 50 }),
      toolUse("pay", {}),
    );
    expect(checks.sort()).toEqual([["allow"], ["ask", "needsApproval"], ["ask", "needsApproval"]]);
  });

  it("is asked about what parse has made of the input, methods and all, and changes nothing of it", async () => {
    class Money {
      usd: number;
      constructor(usd: number) {
        this.usd = usd;
      }
      isLarge(): boolean {
        return this.usd > 10;
      }
    }
    const paid: unknown[] = [];
    const tool: Tool<Money> = {
      name: "pay",
      parse: (input) => new Money((input as { usd: number }).usd),
      needsApproval: (money) => {
        const isLarge = money.isLarge();
        money.usd = 0;
        return isLarge;
      },
      run: ({ usd }) => paid.push(usd),
    };
    const { checks } = await verdicts(
      { tools: [tool] },
      toolUse("pay", { usd: 5 }),
      toolUse("pay", { usd: 50 }),
    );
    expect(checks).toEqual([["allow"], ["ask", "needsApproval"]]);
    expect(paid).toEqual([5]);
  });
});

describe("permit", () => {
  it("sees the call and the state, and its answer is in the log", async () => {
    const seen: [PermitCall, State][] = [];
    const permit: NonNullable<Agent["permit"]> = (call, state) => {
      seen.push([call, state]);
      return "deny";
    };
    const { result, checks } = await verdicts(
      { tools: [look], permit, eager: false },
      toolUse("look", { at: 1 }),
    );
    expect(seen[0]).toMatchObject([
      { toolUseId: "toolu_1", name: "look", input: { at: 1 } },
      { session: "s", run: { steps: 1 } },
    ]);
    expect(checks).toEqual([["deny", "permit"]]);
    expect(result.messages[2]?.content).toMatchObject([
      { is_error: true, content: expect.stringMatching(/^Denied: look/) },
    ]);
  });

  it("is asked once a call, whether the call could have started early or not", async () => {
    for (const answer of ["deny", "ask", "allow"] as const) {
      const asked: string[] = [];
      const permit = ({ toolUseId }: PermitCall) => {
        asked.push(toolUseId);
        return answer;
      };
      await verdicts({ tools: [look], permit }, toolUse("look"), toolUse("look", { again: true }));
      expect(asked).toEqual(["toolu_1", "toolu_2"]);
    }
  });

  it("holds back eager calls too", async () => {
    const ran: string[] = [];
    const tool = handTool("look", () => ran.push("ran"));
    await verdicts({ tools: [tool], permit: () => "deny" }, toolUse("look"));
    expect(ran).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["throws", () => JSON.parse("{")],
    ["answers nothing", () => undefined],
    ["answers nonsense", () => "maybe"],
    ["answers later", async () => "allow"],
  ])("that %s denies", async (_what, permit) => {
    const { checks } = await verdicts({ tools: [look], permit: permit as never }, toolUse("look"));
    expect(checks).toEqual([["deny", "permit"]]);
  });

  it("and needsApproval together give the strictest of both", async () => {
    const order = ["allow", "ask", "deny"] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...order), fc.boolean(), async (permitted, needed) => {
        const tool = handTool("look", () => "seen", { needsApproval: needed });
        const { checks } = await verdicts({ tools: [tool], permit: () => permitted }, toolUse("look"));
        const strictest = Math.max(order.indexOf(permitted), needed ? 1 : 0);
        expect(checks[0]?.[0]).toBe(order[strictest]);
      }),
      { numRuns: 20 },
    );
  });

  it("can't change the call it is asked about, or the history", async () => {
    const permit: NonNullable<Agent["permit"]> = (call, state) => {
      (call.input as { at: number }).at = 2;
      expect(() => (state.messages as unknown[]).push("forged")).toThrow();
      return "allow";
    };
    const { result } = await verdicts({ tools: [look], permit }, toolUse("look", { at: 1 }));
    expect(result.messages[1]?.content).toMatchObject([{ input: { at: 1 } }]);
  });
});

describe("what is committed", () => {
  it("can't be changed by whoever watches, holds the result, or stands between", async () => {
    const store = memoryStore();
    const tamper = (event: AgentEvent | object): void => {
      if ("message" in event)
        (event as { message: { content: { text: string }[] } }).message.content[0]!.text = "forged";
    };
    const claude = scripted(["One.", "Two."]);
    const meddling: typeof claude = Object.assign(
      async (request: Parameters<typeof claude>[0], call: Parameters<typeof claude>[1]) => {
        const reply = await claude(request, call);
        request.messages.push({ role: "user", content: "forged" });
        return reply;
      },
      claude,
    );
    const first = await run({}, "Go.", { claude: meddling, store, session: "s", onEvent: tamper });
    expect(() => {
      (first.messages[1]!.content as { text: string }[])[0]!.text = "forged";
    }).toThrow();
    const second = await run({}, "More.", { claude: meddling, store, session: "s" });
    expect(JSON.stringify(second.messages)).not.toContain("forged");
  });
});
