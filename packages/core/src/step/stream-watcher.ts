import type Anthropic from "@anthropic-ai/sdk";
import type { StreamEvent, Wait } from "../claude-function.js";
import type { EagerCalls } from "./eager.js";
import type { LiveRun } from "./live-run.js";

export interface StreamWatcher {
  emit(event: StreamEvent | Wait): void;
  /** What a broken attempt had told of its model and usage. */
  seen(): { readonly model?: string; readonly usage?: object };
  /** Something of the reply was shown, so it must be taken back should the reply break. */
  shown(): boolean;
  close(): void;
}

/**
 * Shows the pieces of a reply as they come, starts eager calls, and remembers what the reply is known to cost should it break.
 * @param eager none: the reply is a summary, of which nobody is shown the pieces
 */
export function watchStream(run: Pick<LiveRun, "show">, eager?: EagerCalls): StreamWatcher {
  const heads = new Map<number, Anthropic.RawContentBlockStartEvent["content_block"]>();
  let seen: { model?: string; usage?: object } = {};
  let shown = false;
  let open = true;

  const emit = (event: StreamEvent | Wait): void => {
    // A Claude function that was given up may go on talking; nobody listens any more.
    if (!open) return;
    switch (event.type) {
      case "message_start":
        seen = { model: event.message.model, usage: { ...event.message.usage } };
        return;
      case "message_delta":
        seen = { ...seen, usage: { ...seen.usage, ...withoutNull(event.usage) } };
        return;
      case "content_block_start":
        heads.set(event.index, event.content_block);
        return;
      case "content_block_delta": {
        const block = heads.get(event.index);
        if (block === undefined || eager === undefined) return;
        shown = true;
        return run.show({ type: "message.delta", index: event.index, block, delta: event.delta });
      }
      case "content_block_stop":
        if (event.content_block?.type === "tool_use") eager?.start(event.content_block);
        return;
      case "wait":
        return run.show(event);
      default:
        return;
    }
  };
  return {
    emit,
    seen: () => seen,
    shown: () => shown,
    close: () => {
      open = false;
    },
  };
}

/** Totals that an event doesn't give keep their last value. */
function withoutNull(usage: object | undefined): object {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, value]) => value !== null));
}
