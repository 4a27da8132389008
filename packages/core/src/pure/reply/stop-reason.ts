import type Anthropic from "@anthropic-ai/sdk";

/** The stop reason of a reply that was ended early. It ends the run, as `Result.reason`. */
export const endedEarly = "ended_early";

/** What the loop does after a reply that stopped for this reason. */
export type AfterReply =
  /** Run the tools it asked for, then go on. The only reason from which a tool ever runs. */
  | "tools"
  /** Send the history back as it is: the API goes on with a turn it paused. */
  | "continue"
  /** The window is full: the history is compacted and the run goes on. Where the agent doesn't compact, or nothing can be gained, it ends. */
  | "compact"
  /** The run ends, and says why. */
  | "end";

/** A reason that this version doesn't know ends the run and is told to the caller as it came. */
export function afterReply(stopReason: string): AfterReply {
  return isKnown(stopReason) ? classify(stopReason) : "end";
}

/** The reply was cut off in the middle, so its last block may be incomplete. */
export function isCutOff(stopReason: string): boolean {
  return stopReason === "max_tokens" || stopReason === "model_context_window_exceeded";
}

function classify(reason: Anthropic.StopReason): AfterReply {
  switch (reason) {
    case "tool_use":
      return "tools";
    case "pause_turn":
      return "continue";
    case "end_turn":
    case "stop_sequence":
    case "max_tokens":
    case "refusal":
      return "end";
    case "model_context_window_exceeded":
      return "compact";
    default:
      return unclassified(reason);
  }
}

/** A stop reason that the SDK learns and this file does not is an error when this is compiled. */
function unclassified(_reason: never): AfterReply {
  return "end";
}

const known: Readonly<Record<Anthropic.StopReason, true>> = {
  end_turn: true,
  stop_sequence: true,
  max_tokens: true,
  tool_use: true,
  pause_turn: true,
  refusal: true,
  model_context_window_exceeded: true,
};

function isKnown(reason: string): reason is Anthropic.StopReason {
  return Object.hasOwn(known, reason);
}
