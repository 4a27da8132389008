import {
  type AgentEvent,
  approve,
  type Delta,
  memoryStore,
  type Result,
  resume,
  run,
  type Tool,
} from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { readLog } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";
import { calls, member, mindsOf, paying, resultsOf, says } from "./team/team.js";

const yes = { approved: true } as const;

function createSignal() {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

/** A lead with $30, of which a clerk who waits for a person holds all that is left when a reader wants some. */
function heldByClerk(more: Partial<Tool> = {}) {
  const { pay, paid } = paying();
  const clerk = member("clerk", [pay]);
  const [quick, reader] = [member("quick"), member("reader")];
  const asked = createSignal();
  const waits = createSignal();
  const sum = (results: readonly Result[]) => results.map(({ text }) => text).join(" and ");
  const together: Tool["run"] = async (_input, call) => {
    const first = call.run(clerk, "Go.");
    await asked.given;
    return sum(await Promise.all([first, call.run(reader, "Go.")]));
  };
  const first: Tool["run"] = async (_input, call) => {
    const begun = await call.run(quick, "Go.");
    await waits.given;
    return sum([begun, await call.run(reader, "Go.")]);
  };
  const second: Tool["run"] = async (_input, call) =>
    sum([await call.run(quick, "Go."), await call.run(clerk, "Go.")]);
  const effects = { effects: "idempotent", ...more } as const;
  const tools = [
    handTool("together", together, effects),
    handTool("first", first, effects),
    handTool("second", second, effects),
  ];
  const lead = (others: readonly Tool[] = []) =>
    member("lead", [...tools, ...others], { limits: { usd: 30, maxParallelTools: 9 } });
  const pays = () => {
    asked.give();
    return calls("pay");
  };
  const minds = (first: readonly string[]) =>
    mindsOf({
      lead: [calls(...first), says("Done.")],
      clerk: [pays, says("Paid.")],
      quick: [says("Quick.")],
      reader: [says("Read.")],
    });
  const onEvent = (event: AgentEvent | Delta) => {
    if (event.type === "tool.suspend" && event.approvals.length > 0) waits.give();
  };
  return { lead, minds, paid, store: memoryStore(), onEvent };
}

const suspendsIn = (events: readonly AgentEvent[]) =>
  events.flatMap((event) =>
    event.type === "tool.suspend" ? [[event.toolUseId, event.approvals.length] as const] : [],
  );

describe("a subagent for which nothing is left, since another that waits for a person holds it", () => {
  it("waits with it, and has its part once the person has answered", async () => {
    const { lead, minds, store, onEvent, paid } = heldByClerk();
    const claude = minds(["together"]);
    const options = { claude, store, onEvent, environment: virtualTime() };
    const waiting = await run(lead(), "Go.", { ...options, session: "s" });
    expect(waiting).toMatchObject({ status: "waiting", approvals: [{ toolUseId: "toolu_pay" }] });
    expect(claude.asked).not.toContain("reader");
    await approve(store, "s:toolu_together", "toolu_pay", yes);
    const result = await resume(lead(), "s", options);
    expect(resultsOf(result)).toEqual(["Paid. and Read."]);
    expect(paid).toEqual([{}]);
  });

  it("waits with the call of another, too", async () => {
    const { lead, minds, store, onEvent, paid } = heldByClerk();
    const options = { claude: minds(["first", "second"]), store, onEvent, environment: virtualTime() };
    const waiting = await run(lead(), "Go.", { ...options, session: "s" });
    expect(waiting).toMatchObject({ status: "waiting", approvals: [{ toolUseId: "toolu_pay" }] });
    expect(suspendsIn(await readLog(store))).toEqual([
      ["toolu_second", 1],
      ["toolu_first", 0],
    ]);
    expect(await resume(lead(), "s", options)).toMatchObject({ status: "waiting" });
    await approve(store, "s:toolu_second.2", "toolu_pay", yes);
    const result = await resume(lead(), "s", options);
    expect(resultsOf(result)).toEqual(["Quick. and Read.", "Quick. and Paid."]);
    expect(paid).toEqual([{}]);
  });

  it("goes on while the run is still at work, where the answer comes that early", async () => {
    const answered = createSignal();
    const { lead, minds, store, onEvent, paid } = heldByClerk();
    const slow = handTool(
      "slow",
      async (_input, call) => {
        // Nothing is kept back for it.
        await call.run(member("quick"), "Go.");
        await answered.given;
        return "slow";
      },
      { effects: "idempotent" },
    );
    const running = run(lead([slow]), "Go.", {
      claude: minds(["first", "second", "slow"]),
      store,
      session: "s",
      environment: virtualTime(),
      onEvent: (event) => {
        onEvent(event);
        if (event.type === "tool.suspend" && event.approvals.length === 0)
          void running
            .approve({ session: "s:toolu_second.2", toolUseId: "toolu_pay" }, yes)
            .then(answered.give);
      },
    });
    const result = await running;
    expect(resultsOf(result)).toEqual(["Quick. and Read.", "Quick. and Paid.", "slow"]);
    expect(paid).toEqual([{}]);
  });

  it("is not begun for a call that can't wait, whose function is told why", async () => {
    const { lead, minds, store, onEvent } = heldByClerk({ effects: "once" });
    const result = await run(lead(), "Go.", {
      claude: minds(["together"]),
      store,
      onEvent,
      session: "s",
      environment: virtualTime(),
    });
    expect(result).toMatchObject({ status: "ended", text: "Done." });
    expect(resultsOf(result)[0]).toContain("can't wait for one, since its effects are");
  });
});
