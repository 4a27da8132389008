import type Anthropic from "@anthropic-ai/sdk";
import type { AgentEvent, Result } from "@lockstitch/core";
import type { Problem } from "./ledger.js";

type Message = Anthropic.MessageParam;

/** What was taken of a person's words stands in the final history, once, where a person speaks, and was answered. */
export function unheard(
  { result, log }: { readonly result: Result; readonly log: readonly AgentEvent[] },
  acknowledged: readonly string[],
): readonly Problem[] {
  return acknowledged.flatMap((text): Problem[] => {
    const problem = problemOf(text, result.messages, log);
    return problem === undefined
      ? []
      : [{ kind: "lost", problem: `${JSON.stringify(text)} was acknowledged, and ${problem}` }];
  });
}

function problemOf(
  text: string,
  messages: readonly Message[],
  log: readonly AgentEvent[],
): string | undefined {
  const [logged, ...again] = log.filter((event) => isInputOf(event, [text]));
  if (logged === undefined) return "is not in the log";
  if (again.length > 0) return "is in the log more than once";
  // The run ended while it was on its way: it waits for the session's next run, as what is posted after an end does.
  if (logged.seq > (log.findLast(({ type }) => type === "run.end")?.seq ?? 0)) return undefined;
  const places = messages.flatMap((message, index) =>
    blocksOf(message).flatMap((block) => (isTextOf(block, [text]) ? [{ role: message.role, index }] : [])),
  );
  const [place] = places;
  if (place === undefined) return "the run ended without having heard it";
  if (places.length > 1) return "is in the history more than once";
  if (place.role !== "user") return `is in the history as if the ${place.role} had said it`;
  return messages[place.index + 1]?.role === "assistant" ? undefined : "nobody answered it";
}

/** Whether this is where one of these texts was posted. */
export function isInputOf(event: AgentEvent, texts: readonly string[]): boolean {
  return event.type === "input" && event.messages.flatMap(blocksOf).some((block) => isTextOf(block, texts));
}

/** The history as it were had nobody said these texts: without them, and without the replies to nothing else. */
export function withoutWords(messages: readonly Message[], texts: readonly string[]): readonly Message[] {
  const bare = messages.map((message) => ({
    ...message,
    content: blocksOf(message).filter((block) => message.role !== "user" || !isTextOf(block, texts)),
  })) as Message[];
  return bare.filter(({ content }, index) => content.length > 0 && bare[index - 1]?.content.length !== 0);
}

function isTextOf(block: Anthropic.ContentBlockParam, texts: readonly string[]): boolean {
  return block.type === "text" && texts.includes(block.text);
}

function blocksOf({ content }: Message): readonly Anthropic.ContentBlockParam[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}
