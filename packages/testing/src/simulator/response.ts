import type { Message } from "@anthropic-ai/sdk/resources/messages";
import type { StreamEvent } from "./event-stream.js";
import type { ErrorReply } from "./mind.js";

/** What goes back to the client. */
export type SimulatedResponse =
  | { readonly kind: "error"; readonly reply: ErrorReply }
  | { readonly kind: "json"; readonly body: unknown; readonly begin?: Begin }
  | {
      readonly kind: "stream";
      readonly message: Message;
      readonly events?: readonly StreamEvent[];
      readonly begin?: Begin;
    };

/** To be called when the answer begins, and not at all if it never does. */
type Begin = () => void;

/** The message in an answer; undefined where it is something else, e.g. a count. */
export function messageIn(
  response: Extract<SimulatedResponse, { readonly kind: "json" | "stream" }>,
): Message | undefined {
  if (response.kind === "stream") return response.message;
  const body = response.body as Partial<Message>;
  return body.type === "message" ? (body as Message) : undefined;
}
