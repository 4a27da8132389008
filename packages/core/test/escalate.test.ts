import Anthropic from "@anthropic-ai/sdk";
import {
  AgentError,
  type AgentEvent,
  claude,
  type Delta,
  escalate,
  memoryStore,
  partialOf,
  type Result,
  type RunOptions,
  run,
} from "@lockstitch/core";
import { createSimulator, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { apiError, handTool, virtualTime } from "./helpers.js";

const [cheap, dear] = ["claude-haiku-5-5", "claude-opus-5-5"];
const to = [cheap, dear];
const usage = { input_tokens: 1_000, output_tokens: 100 };
const check = ({ text }: { readonly text: string }) => text.includes("sure");

describe("escalate()", () => {
  it("asks the cheap model alone where its answer will do", async () => {
    const ask = scripted([{ content: "I am sure.", usage }]);
    const result = await escalate({}, "Hi", { to, check, claude: ask });
    expect(ask.requests.map(({ model }) => model)).toEqual([cheap]);
    expect(result).toMatchObject({
      text: "I am sure.",
      model: cheap,
      passed: true,
      reason: "end_turn",
      steps: 1,
    });
    expect(result.attempts).toHaveLength(1);
  });

  it.each<[string, (result: { readonly text: string }) => boolean | Promise<boolean>]>([
    ["says false", check],
    ["says it later", async (result) => check(result)],
    ["throws", (result) => JSON.parse(result.text.includes("sure") ? "true" : result.text)],
    ["rejects", async (result) => JSON.parse(result.text.includes("sure") ? "true" : result.text)],
  ])("asks the next model the same where the check %s, and sums up what was paid", async (_how, isGood) => {
    const ask = scripted([
      { content: "Perhaps.", usage },
      { content: "I am sure.", usage },
    ]);
    const result = await escalate({ system: "Be sure." }, "Hi", { to, check: isGood, claude: ask });
    const [first, second] = ask.requests;
    expect({ ...first, model: dear }).toEqual(second);
    expect(result).toMatchObject({ text: "I am sure.", model: dear, passed: true, steps: 2 });
    expect(result.usage).toMatchObject({ input_tokens: 2_000, output_tokens: 200 });
    const [one, two] = result.attempts.map(({ cost }) => cost.usd ?? 0);
    expect(result.cost.usd).toBeCloseTo((one ?? 0) + (two ?? 0), 12);
    expect(one).toBeLessThan((two ?? 0) / 10);
  });

  it("tells what a check threw, and gives the last answer where none will do", async () => {
    const broken = new TypeError("a bug in the check");
    const result = await escalate({}, "Hi", {
      to,
      claude: scripted(["One.", "Two."]),
      check: () => {
        throw broken;
      },
    });
    expect(result).toMatchObject({ text: "Two.", model: dear, passed: false });
    expect(result.attempts.map(({ error }) => error)).toEqual([broken, broken]);
  });

  it.each(["refusal", "max_tokens", "pause_turn"])(
    "does not put an answer before the check that ended with %s",
    async (stop_reason) => {
      const seen: string[] = [];
      const result = await escalate({}, "Hi", {
        to,
        claude: scripted([{ content: "I am sure.", stop_reason }, "Sure, too."]),
        check: ({ text }) => seen.push(text) > 0,
      });
      expect(seen).toEqual(["Sure, too."]);
      expect(result.model).toBe(dear);
    },
  );

  it("shows each attempt's events, in a session of its own that the store keeps", async () => {
    const store = memoryStore();
    const events: (AgentEvent | Delta)[] = [];
    const options = {
      to,
      check,
      store,
      session: "q",
      onEvent: (event: AgentEvent | Delta) => events.push(event),
    };
    const result = await escalate({}, "Hi", { ...options, claude: scripted(["Perhaps.", "I am sure."]) });
    expect(result.attempts.map(({ session }) => session)).toEqual(["q:1", "q:2"]);
    expect(new Set(events.map(({ session }) => session))).toEqual(new Set(["q:1", "q:2"]));
    expect(events.filter(({ type }) => type === "run.end")).toHaveLength(2);
    const kept: string[] = [];
    for await (const { session } of store.list()) kept.push(session);
    expect(kept.sort()).toEqual(["q:1", "q:2"]);
    // Start-or-resume: what was answered is not asked again.
    const again = await escalate({}, "Hi", { ...options, ifExists: "resume", claude: scripted([]) });
    expect(again).toMatchObject({ text: "I am sure.", model: dear, usage: result.usage });
  });

  it("ends with an abort, and asks nobody else", async () => {
    const controller = new AbortController();
    const ask = scripted([
      () => {
        controller.abort();
        return "Perhaps.";
      },
    ]);
    const result = await escalate({}, "Hi", { to, check, claude: ask, signal: controller.signal });
    expect(result).toMatchObject({ reason: "aborted", passed: false, model: cheap });
    expect(ask.requests).toHaveLength(1);
  });

  it("rejects with a model call that failed for good, and knows the sum of all attempts", async () => {
    const ask = scripted([{ content: "Perhaps.", usage }, apiError(400, "invalid_request_error")]);
    const error = await escalate({}, "Hi", { to, check, claude: ask }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 400 });
    expect(partialOf(error)?.usage.input_tokens).toBe(1_000);
  });

  it("refuses tools with effects, and says the way out, unless the caller accepts", async () => {
    // Two models may put different things in the same place: what may be repeated is not what may be done twice.
    for (const effects of ["once", "idempotent"] as const) {
      const refused = escalate({ tools: [handTool("pay", () => "paid", { effects })] }, "Hi", {
        ...{ to, check },
        claude: scripted([]),
      });
      await expect(refused).rejects.toBeInstanceOf(AgentError);
      await expect(refused).rejects.toThrow(
        new RegExp(`"pay" may have effects \\("${effects}"\\).*repeatEffects: true`),
      );
    }
    const pay = handTool("pay", () => "paid", { effects: "once" });
    const accepted = await escalate({ tools: [pay] }, "Hi", {
      ...{ to, check, repeatEffects: true },
      claude: scripted([[toolUse("pay")], "Perhaps.", [toolUse("pay")], "I am sure."]),
    });
    expect(accepted).toMatchObject({ passed: true, steps: 4 });
    const look = handTool("look", () => "seen");
    const reads = scripted([[toolUse("look")], "I am sure."]);
    expect((await escalate({ tools: [look] }, "Hi", { to, check, claude: reads })).passed).toBe(true);
  });

  it("leaves a call that waits for a person to that person", async () => {
    const look = handTool("look", () => "seen", { needsApproval: true });
    const options = { to, check, store: memoryStore(), session: "q" };
    const result = await escalate({ tools: [look] }, "Hi", {
      ...options,
      claude: scripted([[toolUse("look")]]),
    });
    expect(result).toMatchObject({ status: "waiting", passed: false, approvals: [{ session: "q:1" }] });
  });

  it("keeps one limit on tokens and one on money for all attempts together", async () => {
    const asked: number[] = [];
    const reply = (text: string) => (request: { max_tokens: number }) => {
      asked.push(request.max_tokens);
      return { content: text, usage: { input_tokens: 1_000, output_tokens: 5_000 } };
    };
    const limits = { maxTotalTokens: 10_000 };
    const result = await escalate({ limits }, "Hi", {
      ...{ to, check },
      claude: scripted([reply("Perhaps."), reply("I am sure.")]),
    });
    expect(result.passed).toBe(true);
    expect(asked[0]).toBeGreaterThan(9_000);
    expect(asked[1]).toBeLessThan(4_000);
    // Haiku leaves next to nothing: the dearer model isn't asked for what is not there.
    const usd = 0.004;
    const spent = await escalate({ limits: { usd } }, "Hi", {
      to,
      check,
      claude: scripted([reply("Perhaps.")]),
    });
    expect(spent.passed).toBe(false);
    expect(spent.cost.usd).toBeLessThanOrEqual(usd);
  });

  it("refuses a model without a price before anything is spent on the others", async () => {
    const ask = scripted([]);
    const refused = escalate({ limits: { usd: 1 } }, "Hi", {
      to: [cheap, "nobody-knows"],
      check,
      claude: ask,
    });
    await expect(refused).rejects.toThrow(/needs the price of "nobody-knows"/);
    expect(ask.requests).toHaveLength(0);
  });

  it.each<[string, object, RegExp]>([
    ["no models", { to: [], check }, /needs the models to ask/],
    ["no check", { to }, /needs a check/],
    ["an unknown option", { to, check, retries: 3 }, /no option "retries"/],
  ])("refuses %s", async (_what, options, words) => {
    await expect(escalate({}, "Hi", options as never)).rejects.toThrow(words);
  });
});

describe("what escalate() saves", () => {
  /** A hundred questions of which the small model answers four in five well. Each way has a simulator of its own, and so a cold cache. */
  async function costOf(one: (question: string, options: RunOptions) => PromiseLike<Pick<Result, "cost">>) {
    const simulator = await createSimulator({
      mind: ({ model, messages }) => {
        const number = Number(/\d+/.exec(JSON.stringify(messages))?.[0]);
        const good = model !== cheap || number % 5 !== 0;
        return { content: `${good ? "The answer is" : "I do not know"}: ${"word ".repeat(150)}` };
      },
    });
    const ask = claude({ client: new Anthropic({ apiKey: "any", baseURL: simulator.url }) });
    let usd = 0;
    for (let number = 0; number < 100; number++) {
      const question = `Question ${number}. ${"context ".repeat(400)}`;
      usd += (await one(question, { claude: ask, environment: virtualTime() })).cost.usd ?? Number.NaN;
    }
    await simulator.close();
    return usd;
  }

  it("is three quarters of what the dear model alone costs, where Haiku answers four in five", {
    timeout: 60_000,
  }, async () => {
    const isAnswer = ({ text }: { readonly text: string }) => text.startsWith("The answer");
    const ratioTo = async (model: string) =>
      (await costOf((question, options) =>
        escalate({}, question, { to: [cheap, model], check: isAnswer, ...options }),
      )) / (await costOf((question, options) => run({ model }, question, options)));
    const [opus, sonnet] = [await ratioTo(dear), await ratioTo("claude-sonnet-5-5")];
    console.info(
      `escalate(): ${opus.toFixed(3)} of Opus 5.5 alone, ${sonnet.toFixed(3)} of Sonnet 5.5 alone`,
    );
    expect(opus).toBeCloseTo(0.225, 2);
    expect(sonnet).toBeCloseTo(0.25, 2);
  });

  it("refuses an agent with a model of its own, which it would ignore", async () => {
    const never = { to, check, claude: scripted([]) };
    await expect(escalate({ model: dear }, "Go.", never)).rejects.toThrow(/agent\.model .* would be ignored/);
  });
});
