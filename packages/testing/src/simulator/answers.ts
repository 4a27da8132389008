import type { Message } from "@anthropic-ai/sdk/resources/messages";
import type { ErrorReply } from "./mind.js";
import type { StreamEvent } from "./stream.js";

/** What goes back to the client. */
export type Answer =
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
