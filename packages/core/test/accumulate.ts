import type { RecordedEvent } from "./recordings.ts";

type Fields = Record<string, unknown>;
interface Delta extends Fields {
  readonly type: string;
}

/**
 * The message that a stream means, put together with hindsight: all events are there, so each block simply looks for its own.
 * Shares nothing with the code under test, and throws at whatever it was not written for.
 */
export function accumulate(events: readonly RecordedEvent[]): Fields {
  const start = only(events.filter(({ type }) => type === "message_start")).message as Fields;
  const ends = events.filter(({ type }) => type === "message_delta");
  const blocks = events
    .filter(({ type }) => type === "content_block_start")
    .map((event) => blockOf(event, events));
  const usage = { ...(start.usage as Fields) };
  const message: Fields = { ...start, content: [...(start.content as unknown[]), ...blocks], usage };
  for (const { type, delta, usage: totals, ...beside } of ends) {
    Object.assign(message, given(delta as Fields), beside);
    Object.assign(usage, given(totals as Fields));
  }
  return message;
}

function blockOf(start: RecordedEvent, events: readonly RecordedEvent[]): Fields {
  const deltas = events
    .filter(({ type, index }) => type === "content_block_delta" && index === start.index)
    .map(({ delta }) => delta as Delta);
  const block = { ...(start.content_block as Fields) };
  for (const { type, ...delta } of deltas) {
    if (type === "text_delta") block.text = `${block.text}${delta.text}`;
    else if (type === "thinking_delta") block.thinking = `${block.thinking}${delta.thinking}`;
    else if (type === "signature_delta") block.signature = delta.signature;
    else if (type === "compaction_delta") block.content = delta.content;
    else if (type === "citations_delta")
      block.citations = [...((block.citations as unknown[]) ?? []), delta.citation];
    else if (type !== "input_json_delta") throw new Error(`No recording held a ${type} before.`);
  }
  const json = deltas.map(({ partial_json = "" }) => partial_json).join("");
  return json === "" ? block : { ...block, input: JSON.parse(json) as unknown };
}

/** Each of several starts has to be the same as the first. */
function only(starts: readonly RecordedEvent[]): RecordedEvent {
  const [first] = starts;
  if (first === undefined || starts.some((start) => JSON.stringify(start) !== JSON.stringify(first)))
    throw new Error("The stream has no start, or different ones.");
  return first;
}

/** A null says nothing new: what was known stays. */
function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
