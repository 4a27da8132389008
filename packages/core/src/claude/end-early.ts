import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest, StreamEvent, Wait } from "../claude-function.js";
import { AgentError } from "../errors.js";
import { onAbort } from "../on-abort.js";
import { estimateText } from "../pure/budget/token-estimate.js";
import { endedEarly } from "../pure/reply/stop-reason.js";
import { totalTokens, toUsage } from "../usage.js";
import { createAssembler } from "./assemble.js";
import { inherit } from "./inherit.js";

/** An answer while it streams. */
export interface GrowingAnswer {
  /** All of its text so far. */
  readonly text: string;
  /** Its blocks that are finished, e.g. calls with their whole input. */
  readonly blocks: readonly Anthropic.ContentBlock[];
}

/**
 * Ends a reply as soon as `isEnough` says so of what has come of it, after each piece of text and each finished block. The connection
 * is closed, so no more is generated, and the run ends with what was streamed and the reason `"ended_early"`: a call that was not
 * complete is left out, and the others are answered as not needed. What `isEnough` throws ends the call. Summaries of a compaction are left alone.
 *
 * The API never tells what such a reply came to: its input is known, its output is estimated from what was streamed. Thinking that
 * isn't shown can't be seen and isn't in it, nor is what the model wrote before it noticed. Against the run's limits it counts with all that it might have come to.
 */
export function endEarly(claude: Claude, isEnough: (answer: GrowingAnswer) => boolean): Claude {
  if (typeof claude !== "function" || typeof isEnough !== "function")
    throw new AgentError(
      "endEarly() takes a Claude function and a predicate: endEarly(claude(), ({ text }) => text.length > 200).",
    );
  const ask: Claude = async (request, call) => {
    // Half a summary in the place of a history would lose the other half.
    if (call.purpose !== undefined) return claude(request, call);
    const transport = new AbortController();
    const release = onAbort(call.signal, () => transport.abort(call.signal.reason));
    try {
      return await new Promise<Anthropic.Message>((resolve, reject) => {
        const emit = watch(
          request,
          call,
          isEnough,
          (message) => {
            resolve(message);
            transport.abort(new DOMException("Enough of the reply is there.", "AbortError"));
          },
          reject,
        );
        claude(request, { ...call, signal: transport.signal, emit }).then(resolve, reject);
      });
    } catch (error) {
      // Also after what `isEnough` threw: nobody wants the rest.
      transport.abort(error);
      throw error;
    } finally {
      release();
    }
  };
  return inherit(claude, ask);
}

/** Passes a reply's events on until it is enough. */
function watch(
  request: ModelRequest,
  call: ModelCall,
  isEnough: (answer: GrowingAnswer) => boolean,
  onEnough: (message: Anthropic.Message) => void,
  onError: (error: unknown) => void,
): ModelCall["emit"] {
  const assembler = createAssembler();
  const blocks: Anthropic.ContentBlock[] = [];
  let text = "";
  let streamed = "";
  let calls = 0;
  let open = true;

  /** Whether there is more of the answer to look at. */
  const take = (event: StreamEvent | Wait): boolean => {
    if (event.type === "wait") return false;
    const taken = assembler.take(event);
    streamed += pieceOf(taken);
    if (taken.type === "content_block_start" && taken.content_block.type.endsWith("tool_use")) calls += 1;
    if (taken.type === "content_block_stop" && taken.content_block !== undefined)
      blocks.push(taken.content_block);
    else if (taken.type === "content_block_delta" && taken.delta.type === "text_delta")
      text += taken.delta.text;
    else return false;
    return true;
  };

  return (event) => {
    if (!open) return;
    call.emit(event);
    try {
      if (!take(event) || !isEnough({ text, blocks })) return;
      open = false;
      onEnough(
        endHere(
          assembler.soFar() as Anthropic.Message,
          request,
          estimateText(streamed, request.model) + calls * callTokens,
        ),
      );
    } catch (error) {
      open = false;
      onError(error);
    }
  };
}

/** What a call is beside its input, as recorded. */
const callTokens = 45;

/** What has come of a message, as a message that the history can hold. */
function endHere(message: Anthropic.Message, request: ModelRequest, tokens: number): Anthropic.Message {
  const answered = new Set(
    message.content.map((block) => ("tool_use_id" in block ? block.tool_use_id : undefined)),
  );
  const { usage } = message;
  // A reply from a cache of ours costs nothing, however far it came.
  const output = totalTokens(toUsage(usage)) === 0 ? 0 : Math.min(request.max_tokens, tokens);
  return {
    ...message,
    // A call that the API was running itself can't be gone on with from another request.
    content: message.content.filter((block) => block.type !== "server_tool_use" || answered.has(block.id)),
    stop_reason: endedEarly as Anthropic.StopReason,
    usage: { ...usage, output_tokens: Math.max(usage.output_tokens ?? 0, output) },
  };
}

/** What an event has shown of the answer. */
function pieceOf(event: StreamEvent): string {
  if (event.type !== "content_block_delta") return "";
  const { delta } = event;
  switch (delta.type) {
    case "text_delta":
      return delta.text;
    case "thinking_delta":
      return delta.thinking;
    case "input_json_delta":
      return delta.partial_json;
    default:
      return "";
  }
}
