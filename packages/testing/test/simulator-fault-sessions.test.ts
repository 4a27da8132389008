import { describe, expect, test } from "vitest";
import { parseFaults } from "../src/index.js";
import { ask, noon, question, start } from "./fault-driver.js";

/** A request of a session, as any client can say which it is of. */
const by = {
  metadata: (session: string) => [{ ...question, metadata: { user_id: session } }, {}] as const,
  header: (session: string) => [question, { headers: { "x-session-id": session } }] as const,
};

describe("a fault for one session", () => {
  test.each(Object.entries(by))("strikes all of its requests and no other (by its %s)", async (_, of) => {
    const simulator = await start(parseFaults("session=alice:503"));
    const statuses: number[] = [];
    for (const session of ["alice", "bob", "alice", "alice2", "ALICE"])
      statuses.push((await ask(simulator, ...of(session))).status);
    statuses.push((await ask(simulator, question)).status);
    expect(statuses).toEqual([503, 200, 503, 200, 200, 200]);
  });

  test("counts by the session, whatever others ask in between", async () => {
    const simulator = await start(
      parseFaults("session=alice 2:503, session=bob every 2:500, session=alice 3:529"),
    );
    const statuses: [string, number][] = [];
    for (const session of ["bob", "alice", "carol", "alice", "carol", "alice", "bob", "bob", "bob"])
      statuses.push([session, (await ask(simulator, ...by.metadata(session))).status]);
    const of = (wanted: string): number[] =>
      statuses.flatMap(([session, got]) => (session === wanted ? [got] : []));
    expect([of("alice"), of("bob"), of("carol")]).toEqual([
      [200, 503, 529],
      [200, 500, 200, 500],
      [200, 200],
    ]);
  });

  test("counts messages alone, and a function gets the same number", async () => {
    const numbers: (number | undefined)[] = [];
    const when = (_: unknown, number: number | undefined): boolean => numbers.push(number) < 0;
    const simulator = await start([{ session: "alice", when, fault: { type: "empty" } }]);
    const [body, more] = by.header("alice");
    const counted = { ...body, max_tokens: undefined };
    await ask(simulator, body);
    await ask(simulator, body, more);
    await ask(simulator, counted, { ...more, path: "/v1/messages/count_tokens" });
    await ask(simulator, body, more);
    expect(numbers).toEqual([1, undefined, 2]);
  });

  test("strikes none where the body says nothing that could be one", async () => {
    const simulator = await start(parseFaults("session=alice:503"));
    for (const metadata of [
      null,
      "alice",
      [],
      { user_id: null },
      { user_id: ["alice"] },
      { session: "alice" },
    ])
      expect((await ask(simulator, { ...question, metadata })).status).not.toBe(503);
  });
});

describe("a status in words", () => {
  const answer = async (words: string): Promise<Response> => ask(await start(parseFaults(words)), question);

  test("asks to wait until a date, by the simulator's clock and rounded up to a second", async () => {
    const { headers, status } = await answer("1:429@date+90");
    expect([status, headers.get("retry-after")]).toEqual([429, "Sun, 22 Nov 2026 12:01:30 GMT"]);
    const simulator = await start(parseFaults("1:503@date+2"), { now: () => noon + 1 });
    const response = await ask(simulator, question);
    expect(response.headers.get("retry-after")).toBe("Sun, 22 Nov 2026 12:00:03 GMT");
  });

  test("says whether to try again", async () => {
    expect((await answer("1:429@7 no-retry")).headers.get("x-should-retry")).toBe("false");
    expect((await answer("1:429@7 no-retry")).headers.get("retry-after")).toBe("7");
    expect((await answer("1:400 retry")).headers.get("x-should-retry")).toBe("true");
    expect((await answer("1:400")).headers.get("x-should-retry")).toBeNull();
  });

  test("is a spend cap that is reached, which says no time to wait", async () => {
    const response = await answer("1:429 spent");
    expect(response.headers.get("retry-after")).toBeNull();
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "rate_limit_error", details: { error_code: "enforced_spend_limit_reached" } },
    });
  });
});
