import {
  type AgentEvent,
  AlreadyPostedError,
  CorruptLogError,
  LeaseLostError,
  LockstitchError,
  type Log,
  NoSessionError,
  SessionRunningError,
  type Store,
  StoreBusyError,
  StoreError,
} from "@lockstitch/core";
import type { Random } from "./random.js";
import { bodiesOf, type RecordKeeper } from "./record-keeper.js";

export const sessions: readonly string[] = ["a", "b", "c"];

export interface Pace {
  /** How many commits an owner makes. */
  readonly rounds: number;
  /** How often a session is opened, or tried to be. */
  readonly lives: number;
  readonly name: string;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What a process does with a store until it is killed or done: appends, posts and reads, some of it at once. */
export async function work(store: Store, random: Random, keeper: RecordKeeper, pace: Pace): Promise<void> {
  const actors = [
    ...sessions.map((session) => drive(store, random, keeper, session, pace)),
    post(store, random, keeper, pace.rounds),
    read(store, random, keeper, pace.rounds),
  ];
  for (const settled of await Promise.allSettled(actors))
    if (settled.status === "rejected") throw settled.reason;
}

async function drive(
  store: Store,
  random: Random,
  keeper: RecordKeeper,
  session: string,
  { rounds, lives, name, sleep }: Pace,
): Promise<void> {
  for (let life = 0; life < lives; life++) {
    const log = await attempt(() => store.open(session, name));
    if (log === undefined) {
      await sleep(random.below(150));
      continue;
    }
    await driveLog(log, random, keeper, session, rounds, `${name}:${session}:${log.fence}`);
    await attempt(() => log.close());
  }
}

async function driveLog(
  log: Log,
  random: Random,
  keeper: RecordKeeper,
  session: string,
  rounds: number,
  name: string,
): Promise<void> {
  let pending: Promise<unknown>[] = [];
  for (let round = 0; round < rounds; round++) {
    const barrier = random.chance(0.3);
    const made = keeper.begin(session, 1 + random.below(3), { log: name });
    const size = random.chance(0.1) ? random.below(3000) : random.below(100);
    pending.push(
      attempt(() => log.append(bodiesOf(made, size), { barrier })).then((events) => {
        if (events === undefined) return;
        keeper.ack(made, barrier);
        keeper.see(events);
      }),
    );
    if (random.chance(0.6)) {
      await Promise.all(pending);
      pending = [];
    }
    if (log.lost.aborted) break;
  }
  await Promise.all(pending);
}

async function post(store: Store, random: Random, keeper: RecordKeeper, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const session = random.pick(sessions);
    const key = random.chance(0.5) ? `key-${random.below(6)}` : undefined;
    const made = keeper.begin(session, 1 + random.below(2), { key });
    await attempt(async () => {
      await store.post(session, bodiesOf(made, 10) as never, key === undefined ? {} : { key });
      keeper.ack(made, true);
    });
  }
}

async function read(store: Store, random: Random, keeper: RecordKeeper, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await attempt(async () => keeper.see(await history(store, random.pick(sessions))));
  }
}

export async function history(store: Store, session: string): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return events;
}

const expected = [
  AlreadyPostedError,
  LeaseLostError,
  NoSessionError,
  SessionRunningError,
  StoreBusyError,
  StoreError,
];

/** What a faulty disk or another process makes fail is nothing to report; a log that is called corrupt is. */
async function attempt<Value>(task: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof CorruptLogError || !(error instanceof LockstitchError)) throw error;
    if (!expected.some((kind) => error instanceof kind) || /refused a post/.test(error.message)) throw error;
    return undefined;
  }
}
