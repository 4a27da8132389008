import type { Agent, Claude, Input, Store, ToolCall } from "@lockstitch/core";

/**
 * What a module exports to be put through `crashTest()`: its store, and either a `create` function or `agent`, `input` and `claude`.
 * It must be JavaScript that Node can import; every process of a game imports it anew.
 */
export interface CrashModule extends Partial<CrashSubject> {
  /** The store under test, in this directory: durable, and open to a second process once the first has died. */
  store(directory: string): Store;
  /**
   * Whether games are steered as well: while a process runs, another posts words of its own into the session. The model must go on as if
   * they had not been said, and must answer them where nothing else is left to do. Default: false.
   */
  readonly canBeSteered?: boolean;
  create?(world: CrashWorld): CrashSubject | Promise<CrashSubject>;
}

/** What is run, killed and resumed. With the same seed, model and tools must answer the same history alike. */
export interface CrashSubject {
  readonly agent: Agent;
  readonly input: Input;
  /** Default: `claude()`, with the key from the environment. */
  readonly claude?: Claude;
}

export interface CrashWorld {
  /** For whatever the subject wants to vary from game to game. */
  readonly seed: number;
  readonly effects: CrashEffects;
}

type CallIds = Pick<ToolCall, "toolUseId" | "idempotencyKey">;

/** A world that tools can change and that outlives their process: it counts every effect. */
export interface CrashEffects {
  /**
   * Has an effect. For a tool with `effects: "idempotent"` a key that was used before has none: the first value is given again.
   * Resolves with the value that stands.
   */
  perform(call: CallIds, value?: unknown): Promise<unknown>;
  /** What was performed under this key, for `reconcile`. */
  find(call: CallIds): Promise<CrashFound>;
}

export interface CrashFound {
  readonly performed: boolean;
  readonly value?: unknown;
}
