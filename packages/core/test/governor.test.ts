import Anthropic from "@anthropic-ai/sdk";
import {
  AgentError,
  type Claude,
  claude,
  createGovernor,
  type Governor,
  type GovernorOptions,
  governed,
  type ModelCall,
  type ModelRequest,
  QueueFullError,
  type RateTierName,
  type Wait,
} from "@lockstitch/core";
import { afterEach, describe, expect, it } from "vitest";
import { retryBudgetOf } from "../src/claude/retry-budget.js";
import { apiError } from "./helpers.js";
import { handClock, turns } from "./nth-fault/clock.js";
import {
  type Answer,
  begin,
  message,
  plainRequest as request,
  type SseServer,
  serve,
  wholeStream,
} from "./sse-server.js";

let server: SseServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A stage on which calls are let in, and their answers told, by hand. */
function stage(options: GovernorOptions = {}) {
  const clock = handClock();
  const governor = createGovernor({ clock, ...options });
  const entered: string[] = [];
  const enter = (name: string, call: Partial<ModelCall> = {}, more: Partial<ModelRequest> = {}) => {
    const waits: number[] = [];
    const emit = (event: { readonly type: string }): void => {
      if (event.type === "wait") waits.push((event as Wait).ms);
    };
    const admission = governor.enter(
      { ...request, ...more },
      { signal: new AbortController().signal, emit, ...call },
    );
    admission.then(
      () => entered.push(name),
      () => {},
    );
    return { admission, waits };
  };
  return { clock, governor, entered, enter };
}

const usage = (input: number, output: number, read = 0) => ({
  input_tokens: input,
  output_tokens: output,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: read,
});

function head(values: Record<string, string>, status = 200): { status: number; headers: Headers } {
  const entries = Object.entries(values).map(([name, value]): [string, string] => [
    name === "retry-after" ? name : `anthropic-ratelimit-${name}`,
    value,
  ]);
  return { status, headers: new Headers(entries) };
}

describe("a governor", () => {
  it("begins with a tier, and lets go what its bucket holds and then what flows in", async () => {
    const { clock, entered, enter } = stage({ tier: "introductionFree" });
    const calls = Array.from({ length: 8 }, (_, index) => enter(`${index}`));
    await turns(1);
    expect(entered).toHaveLength(5);
    for (const { admission } of calls.slice(0, 5)) (await admission).leave(usage(10, 5));
    clock.advance(11_999);
    await turns(1);
    expect(entered).toHaveLength(5);
    clock.advance(1);
    await turns(1);
    expect(entered).toHaveLength(6);
    clock.advance(24_000);
    await turns(1);
    expect(entered).toHaveLength(8);
    expect(clock.pending()).toBe(0);
  });

  it("knows nothing at first: four go ahead, and the others go by what their headers say", async () => {
    const { entered, enter } = stage();
    const calls = Array.from({ length: 20 }, (_, index) => enter(`${index}`));
    await turns(1);
    expect(entered).toHaveLength(4);
    const first = await calls[0]?.admission;
    first?.answered(head({ "requests-limit": "10", "requests-remaining": "9" }));
    first?.counted(usage(10, 1));
    await turns(1);
    // One is counted, three are under way and may not have been: six are left of nine.
    expect(entered).toHaveLength(10);
  });

  it("lets all go once an answer shows that there are no limits to be seen, or when no answer has come for five seconds", async () => {
    const free = stage();
    const calls = Array.from({ length: 20 }, (_, index) => free.enter(`${index}`));
    (await calls[0]?.admission)?.answered(head({}));
    await turns(1);
    expect(free.entered).toHaveLength(20);

    const silent = stage();
    for (let index = 0; index < 20; index++) silent.enter(`${index}`);
    silent.clock.advance(4_999);
    await turns(1);
    expect(silent.entered).toHaveLength(4);
    silent.clock.advance(1);
    await turns(1);
    expect(silent.entered).toHaveLength(20);
  });

  it("lets sessions in by turns, and each one's calls in the order they came", async () => {
    const { clock, entered, enter } = stage({ limits: { requests: 1 } });
    const calls = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"].map((name) =>
      enter(name, { session: name.slice(0, 1) }),
    );
    for (let minute = 0; minute < calls.length; minute++) {
      await turns(1);
      expect(entered).toHaveLength(minute + 1);
      const newest = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"].indexOf(entered.at(-1) ?? "");
      (await calls[newest]?.admission)?.leave(usage(1, 1));
      clock.advance(60_000);
    }
    expect(entered).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
  });

  it("lets no more wait than it may, and says the way out", async () => {
    const { entered, enter } = stage({ limits: { requests: 1 }, maxQueue: 2 });
    for (const name of ["goes", "waits", "waits too"]) enter(name);
    const refused = enter("too many", {}, { model: "claude-opus-5-5" });
    await turns(1);
    // Another class of models has limits of its own.
    expect(entered).toEqual(["goes", "too many"]);
    await expect(refused.admission).resolves.toBeDefined();
    const error = await enter("one too many").admission.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error).toMatchObject({
      reason: "queue_full",
      waiting: 2,
      message: expect.stringMatching(/maxQueue/),
    });
  });

  it("lets go of a waiting call as soon as its signal aborts, and leaves no timer and no listener", async () => {
    const { clock, entered, enter } = stage({ limits: { requests: 1 } });
    const controller = new AbortController();
    const listeners = new Set<unknown>();
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      // One that has been called is gone by itself.
      expect(args[2]).toMatchObject({ once: true });
      listeners.add(args[1]);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.delete(args[1]);
      remove(...args);
    };
    (await enter("goes").admission).leave(usage(1, 1));
    const waiting = enter("waits", { signal });
    const next = enter("next", { signal });
    await turns(1);
    expect([clock.pending(), listeners.size]).toEqual([1, 1]);
    clock.advance(60_000);
    await turns(1);
    expect(entered).toEqual(["goes", "waits"]);
    (await waiting.admission).leave(usage(1, 1));
    expect(clock.pending()).toBe(1);
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    await expect(next.admission).rejects.toBe(reason);
    expect(clock.pending()).toBe(0);
    await expect(enter("late", { signal }).admission).rejects.toBe(reason);
    const after = enter("after");
    clock.advance(60_000);
    (await after.admission).leave();
    expect([entered, clock.pending()]).toEqual([["goes", "waits", "after"], 0]);
  });

  it("takes its listener off a signal when a call's turn has come", async () => {
    const { clock, enter } = stage({ limits: { requests: 1 } });
    (await enter("goes").admission).leave(usage(1, 1));
    const { signal } = new AbortController();
    let removed = 0;
    const remove = signal.removeEventListener.bind(signal);
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      removed += 1;
      remove(...args);
    };
    const waiting = enter("waits", { signal });
    clock.advance(60_000);
    await waiting.admission;
    expect(removed).toBe(1);
  });

  it("shows once how long a call may wait, and again only when that has changed a lot", async () => {
    const { clock, enter } = stage({ limits: { requests: 2 } });
    const going = await Promise.all([enter("1").admission, enter("2").admission]);
    const third = enter("3");
    const fourth = enter("4");
    await turns(1);
    expect([third.waits, fourth.waits]).toEqual([[30_000], [60_000]]);
    going[0]?.leave(usage(1, 1));
    going[1]?.leave(usage(1, 1));
    clock.advance(10_000);
    await turns(1);
    expect([third.waits, fourth.waits]).toEqual([[30_000], [60_000]]);
    const other = await enter("another class", {}, { model: "claude-opus-5" }).admission;
    other.answered(head({ "retry-after": "500" }, 429));
    expect(third.waits).toEqual([30_000]);
    clock.advance(20_000);
    const admitted = await third.admission;
    admitted.answered(head({ "retry-after": "300" }, 429));
    await turns(1);
    expect(fourth.waits).toEqual([60_000, 300_000]);
  });

  it("stops all calls after a 429 until the time that it names, but not by a good answer that names one", async () => {
    const { clock, entered, enter } = stage();
    const first = await enter("first").admission;
    first.answered(head({ "retry-after": "24", "requests-limit": "50", "requests-remaining": "49" }));
    first.leave(usage(1, 1));
    const second = await enter("second").admission;
    second.answered(head({ "retry-after": "30" }, 429));
    second.leave();
    for (let index = 0; index < 10; index++) enter(`later ${index}`);
    clock.advance(29_999);
    await turns(1);
    expect(entered).toEqual(["first", "second"]);
    clock.advance(1);
    await turns(1);
    expect(entered).toHaveLength(12);
  });

  it("takes no pause of more than ten minutes on trust: then a call goes and asks again", async () => {
    const { clock, entered, enter } = stage();
    const first = await enter("first").admission;
    first.answered(head({ "retry-after": "86400" }, 429));
    first.leave();
    enter("second");
    clock.advance(599_999);
    await turns(1);
    expect(entered).toEqual(["first"]);
    clock.advance(1);
    await turns(1);
    expect(entered).toEqual(["first", "second"]);
  });

  it("no longer counts a call that was given up among those ahead", async () => {
    const { enter } = stage({ limits: { requests: 2 } });
    await Promise.all([enter("1").admission, enter("2").admission]);
    const controller = new AbortController();
    const given = [3, 4, 5].map((name) => enter(`${name}`, { signal: controller.signal }));
    controller.abort(new Error("no longer wanted"));
    for (const { admission } of given) await expect(admission).rejects.toThrow("no longer wanted");
    const next = enter("next");
    await turns(1);
    expect(next.waits).toEqual([30_000]);
  });

  it("takes a refused call for not spent, a broken one for spent", async () => {
    const { entered, enter } = stage({ limits: { requests: 3 } });
    (await enter("refused").admission).answered({ status: 500, headers: new Headers() });
    const refused = await enter("refused too").admission;
    refused.answered({ status: 400, headers: new Headers() });
    refused.leave();
    (await enter("broken").admission).leave();
    enter("fits");
    enter("waits");
    await turns(1);
    expect(entered).toEqual(["refused", "refused too", "broken", "fits"]);
  });

  it("counts the input that is new: what is read from the cache is free, and what was cached before is taken to be read", async () => {
    const { clock, entered, enter } = stage({ limits: { inputTokens: 10_000 } });
    const long = "x".repeat(28_000);
    const turn = (text: string) => ({ messages: [{ role: "user" as const, content: text }] });
    const first = await enter("8,000 tokens", { session: "a" }, turn(long)).admission;
    first.leave({ ...usage(100, 5), cache_creation_input_tokens: 7_900 });
    // By its length it would be more than 8,000; but nearly all of that is cached.
    const second = enter("goes on", { session: "a" }, turn(`${long}${"y".repeat(245)}`));
    (await second.admission).leave(usage(170, 5, 7_900));
    const strange = enter("has nothing cached", { session: "b" }, turn(long));
    await turns(1);
    expect(entered).toEqual(["8,000 tokens", "goes on"]);
    clock.advance(60_000);
    await strange.admission;
    expect(entered).toHaveLength(3);
  });

  it("counts all of a session's input again once its cache may be gone, after five minutes", async () => {
    const { clock, entered, enter } = stage({ limits: { inputTokens: 10_000 } });
    const turn = { messages: [{ role: "user" as const, content: "x".repeat(28_000) }] };
    (await enter("first", { session: "a" }, turn).admission).leave({
      ...usage(100, 5),
      cache_creation_input_tokens: 7_900,
    });
    clock.advance(299_999);
    const soon = ["1", "2", "3"].map((name) => enter(`soon ${name}`, { session: "a" }, turn));
    await turns(1);
    expect(entered).toEqual(["first", "soon 1", "soon 2", "soon 3"]);
    for (const { admission } of soon) (await admission).leave();
    clock.advance(300_000);
    for (const name of ["1", "2", "3"]) enter(`late ${name}`, { session: "a" }, turn);
    await turns(1);
    expect(entered.slice(4)).toEqual(["late 1"]);
  });

  const source = (type: string, more: object = {}) => ({ source: { type, ...more } });
  const pdf = { media_type: "application/pdf", data: "A".repeat(1_000_000) };
  it.each<[string, unknown, number]>([
    ["text beyond ASCII, a token or more a character", "漢".repeat(10_000), 3],
    ["emoji", "🙂".repeat(5_000), 3],
    ["a PDF, by its size", [{ type: "document", ...source("base64", pdf) }], 1],
    [
      "a PDF at a URL, of unknown length",
      [{ type: "document", ...source("url", { url: "https://a.b/c.pdf" }) }],
      1,
    ],
    ["an uploaded file", [{ type: "document", ...source("file", { file_id: "file_1" }) }], 1],
    [
      "a file in a result",
      [{ type: "tool_result", tool_use_id: "t", content: [{ type: "document", ...source("file") }] }],
      1,
    ],
    [
      "an image at a URL, 1,600 tokens and a fifth",
      [{ type: "image", ...source("url", { url: "https://a.b/c.png" }) }],
      20,
    ],
    ["a text as a document", [{ type: "document", ...source("text", { data: "word ".repeat(10_000) }) }], 3],
  ])("knows before the API tells about how much input there is in %s", async (_what, content, fit) => {
    const { entered, enter } = stage({ limits: { inputTokens: 40_000 } });
    const model = "claude-haiku-4-5";
    const messages = [{ role: "user", content }] as ModelRequest["messages"];
    const first = enter("0", {}, { model, messages });
    for (let index = 1; index < 40; index++) enter(`${index}`, {}, { model, messages });
    await turns(1);
    expect(entered).toHaveLength(fit);
    // What it was is told in the end: the others go by that.
    (await first.admission).leave(usage(10, 1));
    await turns(1);
    expect(entered.length).toBeGreaterThan(fit);
  });

  it("counts output by what is written, not by max_tokens", async () => {
    const { entered, enter } = stage({ limits: { outputTokens: 1_000 } });
    for (let index = 0; index < 10; index++) {
      const { admission } = enter(`${index}`, {}, { max_tokens: 128_000 });
      await turns(1);
      if (entered.length > index) (await admission).leave(usage(1, 60));
    }
    expect(entered).toHaveLength(10);
    enter("overdrawn", {}, { max_tokens: 128_000 });
    await turns(1);
    expect(entered).toHaveLength(11);
  });

  it("lets a call that is larger than the limit go alone, when nothing else is under way", async () => {
    const { clock, entered, enter } = stage({ limits: { inputTokens: 1_000 } });
    const small = await enter("small").admission;
    const huge = enter("huge", {}, { messages: [{ role: "user", content: "x".repeat(350_000) }] });
    enter("behind it");
    clock.advance(120_000);
    await turns(1);
    expect(entered).toEqual(["small"]);
    small.leave(usage(500, 1));
    clock.advance(30_000);
    const admission = await huge.admission;
    admission.leave(usage(90_000, 1));
    clock.advance(60_000);
    await turns(1);
    expect(entered).toEqual(["small", "huge"]);
    clock.advance(90 * 60_000);
    await turns(1);
    expect(entered).toEqual(["small", "huge", "behind it"]);
  });

  it("does not spin where the clock stands still", async () => {
    const slept: number[] = [];
    const clock = {
      now: () => 1_000,
      sleep: async (milliseconds: number) => {
        slept.push(milliseconds);
      },
    };
    const { enter } = stage({ limits: { requests: 1 }, clock });
    (await enter("goes").admission).leave(usage(1, 1));
    (await enter("waits").admission).leave(usage(1, 1));
    expect(slept).toEqual([60_000]);
  });

  it.each<[string, unknown, RegExp]>([
    [
      "a tier that there is not",
      { tier: "gold" as RateTierName },
      /no rate tier "gold".*introductionFree.*scale/,
    ],
    ["a limit that there is not", { limits: { request: 5 } }, /no "request".*requests/],
    ["a limit that is none", { limits: { tokens: 0 } }, /limits.tokens is 0/],
    ["an option that there is not", { requests: 5 }, /no option "requests" of createGovernor\(\).*limits/],
    ["a queue that is none", { maxQueue: -1 }, /maxQueue is -1/],
  ])("refuses %s", (_what, options, words) => {
    expect(() => createGovernor(options as GovernorOptions)).toThrow(AgentError);
    expect(() => createGovernor(options as GovernorOptions)).toThrow(words);
  });
});

const call = (events: { type: string }[] = [], signal = new AbortController().signal): ModelCall => ({
  signal,
  emit: (event) => events.push(event),
});

/** Answers with headers that say how many of two requests are left. */
function withLeft(...left: readonly number[]): Answer {
  let answers = 0;
  return (response) => {
    begin(response, {
      "anthropic-ratelimit-requests-limit": "2",
      "anthropic-ratelimit-requests-remaining": String(left[answers++] ?? 0),
    });
    response.end(wholeStream.join(""));
  };
}

describe("claude()", () => {
  it("learns from the headers of good answers, and all that goes over one client shares what is learnt", async () => {
    server = await serve(withLeft(1, 0));
    const clock = handClock();
    const [one, other] = [claude({ client: server.client, clock }), claude({ client: server.client, clock })];
    const free = claude({ client: server.client, clock, governor: false });
    await one(request, call());
    await other(request, call());
    const events: { type: string; ms?: number }[] = [];
    const waiting = one(request, call(events));
    await free(request, call());
    await turns(50);
    expect(server.requests).toHaveLength(3);
    expect(events).toEqual([{ type: "wait", reason: "rate_limit", ms: 30_000 }]);
    clock.advance(30_000);
    await waiting;
    expect(server.requests).toHaveLength(4);
  });

  it("does not let the clocks of silence run while a call waits", async () => {
    server = await serve(withLeft(1, 0));
    const clock = handClock();
    const timeouts = { headersMs: 5_000, bytesMs: 5_000, contentMs: 5_000 };
    const governor = createGovernor({ clock, limits: { requests: 1 } });
    const ask = claude({ client: server.client, clock, timeouts, governor });
    await ask(request, call());
    const waiting = ask(request, call());
    clock.advance(59_999);
    await turns(20);
    expect(server.requests).toHaveLength(1);
    clock.advance(1);
    await expect(waiting).resolves.toMatchObject({ id: message.id });
  });

  it("gives a waiting call up at once when it is aborted", async () => {
    server = await serve(withLeft(1, 0));
    const clock = handClock();
    const governor = createGovernor({ clock, limits: { requests: 1 } });
    const ask = claude({ client: server.client, clock, governor });
    await ask(request, call());
    const controller = new AbortController();
    const waiting = ask(request, call([], controller.signal));
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(server.requests).toHaveLength(1);
  });

  it("works with a client that shows no headers: then a refusal's and the usage are what is known", async () => {
    const refusals = [apiError(429, "rate_limit_error", { "retry-after": "7" })];
    const create = async () => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      return sseEvents();
    };
    const clock = handClock();
    const client = { messages: { create: create as unknown as Anthropic["messages"]["create"] } };
    const ask = claude({ client, clock });
    await expect(ask(request, call())).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    const events: { type: string }[] = [];
    const waiting = ask(request, call(events));
    await turns(5);
    expect(events).toEqual([{ type: "wait", reason: "rate_limit", ms: 7_000 }]);
    clock.advance(7_000);
    await expect(waiting).resolves.toMatchObject({ id: message.id });
    // No limits are to be seen, so none hold.
    await Promise.all(Array.from({ length: 20 }, () => ask(request, call())));
  });

  it("refuses a governor that is none", () => {
    expect(() => claude({ governor: {} as Governor })).toThrow(/createGovernor\(\)/);
  });
});

async function* sseEvents() {
  for (const line of wholeStream) yield JSON.parse(line.slice(line.indexOf("data: ") + 6));
}

describe("governed()", () => {
  it("gives back the place of a call that goes on after its abort", async () => {
    const clock = handClock();
    const governor = createGovernor({ clock, limits: { requests: 1 } });
    const controller = new AbortController();
    const hanging = governed(() => new Promise<never>(() => {}), governor)(
      request,
      call([], controller.signal),
    );
    await turns(1);
    controller.abort(new Error("enough"));
    await expect(hanging).rejects.toThrow("enough");
    const next = governed(async () => message, governor)(request, call());
    clock.advance(60_000);
    await expect(next).resolves.toBe(message);
  });

  it("keeps any Claude function under limits, and leaves it its retry budget", async () => {
    const clock = handClock();
    let calls = 0;
    const inner: Claude = async () => {
      calls += 1;
      if (calls === 2) throw apiError(429, "rate_limit_error", { "retry-after": "90" });
      return message;
    };
    const ask = governed(inner, createGovernor({ clock, limits: { requests: 5 } }));
    await ask(request, call());
    await expect(ask(request, call())).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    const waiting = ask(request, call());
    clock.advance(89_999);
    await turns(1);
    expect(calls).toBe(2);
    clock.advance(1);
    await waiting;
    expect(retryBudgetOf(ask)).toBe(retryBudgetOf(inner));
  });
});
