import { messageOf, type Tool, ToolError } from "@lockstitch/core";
import type { Connection } from "./connection.js";
import type { McpDefinition } from "./definition.js";
import { type Failure, failureOf, wordsOf } from "./failure.js";
import { outputOf } from "./result.js";
import type { Review } from "./review.js";
import type { Answer } from "./sealed.js";
import { withoutSecrets } from "./secrets.js";
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
  const { server, connection, review, definition, name, mayRepeat } = parts;
  const clean = (text: string) => withoutSecrets(server, text);
  return async (input, { signal, progress }) => {
    let notCalled = `${name} was not called`;
    for (let attempt = 1; ; attempt++) {
      const opened = await connection.open(signal).catch((error: unknown) => {
        signal.throwIfAborted();
        throw new ToolError(`${messageOf(error)} ${notCalled}.`, { cause: error });
      });
      const refusal = review.refusal(definition.name);
      if (refusal !== undefined) throw new ToolError(`${notCalled}: ${refusal}`);
      signal.throwIfAborted();
      const outcome = await opened
        .call(definition, input, { signal, onProgress: progress })
        .then(asAnswered, asFailed);
      if (outcome.type === "answered") return outputOf(outcome.answer, clean);
      const { failure, error } = outcome;
      if (signal.aborted) throw error;
      if (failure === "lost" || failure === "not_sent") connection.forget(opened);
      const maySendAgain = failure === "not_sent" || (failure !== "answered" && mayRepeat);
      if (!maySendAgain || attempt > 1) throw failed(parts, failure, error, notCalled);
      if (failure !== "not_sent") notCalled = `${name} was not called again`;
    }
  };
}

/** In words of ours: an answer can hold any words of the server's. */
type Outcome =
  | { readonly type: "answered"; readonly answer: Answer }
  | { readonly type: "failed"; readonly failure: Failure; readonly error: unknown };

function asAnswered(answer: Answer): Outcome {
  return { type: "answered", answer };
}

async function asFailed(error: unknown): Promise<Outcome> {
  return { type: "failed", failure: await failureOf(error), error };
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
