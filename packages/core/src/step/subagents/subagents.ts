import type { Agent } from "../../agent.js";
import type { Input } from "../../input.js";
import type { Approval, Result } from "../../result.js";
import type { State } from "../../state.js";

/** An agent that a tool runs, in a session of its own. */
interface Subagent {
  readonly agent: Agent;
  readonly input: Input;
  readonly session: string;
  readonly parent: { readonly session: string; readonly toolUseId: string };
  readonly signal: AbortSignal;
}

/** How a run starts those of its tools, given by the one that launched it. */
export interface Subagents {
  /** How many runs this one is below. */
  readonly depth: number;
  /** Starts it, goes on with it, or gives the result that it has come to. */
  run(subagent: Subagent): Promise<Result>;
  stateOf(session: string): Promise<State>;
  /** Says no to a call that waits for a person. One that was answered already, or whose run has ended, stays as it is. */
  deny(call: Pick<Approval, "session" | "toolUseId">, reason: string): Promise<void>;
  /** Answers what is open in a session, and ends its run; where somebody else drives it, tells them to. */
  close(session: string): Promise<void>;
}
