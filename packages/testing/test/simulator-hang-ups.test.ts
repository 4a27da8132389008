import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { type Mind, type Simulator, scriptMind } from "../src/index.js";
import { ask, comesNothing, question, start } from "./fault-driver.js";

interface Gate<Passed> {
  readonly promise: Promise<Passed>;
  readonly resolve: (passed: Passed) => void;
}

function gate<Passed = void>(): Gate<Passed> {
  let open: (passed: Passed) => void = () => {};
  const promise = new Promise<Passed>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: (passed) => open(passed) };
}

/** A script whose first reply is not said while its client is away. */
function scriptThatGivesUp() {
  const [asked, gaveUp] = [gate(), gate()];
  let times = 0;
  const first: Mind = async (_, { signal }) => {
    if (++times > 1) return "first";
    asked.resolve();
    await once(signal, "abort");
    gaveUp.resolve();
    throw signal.reason;
  };
  return { mind: scriptMind([first, "second"]), asked, gaveUp };
}

/** A script that thinks of its first reply, whoever is there, until `thought` is resolved. */
function scriptThatGoesOn() {
  const [asked, left, thought] = [gate(), gate(), gate<string>()];
  const first: Mind = (_, { signal }) => {
    signal.addEventListener("abort", () => left.resolve());
    asked.resolve();
    return thought.promise;
  };
  return { mind: scriptMind([first, "second"]), asked, left, thought };
}

test("a script's function that fails by itself has had its turn", async () => {
  const fails: Mind = async () => {
    throw new Error("a headache");
  };
  const simulator = await start([], { mind: scriptMind([fails, "second"]) });
  expect((await ask(simulator, question)).status).toBe(500);
  expect(await (await ask(simulator, question)).json()).toMatchObject({ content: [{ text: "second" }] });
});

describe("a client that hangs up while the mind still thinks", () => {
  /** Hangs up once the mind was asked, and waits until the simulator has seen it. */
  async function hangUp(
    simulator: Simulator,
    asked: Promise<unknown>,
    done: Promise<unknown>,
  ): Promise<void> {
    const controller = new AbortController();
    const asking = ask(simulator, question, { signal: controller.signal });
    asking.catch(() => {});
    await asked;
    controller.abort();
    await done;
  }
  const textIn = async (response: Response): Promise<unknown> =>
    ((await response.json()) as { content?: { text?: string }[] }).content?.[0]?.text;

  test("gets the reply that the mind was at, though its script gave up", async () => {
    const { mind, asked, gaveUp } = scriptThatGivesUp();
    const simulator = await start([], { mind });
    await hangUp(simulator, asked.promise, gaveUp.promise);
    expect(await textIn(await ask(simulator, question))).toBe("first");
    expect(await textIn(await ask(simulator, question))).toBe("second");
  });

  test("gets it at once, and to another request goes the next", async () => {
    const { mind, asked, gaveUp } = scriptThatGivesUp();
    const simulator = await start([], { mind });
    await hangUp(simulator, asked.promise, gaveUp.promise);
    const other = { ...question, max_tokens: 99 };
    expect(await textIn(await ask(simulator, other))).toBe("second");
    expect(await textIn(await ask(simulator, question))).toBe("first");
  });

  test("waits for it where the mind goes on, and is not given another", async () => {
    const { mind, asked, left, thought } = scriptThatGoesOn();
    const simulator = await start([], { mind });
    await hangUp(simulator, asked.promise, left.promise);
    const again = ask(simulator, question);
    await comesNothing(again, simulator);
    thought.resolve("first");
    expect(await textIn(await again)).toBe("first");
    expect(await textIn(await ask(simulator, question))).toBe("second");
  });

  test("gets what the mind came to, though nobody was there to hear it", async () => {
    const { mind, asked, left, thought } = scriptThatGoesOn();
    const done = gate();
    const simulator = await start([], { mind, onRequest: () => done.resolve() });
    await hangUp(simulator, asked.promise, left.promise);
    thought.resolve("first");
    await done.promise;
    expect(await textIn(await ask(simulator, question))).toBe("first");
    expect(await textIn(await ask(simulator, question))).toBe("second");
  });
});
