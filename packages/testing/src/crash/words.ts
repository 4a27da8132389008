import type { AgentEvent, Approval, Effects as EffectsKind, Result } from "@lockstitch/core";
import type { KillPoint, Visits } from "./kill-point.js";

/** What the process that plays asks of the one that is killed. */
export type ToChild =
  | {
      readonly type: "begin";
      readonly directory: string;
      readonly seed: number;
      readonly killAt: KillPoint | undefined;
      /** Where to stop until a person has spoken. */
      readonly holdAt: readonly KillPoint[];
      /** Ends while a person is asked, instead of waiting for the answer. */
      readonly leaves: boolean;
    }
  | { readonly type: "go_on" }
  /** A person has spoken. */
  | { readonly type: "let_go" }
  | { readonly type: "answer"; readonly question: number; readonly value: unknown };

/** What it hears. Everything that counts is said over the channel before the process goes on, so a kill takes none of it back. */
export type FromChild =
  | { readonly type: "ready" }
  /** What an append resolved with. */
  | { readonly type: "committed"; readonly events: readonly AgentEvent[] }
  | { readonly type: "question"; readonly question: number; readonly ask: Question }
  /** Stops here until it is let go. */
  | { readonly type: "held"; readonly at: KillPoint }
  | { readonly type: "waiting"; readonly approvals: readonly Approval[] }
  | { readonly type: "ended"; readonly result: Result; readonly visits: Visits }
  | { readonly type: "failed"; readonly problem: string };

export type Question = { readonly toolUseId: string; readonly idempotencyKey: string } & (
  | {
      /** A tool starts. */
      readonly type: "start";
      readonly name: string;
      readonly effects: EffectsKind;
      /** It may find that an interrupted call has not happened, and then start it again. */
      readonly reconciles: boolean;
    }
  | { readonly type: "perform"; readonly value: unknown }
  | { readonly type: "find" }
);

/** The one session of a game. */
export const session = "crash";
