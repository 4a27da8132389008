import { type Environment, memoryStore, run, type Store } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { virtualTime } from "./helpers.js";

const sleeps: readonly (readonly [string, Environment["sleep"]])[] = [
  ["that is over at once", async () => {}],
  ["that heeds its signal", async (_milliseconds, signal) => signal?.throwIfAborted()],
];

describe("a session that is opened when its run is aborted already", () => {
  it.each(sleeps)("is free again, with a moment's grace %s", async (_kind, sleep) => {
    const environment = { ...virtualTime(), sleep };
    const options = { claude: scripted(["Hello."]), store: memoryStore(), session: "s", environment };
    const signal = AbortSignal.abort();
    expect(await run({}, "Hi", { ...options, signal })).toMatchObject({ reason: "aborted" });
    expect(await run({}, "Hi", options)).toMatchObject({ text: "Hello." });
  });

  it("is free again where its store took longer than the grace", async () => {
    const store = memoryStore();
    let free = () => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const slow: Store = { ...store, open: (...given) => held.then(() => store.open(...given)) };
    const options = { claude: scripted(["Hello."]), session: "s", environment: virtualTime() };
    const aborted = run({}, "Hi", { ...options, store: slow, signal: AbortSignal.abort() });
    expect(await aborted).toMatchObject({ reason: "aborted" });
    free();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await run({}, "Hi", { ...options, store })).toMatchObject({ text: "Hello." });
  });
});
