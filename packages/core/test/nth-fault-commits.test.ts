import { type AgentEvent, LeaseLostError, type Post, StoreError } from "@lockstitch/core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { CommitFault, CommitPlan } from "./nth-fault/faulty-store.js";
import { type Played, play, readLog, sameAs, session } from "./nth-fault/stage.js";

// Thousands of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Commits of the healthy run, the reading of the log at its beginning included. */
let commits = 0;
let healthy: Played;
beforeAll(async () => {
  healthy = await play({ commits: { at: (nth) => (commits = nth) } });
});

const faults: Readonly<Record<CommitFault, new (...parts: never[]) => Error>> = {
  refused: StoreError,
  plain: StoreError,
  unacknowledged: StoreError,
  full: StoreError,
  lease: LeaseLostError,
  "lease after": LeaseLostError,
};

const posts: readonly Post[] = [
  { type: "input", messages: [{ role: "user", content: "Hurry!" }] },
  { type: "run.abort", by: "an outsider" },
];

/** Turns that a commit takes, and how the session is gone on with. */
const ways = [
  { slow: 0, goesOn: "run" },
  { slow: 2, goesOn: "run" },
  { slow: 0, goesOn: "resume" },
] as const;

describe("the nth commit", () => {
  it("counts for something: without a fault the conversation is had as it was meant", () => {
    expect(healthy.problems).toEqual([]);
    expect(healthy.result).toMatchObject({ reason: "end_turn", text: "It is cold, and paid.", steps: 3 });
    expect(healthy.toolRuns.map(({ tool }) => tool)).toEqual(["look", "look", "pay"]);
    expect(commits).toBeGreaterThan(15);
  });

  it.each(Object.entries(faults))("may fail: %s", async (fault, errorClass) => {
    for (const { slow, goesOn } of ways) {
      for (let nth = 1; nth <= commits; nth++) {
        const played = await play({ commits: { nth, fault: fault as CommitFault, slow }, goesOn });
        // Where the lease goes after the last commit, nothing is left to fail.
        const isOver = fault === "lease after" && nth === commits;
        expect([nth, ...played.problems]).toEqual([nth]);
        expect(played.store.faults()).toBeGreaterThan(0);
        if (isOver) expect(sameAs(healthy, played)).toEqual([]);
        else expect(played.error).toBeInstanceOf(errorClass);
      }
    }
  });

  it("keeps the error of code that knows nothing of ours as the cause", async () => {
    const { error } = await play({ commits: { nth: 5, fault: "plain" } });
    expect(error).toMatchObject({ reason: "store", cause: { message: expect.stringContaining("EIO") } });
  });

  for (const post of posts) {
    it.each(["before", "after"] as const)(`may have ${post.type} posted right %s it`, async (moment) => {
      for (const { slow, goesOn } of ways) {
        for (let nth = 1; nth <= commits; nth++) {
          const commitPlan: CommitPlan = {
            nth,
            slow,
            [moment]: (store: Played["store"]) => store.post(session, [post]),
          };
          const played = await play({ commits: commitPlan, goesOn });
          const log = await readLog(played.store);
          expect([nth, ...played.problems]).toEqual([nth]);
          expect([nth, played.result]).toMatchObject([nth, { reason: expectedEnd(log) }]);
        }
      }
    });
  }

  it("may be followed by a close of the log that fails: what was committed stands", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const played = await play({ commits: { failsToClose: true } });
    expect(warned).toHaveBeenCalledOnce();
    expect([...played.problems, ...sameAs(healthy, played)]).toEqual([]);
    for (let nth = 1; nth <= commits; nth++) {
      const { error } = await play({ commits: { nth, fault: "refused", failsToClose: true } });
      expect(error).toMatchObject({ message: expect.stringContaining("disk is full") });
    }
    warned.mockRestore();
  });

  it("may be the one that takes up a post while a tool runs on and on", async () => {
    for (const fault of Object.keys(faults) as CommitFault[]) {
      let next = 0;
      const commitPlan: CommitPlan = {
        at: (nth) => {
          next = nth + 1;
        },
      };
      const plan = { ...commitPlan, fault, nth: Number.POSITIVE_INFINITY };
      // A second run resumes what the first could not close, and must not hang in the same tool.
      let hangs = true;
      const healed = () => {
        hangs = false;
      };
      const played = await play({
        commits: plan,
        tools: { run: () => (hangs ? new Promise(() => {}) : "done") },
        started: ({ running }) => void running.then(healed, healed),
        onEvent: (_nth, event, stage) => {
          if (event.type !== "tool.start") return;
          plan.nth = next;
          setImmediate(() => void stage.store.post(session, posts.slice(0, 1)));
        },
      });
      expect([fault, ...played.problems]).toEqual([fault]);
      expect(played.error).toBeInstanceOf(faults[fault]);
    }
  });
});

/** A run is aborted by what was posted after its start and before its end. */
function expectedEnd(log: readonly AgentEvent[]): string {
  const types = log.map(({ type }) => type);
  const abort = types.indexOf("run.abort");
  return abort > types.indexOf("run.start") && abort < types.indexOf("run.end") ? "aborted" : "end_turn";
}
