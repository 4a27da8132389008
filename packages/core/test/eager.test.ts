import {
  type AgentEvent,
  BrokenStreamError,
  type Claude,
  memoryStore,
  type Permit,
  run,
  type Store,
  type ToolCall,
} from "@lockstitch/core";
import { scripted, streamEvents, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool, types, virtualTime } from "./helpers.js";
import { message } from "./sse-server.js";

/** Lets everything that is ready to happen happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A model whose first reply asks for get_weather, and stops short of its end until `release` is called. */
function pausing(stopReason = "tool_use") {
  const reply = { ...message, stop_reason: stopReason as "tool_use" };
  const rest = scripted(["Done."]);
  const paused = gate();
  const released = gate();
  let calls = 0;
  const claude: Claude = async (request, call) => {
    if (calls++ > 0) return rest(request, call);
    for (const event of streamEvents(reply)) {
      if (event.type === "message_delta") {
        paused.open();
        await released.passed;
      }
      call.emit(event);
    }
    return reply;
  };
  const isPaused = async () => {
    await paused.passed;
    await settle();
  };
  return { claude, isPaused, release: released.open };
}

/** A model whose first reply asks for `look` so often, and gives whatever is ready time between its events. */
function slowly(calls: number, onReply: () => void): Claude {
  const last = scripted(["Done."]);
  let steps = 0;
  return async (request, call) => {
    if (steps++ > 0) return last(request, call);
    const content = Array.from({ length: calls }, (_, index) => ({
      type: "tool_use",
      id: `toolu_${index + 1}`,
      name: "look",
      input: { n: index + 1 },
    }));
    const reply = { ...message, content, stop_reason: "tool_use" } as unknown as typeof message;
    for (const event of streamEvents(reply)) {
      call.emit(event);
      await settle();
    }
    onReply();
    return reply;
  };
}

function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

describe("a call of a tool without effects", () => {
  it("starts as soon as its block ends, while the reply still streams, and is committed with it", async () => {
    const order: string[] = [];
    const weather = handTool("get_weather", (input) => {
      order.push("ran");
      return input;
    });
    const { claude, isPaused, release } = pausing();
    const store = memoryStore();
    const running = run({ tools: [weather] }, "Go.", {
      claude,
      store,
      session: "s",
      onEvent: ({ type }) => order.push(type),
    });
    await isPaused();
    expect(order.at(-1)).toBe("ran");
    expect(order).not.toContain("message");
    release();
    const result = await running;
    expect(order.filter((entry) => entry === "ran")).toHaveLength(1);
    expect(result.messages[2]?.content).toMatchObject([
      { tool_use_id: "toolu_1", content: JSON.stringify({ location: "Oslo", days: [1, 2] }) },
    ]);

    const events: AgentEvent[] = [];
    for await (const event of store.read("s")) events.push(event);
    const from = types(events).indexOf("message");
    expect(types(events).slice(from, from + 5)).toEqual([
      "message",
      "tool.check",
      "tool.start",
      "tool.end",
      "step.end",
    ]);
  });

  it("that is still running when its reply ends is waited for, not started again", async () => {
    let started = 0;
    let finish = (_: string) => {};
    const slow = handTool("get_weather", () => {
      started += 1;
      return new Promise<string>((resolve) => {
        finish = resolve;
      });
    });
    const { claude, isPaused, release } = pausing();
    const running = run({ tools: [slow] }, "Go.", { claude });
    await isPaused();
    release();
    await settle();
    finish("late");
    expect((await running).messages[2]?.content).toMatchObject([{ content: "late" }]);
    expect(started).toBe(1);
  });

  it.each(["max_tokens", "end_turn", "refusal", "a_reason_of_tomorrow"])(
    "is aborted and forgotten when its reply ends with %s instead",
    async (stopReason) => {
      let call: ToolCall | undefined;
      const slow = handTool("get_weather", (_input, it) => {
        call = it;
        return new Promise(() => {});
      });
      const { claude, isPaused, release } = pausing(stopReason);
      const running = run({ tools: [slow] }, "Go.", { claude });
      await isPaused();
      expect(call?.signal.aborted).toBe(false);
      release();
      const result = await running;
      expect(result).toMatchObject({ reason: stopReason });
      expect(call?.signal.aborted).toBe(true);
      if (stopReason !== "refusal")
        expect(result.messages[2]?.content).toMatchObject([{ is_error: true, content: /Not run/ }]);
    },
  );

  it.each<[string, Parameters<typeof handTool>[2], boolean]>([
    ["has effects", { effects: "once" }, true],
    ["may be repeated but has effects", { effects: "idempotent" }, true],
    ["doesn't say what it does", { effects: undefined as never }, true],
    ["must run alone", { alone: true }, true],
    ["is of an agent that is not eager", {}, false],
  ])("waits for the whole reply where the tool %s", async (_why, more, eager) => {
    const seen: string[] = [];
    const tool = handTool("get_weather", () => seen.push("ran"), more);
    const { claude, isPaused, release } = pausing();
    const running = run({ tools: [tool], eager }, "Go.", { claude, onEvent: ({ type }) => seen.push(type) });
    await isPaused();
    expect(seen).not.toContain("ran");
    release();
    await running;
    expect(seen.indexOf("tool.start")).toBeLessThan(seen.indexOf("ran"));
    expect(seen.indexOf("message")).toBeLessThan(seen.indexOf("ran"));
  });

  it("runs eagerly at most as often at once as tools may run side by side", async () => {
    let running = 0;
    let most = 0;
    const slow = handTool("slow", async () => {
      most = Math.max(most, ++running);
      await settle();
      running -= 1;
    });
    const calls = Array.from({ length: 6 }, () => toolUse("slow"));
    await run({ tools: [slow], limits: { maxParallelTools: 2 } }, "Go.", {
      claude: scripted([calls, "Done."]),
    });
    expect(most).toBe(2);
  });

  it("starts although as many were started before, once those have ended", async () => {
    const order: string[] = [];
    const look = handTool("look", async () => void order.push("looked"));
    const claude = slowly(3, () => order.push("replied"));
    await run({ tools: [look], limits: { maxParallelTools: 1 } }, "Go.", { claude });
    expect(order).toEqual(["looked", "looked", "looked", "replied"]);
  });

  it.each<[string, Partial<Parameters<typeof handTool>[2]> & object]>([
    ["a person is asked about", { needsApproval: () => settle().then(() => false) }],
    [
      "is looked at for long",
      {
        parse: (input: unknown) =>
          settle()
            .then(settle)
            .then(() => input),
      },
    ],
  ])("that %s when its reply ends is asked about once", async (_what, more) => {
    let asked = 0;
    const look = handTool("look", () => "seen", more);
    const permit = () => {
      asked += 1;
      return "allow" as const;
    };
    const claude = scripted([[toolUse("look")], "Done."]);
    expect(await run({ tools: [look], permit }, "Go.", { claude })).toMatchObject({ text: "Done." });
    expect(asked).toBe(1);
  });

  it("that is denied takes no place of those that may run", async () => {
    const order: string[] = [];
    const look = handTool("look", () => void order.push("looked"));
    const claude = slowly(2, () => order.push("replied"));
    const permit: Permit = ({ toolUseId }) => (toolUseId === "toolu_1" ? "deny" : "allow");
    await run({ tools: [look], permit, limits: { maxParallelTools: 1 } }, "Go.", { claude });
    expect(order).toEqual(["looked", "replied"]);
  });

  it("whose reply could not be committed is aborted, like all others of it", async () => {
    const signals: AbortSignal[] = [];
    const slow = handTool("slow", (_input, { signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const inner = memoryStore();
    const store: Store = {
      ...inner,
      open: async (...given) => {
        const log = await inner.open(...given);
        const append: typeof log.append = (bodies, options) =>
          bodies.some(({ type }) => type === "message")
            ? Promise.reject(new Error("disk full"))
            : log.append(bodies, options);
        return { ...log, append };
      },
    };
    const claude: Claude = async (_request, call) => {
      const content = [{ type: "tool_use", id: "toolu_1", name: "slow", input: {} }];
      const reply = { ...message, content, stop_reason: "tool_use" } as unknown as typeof message;
      for (const event of streamEvents(reply)) call.emit(event);
      await settle();
      return reply;
    };
    await expect(run({ tools: [slow] }, "Go.", { claude, store })).rejects.toThrow(/disk full/);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("whose reply breaks is aborted, and runs again for the reply that holds", async () => {
    const signals: AbortSignal[] = [];
    const slow = handTool("get_weather", (_input, { signal }) => {
      signals.push(signal);
      return "sunny";
    });
    let attempts = 0;
    const claude: Claude = async (request, call) => {
      attempts += 1;
      if (attempts > 2) return scripted(["Done."])(request, call);
      for (const event of streamEvents(message)) call.emit(event);
      await settle();
      if (attempts === 1) throw new BrokenStreamError("cut off");
      return message;
    };
    const shown: string[] = [];
    const result = await run({ tools: [slow] }, "Go.", {
      claude,
      environment: virtualTime(),
      onEvent: ({ type }) => shown.push(type),
    });
    expect(result.text).toBe("Done.");
    expect(signals).toHaveLength(2);
    expect(shown.filter((type) => type === "tool.start")).toHaveLength(1);
    expect(shown).toContain("message.restart");
  });

  it("shows its progress once its reply holds, and nothing of a reply that broke", async () => {
    const tool = handTool("get_weather", async (_input, { progress }) => {
      progress("half");
      await settle();
      progress("whole");
      return "sunny";
    });
    let attempts = 0;
    const claude: Claude = async (request, call) => {
      attempts += 1;
      if (attempts > 2) return scripted(["Done."])(request, call);
      for (const event of streamEvents(message)) call.emit(event);
      await Promise.resolve();
      if (attempts === 1) throw new BrokenStreamError("cut off");
      return message;
    };
    const shown: unknown[] = [];
    await run({ tools: [tool] }, "Go.", {
      claude,
      environment: virtualTime(),
      onEvent: (event) => {
        if (event.type === "tool.delta") shown.push(event.value);
        if (["message.restart", "tool.start", "tool.end"].includes(event.type)) shown.push(event.type);
      },
    });
    expect(shown).toEqual(["message.restart", "tool.start", "half", "whole", "tool.end"]);
  });
});

describe("a tool that must run alone", () => {
  it("runs beside no other call", async () => {
    const log: string[] = [];
    const work = (name: string, alone: boolean) =>
      handTool(
        name,
        async () => {
          log.push(`${name} starts`);
          await settle();
          log.push(`${name} ends`);
        },
        { alone },
      );
    await run({ tools: [work("solo", true), work("group", false)] }, "Go.", {
      claude: scripted([[toolUse("solo"), toolUse("group"), toolUse("solo"), toolUse("group")], "Done."]),
    });
    expect(log).toEqual([
      ...["group starts", "group starts", "group ends", "group ends"],
      ...["solo starts", "solo ends", "solo starts", "solo ends"],
    ]);
  });
});

describe("a tool with a time limit", () => {
  it.each([
    ["none", "get_weather did not finish within 50 ms and was given up."],
    [
      "once",
      "get_weather did not finish within 50 ms and was given up. It may or may not have had its effects: its outcome is unknown.",
    ],
  ] as const)(
    "and effects %s is given up when its time is up, whatever it does",
    async (effects, content) => {
      let signal: AbortSignal | undefined;
      const stuck = handTool(
        "get_weather",
        (_input, call) => {
          signal = call.signal;
          return new Promise(() => {});
        },
        { timeoutMs: 50, effects },
      );
      const claude = scripted([[toolUse("get_weather")], "Sorry."]);
      const result = await run({ tools: [stuck] }, "Go.", { claude, environment: virtualTime() });
      expect(result.messages[2]?.content).toMatchObject([{ is_error: true, content }]);
      expect(signal?.aborted).toBe(true);
    },
  );
});
