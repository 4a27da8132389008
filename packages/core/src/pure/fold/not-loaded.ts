import type { AgentEvent } from "../../events.js";
import { findModel } from "../../models/models.js";
import type { State } from "../../state.js";
import { jsonBytes } from "../conversation/json-bytes.js";
import { mapContent } from "../conversation/map-content.js";
import { inRun } from "./change.js";
import { withoutThinking } from "./segment.js";

/**
 * A history in which nothing is shown by its address any more, once the API has refused a request because it could not load something
 * or take what it found there: addresses expire, and each later request would be refused like this one. Which of them it was the API
 * doesn't say, so all give way to notes. The run still owes an answer to what was said last.
 */
export function withoutUnloaded(state: State, { error }: Extract<AgentEvent, { type: "model.end" }>): State {
  if (error?.status !== 400 || !refusal.test(error.message)) return state;
  let noteBytes = 0;
  const giveWay = (block: unknown): unknown => {
    const note = noteFor(block);
    noteBytes += note === undefined ? 0 : jsonBytes(note);
    return note ?? block;
  };
  const noted = state.messages.map((message) =>
    message.role === "user" ? mapContent(message, giveWay) : message,
  );
  const first = noted.findIndex((message, index) => message !== state.messages[index]);
  if (first < 0) return state;
  const isBound = bindsThinking(state.step?.model ?? state.run?.model ?? "");
  const messages = noted.map((message, index) =>
    isBound && index > first ? withoutThinking(message) : message,
  );
  const { prompt } = state;
  // What was counted of the prompt holds none of the notes, and what a call may cost is reserved by it.
  const counted = prompt === undefined ? undefined : { ...prompt, tokens: prompt.tokens + noteBytes };
  return inRun({ ...state, messages, prompt: counted }, () => ({ goesOn: true }));
}

/** In the API's words. The later ones it says of bytes, too; but those were checked before they were sent. */
const refusal =
  /unable to download the file|robots\.txt|could not process (?:image|pdf)|image exceeds|image dimensions exceed|the pdf specified was not valid/i;

/** The others want the thoughts of a turn that calls tools back, whatever has changed before them. */
function bindsThinking(model: string): boolean {
  const known = findModel(model);
  return known === undefined || known.refuses?.includes("changed_history") === true;
}

/** For an image or a document that is shown by its address. Of the address the host alone is told: the rest may hold a key. */
function noteFor(block: unknown): unknown {
  const { type, source } = (block ?? {}) as {
    readonly type?: unknown;
    readonly source?: { readonly type?: unknown; readonly url?: unknown } | null;
  };
  if ((type !== "image" && type !== "document") || source?.type !== "url") return undefined;
  const { url } = source;
  const from = typeof url === "string" && URL.canParse(url) ? ` from ${new URL(url).host}/…` : "";
  const what = type === "image" ? "an image" : "a document";
  const words = `[cut: ${what}${from}: the API could not load all that is shown by its address.]`;
  return { type: "text", text: words };
}
