import { describe, expect, it } from "vitest";
import { type Mind, scriptMind } from "../src/index.js";
import { keepingMissedReplies } from "../src/simulator/faults/missed-replies.js";

const request = { model: "m", max_tokens: 1, messages: [{ role: "user" as const, content: "Hi" }] };
const context = () => ({ now: 0, signal: new AbortController().signal });

/** A mind whose first reply takes until it is released. */
function slowMind(): { mind: Mind; release(): void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    mind: scriptMind([
      async () => {
        await released;
        return "first";
      },
      "second",
      "third",
    ]),
    release: () => release(),
  };
}

describe("a reply that was missed", () => {
  it("goes to who asked again before it was known that the first had left, and what was meant for that one is next", async () => {
    const { mind, release } = slowMind();
    const ask = keepingMissedReplies(mind);
    const [left, again] = [ask("key"), ask("key")];
    const unheard = left.mind(request, context());
    const heard = again.mind(request, context());
    left.missed();
    release();
    await unheard;
    expect(await heard).toBe("first");
    expect(await ask("key").mind(request, context())).toBe("second");
    expect(await ask("key").mind(request, context())).toBe("third");
  });

  it("moves up through all who wait", async () => {
    const { mind, release } = slowMind();
    const ask = keepingMissedReplies(mind);
    const asked = [ask("key"), ask("key"), ask("key")];
    const replies = asked.map((one) => one.mind(request, context()));
    asked[0]?.missed();
    asked[1]?.missed();
    release();
    expect(await replies[2]).toBe("first");
    const rest = [ask("key"), ask("key")].map((one) => one.mind(request, context()));
    expect((await Promise.all(rest)).sort()).toEqual(["second", "third"]);
  });

  it("is asked for anew where the mind gave it up", async () => {
    const gone = new AbortController();
    const mind = scriptMind([
      (_request, { signal }) => {
        if (!signal.aborted && signal === gone.signal)
          return new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason)),
          );
        return "first";
      },
      "second",
    ]);
    const ask = keepingMissedReplies(mind);
    const [left, again] = [ask("key"), ask("key")];
    const unheard = Promise.resolve(left.mind(request, { now: 0, signal: gone.signal })).catch(
      () => "given up",
    );
    const heard = again.mind(request, context());
    gone.abort();
    left.missed();
    expect(await unheard).toBe("given up");
    expect(await heard).toBe("first");
    expect(await ask("key").mind(request, context())).toBe("second");
  });

  it("is for the same key alone, and for the same request streamed or not", async () => {
    const ask = keepingMissedReplies(scriptMind(["first", "second"]));
    const left = ask("ada");
    await left.mind(request, context());
    left.missed();
    expect(await ask("bob").mind(request, context())).toBe("second");
    expect(await ask("ada").mind({ ...request, stream: true }, context())).toBe("first");
  });

  it("is not held up where others ask the same and stay", async () => {
    const { mind, release } = slowMind();
    const ask = keepingMissedReplies(mind);
    const first = ask("key").mind(request, context());
    expect(await ask("key").mind(request, context())).toBe("second");
    release();
    expect(await first).toBe("first");
  });
});
