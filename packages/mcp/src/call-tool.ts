import { messageOf, type Tool, ToolError } from "@lockstitch/core";
import type { Connection } from "./connection.js";
import type { McpDefinition } from "./definition.js";
import { outputOf } from "./result.js";
import type { Review } from "./review.js";
import type { Answer } from "./sealed.js";
import type { McpServer } from "./server.js";
import { type Failure, failureOf, wordsOf } from "./transport.js";

interface CallParts {
  readonly server: McpServer;
  readonly connection: Connection;
  readonly review: Review;
  readonly definition: McpDefinition;
  /** Whether a call that may have happened may be made again. */
  readonly mayRepeat: boolean;
}

/** What a tool's `run` does: calls the server, over a new connection where the old one was lost. Throws `ToolError`. */
export function callTool(parts: CallParts): Tool<Record<string, unknown>>["run"] {
  const { server, connection, review, definition, mayRepeat } = parts;
  return async (input, { signal, progress }) => {
    for (let attempt = 1; ; attempt++) {
      const opened = await connection.open().catch((error: unknown) => {
        throw new ToolError(`${messageOf(error)} ${definition.name} was not called.`, { cause: error });
      });
      const refusal = review.refusal(definition.name);
      if (refusal !== undefined) throw new ToolError(refusal);
      signal.throwIfAborted();
      const answer = await opened.call(definition, input, { signal, onProgress: progress }).catch(asFailure);
      if (!isFailure(answer)) return outputOf(answer);
      const { failure, error } = answer;
      if (signal.aborted) throw error;
      if (failure !== "answered") connection.forget(opened);
      const maySendAgain = failure === "not_sent" || (failure === "lost" && mayRepeat);
      if (!maySendAgain || attempt > 1) throw failed(server, definition, failure, error);
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

function failed(server: McpServer, { name }: McpDefinition, failure: Failure, error: unknown): ToolError {
  const words = wordsOf(server, error);
  const said: Record<Failure, string> = {
    answered: `${name} failed: ${words}`,
    not_sent: `${name} was not called: the server ${server.name} can't be reached (${words}).`,
    lost: `The connection to ${server.name} was lost while ${name} ran (${words}). It may or may not have had its effects: look before you call it again.`,
  };
  // Without the error as its cause: a server may have echoed what it was sent.
  return new ToolError(said[failure]);
}
