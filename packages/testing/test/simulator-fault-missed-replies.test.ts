import { describe, expect, test } from "vitest";
import { type FaultRule, type Mind, parseFaults, scriptMind } from "../src/index.js";
import { ask, question, readAll, runAgainst, start, typesOf } from "./fault-driver.js";

describe("a reply that a fault broke", () => {
  const script = () =>
    scriptMind([{ content: [{ type: "text", text: "one" }] }, { content: [{ type: "text", text: "two" }] }]);

  test("is given again to the same request, so that a script loses none", async () => {
    const rules: FaultRule[] = [{ when: { every: 1 }, fault: { type: "cut" }, times: 2 }];
    const { result, simulator } = await runAgainst(rules, { mind: script() });
    expect(result).toMatchObject({ text: "one" });
    expect(simulator.requests).toHaveLength(3);
    expect(await (await ask(simulator, question)).json()).toMatchObject({ content: [{ text: "two" }] });
  });

  test("is given again as often as it was missed, where the same is asked twice at once", async () => {
    const rules: FaultRule[] = [{ when: { every: 1 }, fault: { type: "end" }, times: 2 }];
    const said = script();
    const waiting: (() => void)[] = [];
    const mind: Mind = async (request, context) => {
      const bothCame = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === 2) for (const go of waiting) go();
      await bothCame;
      return said(request, context);
    };
    const simulator = await start(rules, { mind });
    const both = () => Promise.all([ask(simulator).then(readAll), ask(simulator).then(readAll)]);
    await both();
    const heard = (await both()).map(({ text }) => /"(one|two)"/.exec(text)?.[1]);
    expect(heard.sort()).toEqual(["one", "two"]);
  });

  test.each(["1:cut", "1:malformed@2"])(
    "is given once more for each time it was broken: %s",
    async (words) => {
      const simulator = await start(parseFaults(words), { mind: script() });
      const texts: string[] = [];
      for (let round = 0; round < 3; round++) texts.push((await readAll(await ask(simulator))).text);
      expect(texts[1]).toContain('"one"');
      expect(texts[2]).toContain('"two"');
    },
  );

  test("is given once more only, and to no other request", async () => {
    const simulator = await start([{ when: { request: 1 }, fault: { type: "end" } }], { mind: script() });
    await readAll(await ask(simulator));
    const other = { ...question, stream: true, messages: [{ role: "user", content: "Other" }] };
    expect((await readAll(await ask(simulator, other))).text).toContain('"two"');
    expect((await readAll(await ask(simulator))).text).toContain('"one"');
    expect((await ask(simulator)).status).toBe(500);
  });
});

describe("a fault made of events, where the stream that was asked for is refused", () => {
  const overloaded = { status: 529, error: { type: "overloaded_error", message: "Overloaded" } };
  const play = async (rules: readonly FaultRule[], count: number) => {
    const simulator = await start(rules, { mind: scriptMind([overloaded, ...Array(count).fill("Hi")]) });
    const statuses: number[] = [];
    for (let number = 1; number <= count; number++) {
      const response = await ask(simulator);
      statuses.push(response.status);
      await response.text();
    }
    return { statuses, faults: simulator.requests.map(({ fault }) => fault) };
  };

  test("leaves the error as it is, which has then been said and is not said again", async () => {
    const fault = { type: "protocol", breach: "double-start" } as const;
    expect(await play([{ when: { request: 1 }, fault }], 2)).toEqual({
      statuses: [529, 200],
      faults: [undefined, undefined],
    });
  });

  test("has not struck, and strikes as often as it may", async () => {
    const rule: FaultRule = { when: { every: 1 }, fault: { type: "duplicate" }, times: 3 };
    expect(await play([rule], 5)).toEqual({
      statuses: [529, 200, 200, 200, 200],
      faults: [undefined, "duplicate", "duplicate", "duplicate", undefined],
    });
  });

  test("has not struck where the request can't be meant", async () => {
    const simulator = await start([{ when: { every: 1 }, fault: { type: "duplicate" }, times: 1 }]);
    await (await ask(simulator, { ...question, stream: true, max_tokens: -1 })).text();
    await (await ask(simulator)).text();
    expect(simulator.requests.map(({ fault }) => fault)).toEqual([undefined, "duplicate"]);
  });
});

describe("an answer that came whole all the same is not said again", () => {
  const script = () => scriptMind(["one", "two"]);
  const heard = (text: string): string | undefined => /one|two/.exec(text)?.[0];

  test("with a ping twice", async () => {
    const simulator = await start(parseFaults("1:duplicate@2"), { mind: script() });
    const first = await readAll(await ask(simulator));
    expect(typesOf(first.text).slice(1, 4)).toEqual(["content_block_start", "ping", "ping"]);
    expect(heard(first.text)).toBe("one");
    expect(heard((await readAll(await ask(simulator))).text)).toBe("two");
    expect(simulator.requests.map(({ fault }) => fault)).toEqual(["duplicate", undefined]);
  });

  test("in pieces as large as itself, which is no fault and uses nothing up", async () => {
    const slept: number[] = [];
    const body = (await readAll(await ask(await start([], { mind: script() }), question))).bytes.length;
    const fault = { type: "trickle", bytes: body } as const;
    const simulator = await start([{ when: { every: 1 }, fault, times: 1 }], {
      mind: script(),
      sleep: async (milliseconds) => void slept.push(milliseconds),
    });
    expect(heard((await readAll(await ask(simulator, question))).text)).toBe("one");
    expect(slept).toEqual([]);
    expect(heard((await readAll(await ask(simulator))).text)).toBe("two");
    expect(simulator.requests.map(({ fault }) => fault)).toEqual([undefined, "trickle"]);
  });
});

test("a client that hangs up by itself and asks the same again gets the reply that it did not hear out", async () => {
  const mind = scriptMind(["One and two and three.", "Another."]);
  let over = (): void => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  const simulator = await start(parseFaults("1:trickle"), {
    mind,
    onRequest: () => over(),
    sleep: (_milliseconds, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const ask = (signal?: AbortSignal) =>
    fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "any", "anthropic-version": "2023-06-01" },
      body: JSON.stringify({
        model: "claude-haiku-5-5",
        max_tokens: 99,
        messages: [{ role: "user", content: "Hi" }],
      }),
      ...(signal ? { signal } : {}),
    });
  const hangUp = new AbortController();
  const first = await ask(hangUp.signal);
  await first.body?.getReader().read();
  hangUp.abort();
  await isOver;
  expect(await (await ask()).text()).toContain("One and two and three.");
  expect(await (await ask()).text()).toContain("Another.");
});
