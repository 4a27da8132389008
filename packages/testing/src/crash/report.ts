/** What a game found wrong. */
export interface CrashFinding {
  readonly kind: "not_recovered" | "effect_repeated" | "lost" | "invalid_history";
  readonly seed: number;
  /**
   * When somebody spoke to it, e.g. "steer at end 1", and where its processes were killed, one after another:
   * `crashTest({ module, seed, at })` plays it again. Empty: it was not interrupted.
   */
  readonly at: readonly string[];
  /** In words. */
  readonly problem: string;
}

export interface CrashReport {
  /** Processes that were killed. */
  readonly kills: number;
  /** Kills after which the session came to the same end as without. */
  readonly recovered: number;
  readonly effectsRepeated: number;
  /** Things that were acknowledged, and were not there or were not so afterwards. */
  readonly lost: number;
  readonly invalidHistories: number;
  readonly findings: readonly CrashFinding[];
}
