import type { AgentEvent, ErrorRecord } from "../../events.js";
import type { State } from "../../state.js";
import { jsonBytes } from "../conversation/json-bytes.js";
import { mapContent } from "../conversation/map-content.js";
import { bindsThinking, withoutThinking } from "../conversation/thinking.js";

/**
 * A history in which nothing is shown by its address any more, once the API has refused a request because it could not load something
 * or take what it found there: addresses expire, and each later request would be refused like this one. Which of them it was the API
 * doesn't say, so all give way to notes. A file that is no longer there is named, and gives way alone.
 */
export function withoutUnloaded(state: State, { error }: Extract<AgentEvent, { type: "model.end" }>): State {
  const isGone = error === undefined ? undefined : whatIsGone(error);
  if (isGone === undefined) return state;
  let noteBytes = 0;
  const giveWay = (block: unknown): unknown => {
    const note = noteFor(block, isGone);
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
  return { ...state, messages, prompt: counted };
}

type IsGone = (source: Source) => boolean;

function whatIsGone({ status, message }: ErrorRecord): IsGone | undefined {
  if (status === 400) {
    const words = message.toLowerCase();
    return refusals.some((refusal) => words.includes(refusal)) ? ({ type }) => type === "url" : undefined;
  }
  // By its id and not by words: a model that doesn't exist is answered with 404, too.
  const files: readonly unknown[] = (status === 404 && message.match(/(?<![\w-])file_\w+/g)) || [];
  return files.length === 0 ? undefined : ({ type, file_id }) => type === "file" && files.includes(file_id);
}

/** In the API's words, in small letters. Some it says of bytes, too; but those were checked before they were sent. */
const refusals: readonly string[] = [
  "unable to download the file",
  "robots.txt",
  "only https urls",
  "could not process image",
  "could not process pdf",
  "image exceeds",
  "image dimensions exceed",
  "the pdf specified",
  "pdf pages may be provided",
  "pdf cannot be empty",
];

/** For an image or a document that is gone. Of an address the host alone is told: the rest may hold a key. */
function noteFor(block: unknown, isGone: IsGone): unknown {
  const { type, source } = (block ?? {}) as { readonly type?: unknown; readonly source?: Source | null };
  if ((type !== "image" && type !== "document") || !source || !isGone(source)) return undefined;
  const what = type === "image" ? "an image" : "a document";
  const words =
    source.type === "file"
      ? `[cut: ${what}: the API no longer has its file.]`
      : `[cut: ${what}${hostOf(source)}: the API could not load all that is shown by its address.]`;
  return { type: "text", text: words };
}

interface Source {
  readonly type?: unknown;
  readonly url?: unknown;
  readonly file_id?: unknown;
}

function hostOf({ url }: Source): string {
  return typeof url === "string" && URL.canParse(url) ? ` from ${new URL(url).host}/…` : "";
}
