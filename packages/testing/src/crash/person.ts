import {
  type Approval,
  ApprovalError,
  approve,
  messageOf,
  NoSessionError,
  SessionEndedError,
  type Store,
  steer,
} from "@lockstitch/core";
import { isSamePoint, type KillPoint } from "./kill-point.js";
import type { Problem } from "./ledger.js";
import { session } from "./words.js";

/** Somebody in another process who says yes to everything, and speaks up now and then. */
export interface Person {
  approve(approvals: readonly Approval[]): Promise<void>;
  /** When it has something to say yet. */
  readonly waitsFor: readonly KillPoint[];
  /** Says what is to be said at this point. Resolves when that was acknowledged, or could not be said. */
  speak(at: KillPoint): Promise<void>;
  /** When it spoke. */
  readonly spokeAt: readonly KillPoint[];
  readonly words: Words;
  readonly problems: readonly Problem[];
  /** Resolves when nothing that it says is on its way any more. */
  settled(): Promise<void>;
}

/** What a person has said on the way. */
export interface Words {
  readonly said: readonly string[];
  /** Of these, what was taken: it must be heard. */
  readonly acknowledged: readonly string[];
}

export function createPerson(store: Store, steers: readonly KillPoint[]): Person {
  const answers: Promise<void>[] = [];
  const waitsFor = [...steers];
  const spokeAt: KillPoint[] = [];
  const words = { said: [] as string[], acknowledged: [] as string[] };
  const problems: Problem[] = [];

  const sayYes = async ({ toolUseId }: Approval): Promise<void> => {
    try {
      await approve(store, session, toolUseId, { approved: true });
    } catch (error) {
      // Asked again by a process that had not heard the answer yet.
      if (!(error instanceof ApprovalError || error instanceof SessionEndedError)) throw error;
    }
  };

  const say = async (): Promise<void> => {
    const text = `By the way, ${words.said.length + 1}.`;
    words.said.push(text);
    try {
      await steer(store, session, text);
      words.acknowledged.push(text);
    } catch (error) {
      // Too early or too late: nobody is there to hear it.
      if (error instanceof NoSessionError || error instanceof SessionEndedError) return;
      problems.push({ kind: "not_recovered", problem: `a person could not speak: ${messageOf(error)}` });
    }
  };

  const track = (now: readonly Promise<void>[]): Promise<unknown> => {
    answers.push(...now);
    return Promise.all(now);
  };

  return {
    waitsFor,
    spokeAt,
    words,
    problems,
    async approve(approvals) {
      await track(approvals.map(sayYes));
    },
    async speak(at) {
      const now = waitsFor.filter((point) => isSamePoint(point, at));
      for (const point of now) waitsFor.splice(waitsFor.indexOf(point), 1);
      spokeAt.push(...now);
      await track(now.map(say));
    },
    async settled() {
      await Promise.allSettled(answers);
    },
  };
}
