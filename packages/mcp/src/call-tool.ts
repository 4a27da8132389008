import { messageOf, type Tool, ToolError } from "@lockstitch/core";
import type { Connection } from "./connection.js";
import type { McpDefinition } from "./definition.js";
import { type Failure, failureOf, wordsOf } from "./failure.js";
import { outputOf } from "./result.js";
import type { Review } from "./review.js";
import type { Answer } from "./sealed.js";
import type { McpServer } from "./server.js";

interface CallParts {
  readonly server: McpServer;
  readonly connection: Connection;
  readonly review: Review;
  readonly definition: McpDefinition;
  /** As the model knows it: what the server calls it may be words of any kind, and these are ours. */
  readonly name: string;
  /** Whether a call that may have happened may be made again. */
  readonly mayRepeat: boolean;
}

/** What a tool's `run` does: calls the server, over a new connection where the old one was lost. Throws `ToolError`. */
export function callTool(parts: CallParts): Tool<Record<string, unknown>>["run"] {
  const { connection, review, definition, name, mayRepeat } = parts;
  return async (input, { signal, progress }) => {
    let notCalled = `${name} was not called`;
    for (let attempt = 1; ; attempt++) {
      const opened = await connection.open().catch((error: unknown) => {
        throw new ToolError(`${messageOf(error)} ${notCalled}.`, { cause: error });
      });
      const refusal = review.refusal(definition.name);
      if (refusal !== undefined) throw new ToolError(`${notCalled}: ${refusal}`);
      signal.throwIfAborted();
      const answer = await opened.call(definition, input, { signal, onProgress: progress }).catch(asFailure);
      if (!isFailure(answer)) return outputOf(answer);
      const { failure, error } = answer;
      if (signal.aborted) throw error;
      if (failure === "lost" || failure === "not_sent") connection.forget(opened);
      const maySendAgain = failure === "not_sent" || (failure !== "answered" && mayRepeat);
      if (!maySendAgain || attempt > 1) throw failed(parts, failure, error, notCalled);
      if (failure !== "not_sent") notCalled = `${name} was not called again`;
    }
  };
}

interface Failed {
  readonly failure: Failure;
  readonly error: unknown;
}

async function asFailure(error: unknown): Promise<Failed> {
  return { failure: await failureOf(error), error };
}

function isFailure(answer: Failed | Answer): answer is Failed {
  return "failure" in answer;
}

function failed({ server, name }: CallParts, failure: Failure, error: unknown, notCalled: string): ToolError {
  const words = wordsOf(server, error);
  const unsure = "It may or may not have had its effects: look before you call it again.";
  const said: Record<Failure, string> = {
    answered: `${name} failed: ${words}`,
    unclear: `${name} failed: ${words}. ${unsure}`,
    not_sent: `${notCalled}: the server ${server.name} can't be reached (${words}).`,
    lost: `The connection to ${server.name} was lost while ${name} ran (${words}). ${unsure}`,
  };
  // Without the error as its cause: a server may have echoed what it was sent.
  return new ToolError(said[failure]);
}
