import { APIConnectionError, AuthenticationError, NotFoundError, type Result } from "lockstitch";

/** The run ended without an answer: at a limit, cut off, or refused. */
export class UnfinishedError extends Error {
  override name = "UnfinishedError";

  constructor(result: Result) {
    super(`the run ended early (${result.status === "ended" ? result.reason : result.status}).`);
  }
}

/** One line that says what went wrong and what to do about it. */
export function explainFailure(error: unknown): string {
  if (error instanceof AuthenticationError) {
    return "Claude's API refused the key. Check ANTHROPIC_API_KEY.";
  }
  if (error instanceof NotFoundError) {
    return "Claude's API does not know that model. Choose another with --model.";
  }
  if (error instanceof APIConnectionError) {
    return "Claude's API can't be reached. Check the network, or unset ANTHROPIC_API_KEY to use the simulator.";
  }
  const [firstLine = "unknown"] = (error instanceof Error ? error.message : String(error)).split("\n");
  return firstLine;
}
