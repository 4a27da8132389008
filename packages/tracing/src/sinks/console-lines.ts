import type { AgentEvent, Delta, ToolOutcome } from "@lockstitch/core";
import type { TracerEvents } from "../tracer.js";
import type { Line, Price, Say, Style } from "./console-line.js";
import { labelOf, type WatchedSession } from "./console-session.js";
import { lessRoomLine, missLine } from "./console-spending.js";
import { resumedLine, subagentEndLine, subagentLine, suspendedLine } from "./console-subagents.js";
import { duration, inputTokens, money, plural, size, usageFacts } from "./figures.js";

interface LineOptions {
  /** False: sizes instead of what people, models and tools said. */
  readonly content: boolean;
  /** True: model calls that went well and permission checks too. */
  readonly verbose: boolean;
  /** False: not a word of money. */
  readonly cost: boolean;
}

/** The lines that tell a person of this event; `session` is what was remembered before it. */
export function consoleLines(
  event: AgentEvent | Delta,
  session: WatchedSession,
  { content, verbose, cost }: LineOptions,
): readonly Line[] {
  const price: Price = (sum) => (cost ? [money(sum)] : []);
  const say: Say = (text, what) => (content ? text : `${what ?? ""} (${size(text)})`.trimStart());
  switch (event.type) {
    case "run.start":
      return [header(event, session)];
    case "run.resume":
      return [{ mark: ["cyan", "●"], title: `resumed by ${event.owner}` }];
    case "run.abort":
      return [{ mark: ["yellow", "■"], title: `aborted by ${event.by}` }];
    case "run.end":
      return endLines(event, session, say, price);
    case "input":
      return event.messages.map(({ content: said }) => ({
        ...(event.purpose === "output" ? askedAgain : { mark: ["bold", "›"] }),
        body: contentText(said, say),
      }));
    case "step.start":
      return [{ gutter: "┌", title: `step ${event.step}` }];
    case "step.end":
      return [{ gutter: "└", facts: stepFacts(event, session, price) }];
    case "model.end":
      return [
        ...(event.outcome !== "message" || verbose ? [attemptLine(event, say)] : []),
        ...(event.cacheMiss === undefined ? [] : [missLine(event.cacheMiss)]),
      ];
    case "message":
      return messageLines(event, say);
    case "tool.check":
      // Why a call was denied, its result says.
      return verbose || event.verdict === "ask" ? [checkLine(event, session)] : [];
    case "approval.request":
      return [attention("?", `${labelOf(session, event.toolUseId)} waits for approval`)];
    case "approval.response":
      return [approvalLine(event, session, say)];
    case "tool.start":
      return [callLine(event, session, say)];
    case "tool.delta":
      return [progressLine(event, session, say)];
    case "tool.end":
      return resultLines(event, session, say);
    case "subagent.start":
      return [subagentLine(event, session, cost)];
    case "subagent.end":
      return [subagentEndLine(event, session, price)];
    case "tool.suspend":
      return [suspendedLine(event, session)];
    case "tool.resume":
      return [resumedLine(event, session)];
    case "wait":
      return [waitLine(event, session, say)];
    case "message.restart":
      return [attention("↻", "the reply starts over", untold(event.reason, session, say))];
    case "compaction":
      return [compactionLine(event, say)];
    case "model.start":
      return verbose && event.maxTokens !== undefined ? [lessRoomLine(event.maxTokens)] : [];
    case "session.start":
    case "prompt.count":
    case "message.delta":
      return [];
    default:
      return nothingFor(event);
  }
}

const askedAgain: Line = { mark: ["yellow", "↻"], title: "asks again for the answer" };

/** An error is seldom of use without its end; a proxy's error page is. */
const errorLines = 4;

/** An event that is new to this version is left out; one that is new to the types is a compile error. */
function nothingFor(_event: never): readonly Line[] {
  return [];
}

function header({ model, session: id }: TracerEvents["run.start"], { agent, parent }: WatchedSession): Line {
  const work = parent === undefined ? [] : [`for ${parent}`];
  const mark: Line["mark"] = ["cyan", "●"];
  return agent === undefined
    ? { mark, title: model, facts: [id, ...work] }
    : { mark, title: agent, facts: [model, id, ...work] };
}

function endLines(
  event: TracerEvents["run.end"],
  { runStartedAt }: WatchedSession,
  say: Say,
  price: Price,
): Line[] {
  const reason = event.limit === undefined ? event.reason : `${event.reason} ${event.limit}`;
  const tokens = inputTokens(event.usage) + event.usage.output_tokens;
  const facts = [plural(tokens, "token"), ...price(event.cost)];
  if (runStartedAt !== undefined) facts.push(duration(event.at - runStartedAt));
  const colour = event.reason === "error" ? "red" : event.reason === "end_turn" ? "green" : "yellow";
  const end: Line = { mark: [colour, "●"], title: `${reason} after ${plural(event.steps, "step")}`, facts };
  if (event.error === undefined) return [end];
  return [{ mark: ["red", "✗"], body: errorText(event.error, say), lines: errorLines }, end];
}

function stepFacts(
  event: TracerEvents["step.end"],
  { stepStartedAt }: WatchedSession,
  price: Price,
): string[] {
  const facts = [...usageFacts(event.usage), ...price(event.cost)];
  return stepStartedAt === undefined ? facts : [...facts, duration(event.at - stepStartedAt)];
}

const attempts: Readonly<Record<TracerEvents["model.end"]["outcome"], readonly [Style, string, string]>> = {
  message: ["dim", "·", "the model replied"],
  broken: ["yellow", "✗", "the reply broke off"],
  error: ["yellow", "✗", "the model call failed"],
  aborted: ["yellow", "✗", "the model call was aborted"],
};

function attemptLine(event: TracerEvents["model.end"], say: Say): Line {
  const [style, sign, words] = attempts[event.outcome];
  const body = event.error === undefined ? undefined : errorText(event.error, say);
  const title = `${words}, attempt ${event.attempt}`;
  return {
    gutter: "│",
    mark: [style, sign],
    title,
    body,
    lines: errorLines,
    facts: [duration(event.durationMs)],
  };
}

type ContentBlock = Exclude<TracerEvents["message"]["message"]["content"], string>[number];

function messageLines({ message: { content } }: TracerEvents["message"], say: Say): Line[] {
  const blocks: readonly ContentBlock[] =
    typeof content === "string" ? [{ type: "text", text: content }] : content;
  return blocks.flatMap((block) => blockLine(block, say) ?? []);
}

function blockLine(block: ContentBlock, say: Say): Line | undefined {
  switch (block.type) {
    case "text":
      return block.text.trim() === "" ? undefined : { gutter: "│", body: say(block.text, "text") };
    case "thinking":
      // Thinking may come signed but without its words.
      if (block.thinking.trim() === "") return undefined;
      return { gutter: "│", body: say(block.thinking, "thinking"), style: "dim" };
    case "tool_use":
      // Shown when it starts.
      return undefined;
    case "server_tool_use":
      return { gutter: "│", mark: ["cyan", "⇢"], title: block.name, body: say(json(block.input)) };
    default:
      return { gutter: "│", body: kindAndSize(block), style: "dim" };
  }
}

function checkLine({ toolUseId, verdict, rule }: TracerEvents["tool.check"], session: WatchedSession): Line {
  const title = `${labelOf(session, toolUseId)}: ${verdict}`;
  return { gutter: "│", mark: ["dim", "·"], title, facts: rule === undefined ? [] : [rule] };
}

function approvalLine(event: TracerEvents["approval.response"], session: WatchedSession, say: Say): Line {
  const label = labelOf(session, event.toolUseId);
  const reason = event.reason === undefined ? undefined : say(event.reason);
  return event.approved
    ? attention("✓", `${label} approved`, reason)
    : attention("✗", `${label} refused`, reason);
}

type CallOfEvent = Pick<TracerEvents["tool.start"], "toolUseId" | "name">;

function callLine({ toolUseId, name }: CallOfEvent, session: WatchedSession, say: Say): Line {
  const call = session.calls.get(toolUseId);
  const body = call === undefined ? undefined : say(json(call.input));
  return { gutter: "│", mark: ["cyan", "→"], title: call?.label ?? name, body };
}

function progressLine(
  { toolUseId, value }: TracerEvents["tool.delta"],
  session: WatchedSession,
  say: Say,
): Line {
  const body = say(typeof value === "string" ? value : json(value));
  return { gutter: "│", mark: ["dim", "⋯"], title: labelOf(session, toolUseId), body, style: "dim" };
}

const outcomes: Readonly<Record<ToolOutcome, string>> = {
  ok: "",
  error: "",
  invalid_input: " invalid input",
  unknown_tool: " unknown tool",
  denied: " denied",
  timeout: " timed out",
  aborted: " aborted",
  not_run: " not run",
  unknown: " outcome unknown",
};

function resultLines(event: TracerEvents["tool.end"], session: WatchedSession, say: Say): Line[] {
  const call = session.calls.get(event.toolUseId);
  const result: Line = {
    gutter: "│",
    mark: event.outcome === "ok" && event.result.is_error !== true ? ["green", "←"] : ["red", "✗"],
    title: `${call?.label ?? event.name}${outcomes[event.outcome]}`,
    body: contentText(event.result.content ?? "", say),
    facts: [duration(event.durationMs)],
  };
  // A call that ended without a start was refused; its own line tells what it asked for.
  return call?.started === false ? [callLine(event, session, say), result] : [result];
}

function waitLine(event: TracerEvents["wait"], session: WatchedSession, say: Say): Line {
  const time = duration(event.ms);
  const next = event.attempt === undefined ? "next attempt" : `attempt ${event.attempt}`;
  const titles = {
    retry: `${next} in ${time}`,
    rate_limit: `rate limit, goes on in ${time}`,
    store: "waits for the process that has the store",
  };
  const title = titles[event.reason];
  return attention("…", title, untold(event.error, session, say));
}

function compactionLine({ kept, summary }: TracerEvents["compaction"], say: Say): Line {
  const title = `compacted, ${plural(kept, "message")} kept`;
  return { gutter: "│", mark: ["dim", "≡"], title, body: say(summary), style: "dim" };
}

function attention(sign: string, title: string, body?: string): Line {
  return { gutter: "│", mark: ["yellow", sign], title, body };
}

/** The failure in words, unless the line before has just told it. */
function untold(failure: string | undefined, { told }: WatchedSession, say: Say): string | undefined {
  return failure === undefined || failure === told ? undefined : say(failure);
}

function errorText(error: NonNullable<TracerEvents["run.end"]["error"]>, say: Say): string {
  const words = say(error.message);
  // The SDK's own messages begin with the status.
  const status = error.status === undefined || words.startsWith(`${error.status} `) ? "" : ` ${error.status}`;
  const request = error.requestID === undefined ? "" : ` (request ${error.requestID})`;
  return `${error.name}${status}: ${words}${request}`;
}

/** The words of a content; of anything else what it is and how much. */
function contentText(content: string | readonly { readonly type: string }[], say: Say): string {
  if (typeof content === "string") return say(content);
  return content.map((block) => ("text" in block ? say(String(block.text)) : kindAndSize(block))).join(" ");
}

function kindAndSize(block: { readonly type: string }): string {
  return `[${block.type}, ${size(json(block))}]`;
}

/** JSON where there is any; a tool may report progress that has none. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "[no JSON]";
  }
}
