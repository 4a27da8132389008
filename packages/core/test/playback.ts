import type Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  claude,
  type Input,
  memoryStore,
  type Result,
  run,
  type Tool,
  ToolError,
} from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";
import { accumulate } from "./accumulate.ts";
import { type Conversation, type Exchange, isWholeStream, parseBody, parseWhole } from "./recordings.ts";
import { type Answer, begin, serve, sse } from "./sse-server.ts";

export type Request = Anthropic.MessageCreateParams;
type ToolResult = Anthropic.ToolResultBlockParam;

/** One run of ours: what a person said, and all requests and replies that came of it. */
export interface Turn {
  readonly input: Input;
  readonly first: Exchange;
  readonly last: Exchange;
  readonly steps: number;
}

export interface Playback {
  /** The bodies that we sent, in order. */
  readonly sent: readonly Request[];
  /** How each turn's run ended, in order. */
  readonly outcomes: readonly (Result | Error)[];
}

/** Plays the API's part of a recorded conversation as a server, while our loop plays the client's: one session, one run a turn. */
export async function play(conversation: Conversation, effects: Tool["effects"]): Promise<Playback> {
  const server = await serve(...conversation.exchanges.map((exchange) => answerOf(bodyToSend(exchange))));
  const options = {
    // Recorded with older versions of the API, in which models took more than the catalogue says.
    models: [],
    claude: claude({ client: server.client }),
    store: memoryStore(),
    session: conversation.name,
    retry: { attempts: 1 },
  };
  const outcomes: (Result | Error)[] = [];
  for (const turn of turnsOf(conversation)) {
    const agent = agentOf(turn, resultsIn(conversation), effects);
    outcomes.push(await run(agent, turn.input, options).catch((error: Error) => error));
  }
  await server.close();
  return { sent: server.requests.map(({ body }) => body as Request), outcomes };
}

/** A request that hands in tool results goes on with the turn before it; any other begins one. */
export function turnsOf({ exchanges }: Conversation): Turn[] {
  const turns: Turn[] = [];
  for (const exchange of exchanges) {
    const { messages } = exchange.request;
    const before = turns.at(-1);
    const hasHistory = before === undefined && messages.length > 1;
    const input = hasHistory ? messages : (messages.at(-1)?.content ?? "");
    if (before === undefined || toolResults(messages.at(-1)).length === 0)
      turns.push({ input, first: exchange, last: exchange, steps: 1 });
    else turns.splice(-1, 1, { ...before, last: exchange, steps: before.steps + 1 });
  }
  return turns;
}

/** The agent that makes such requests. It gets no more steps than were recorded, and its tools return what was recorded. */
function agentOf(
  { first, steps }: Turn,
  results: ReadonlyMap<string, ToolResult>,
  effects: Tool["effects"],
): Agent {
  const { model, max_tokens, system, tools = [], messages, stream, ...request } = first.request;
  return {
    model,
    maxTokens: max_tokens,
    // The recorded clients set no markers but those in their requests.
    cache: false,
    ...(system === undefined ? {} : { system }),
    tools: tools.map((tool) => ("input_schema" in tool ? toolOf(tool, results, effects) : tool)),
    request,
    limits: { maxSteps: steps },
  };
}

function toolOf(
  { name, description, input_schema, ...definition }: Anthropic.Tool,
  results: ReadonlyMap<string, ToolResult>,
  effects: Tool["effects"],
): Tool {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: input_schema,
    definition,
    ...(effects === undefined ? {} : { effects }),
    parse: (input) => input,
    run(_input, { toolUseId }) {
      const { content = "", is_error } = results.get(toolUseId) ?? {};
      if (is_error) throw new ToolError(content);
      return content;
    },
  };
}

function resultsIn({ exchanges }: Conversation): Map<string, ToolResult> {
  const results = exchanges.flatMap(({ request }) => request.messages.flatMap(toolResults));
  return new Map(results.map((result) => [result.tool_use_id, result]));
}

export function toolResults(message: Anthropic.MessageParam | undefined): ToolResult[] {
  return blocksOf(message).filter((block) => block.type === "tool_result");
}

function blocksOf(message: Anthropic.MessageParam | undefined): Anthropic.ContentBlockParam[] {
  const { content = [] } = message ?? {};
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** What a recorded reply says; where the recorder did not keep all of it, the next request tells its content, if there is one. */
export function replyOf(exchange: Exchange): Anthropic.Message | undefined {
  const { body, isStream } = exchange;
  if (!isStream) return (parseWhole(body) as Anthropic.Message | undefined) ?? retold(exchange);
  const events = parseBody(body);
  return isWholeStream(events) ? (accumulate(events) as unknown as Anthropic.Message) : retold(exchange);
}

function retold({ request, next }: Exchange): Anthropic.Message | undefined {
  if (next === undefined) return undefined;
  return {
    id: "msg_retold",
    type: "message",
    role: "assistant",
    model: request.model,
    content: blocksOf(next.messages[request.messages.length]),
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  } as unknown as Anthropic.Message;
}

/** A recorded stream goes out as it came; a JSON reply, or one told by the next request, as the stream that would have made it. */
function bodyToSend(exchange: Exchange): string {
  const reply = replyOf(exchange);
  const asItCame = reply === undefined || (exchange.isStream && isWholeStream(parseBody(exchange.body)));
  return asItCame ? exchange.body : sse(streamEvents(reply)).join("");
}

export function answerOf(body: string): Answer {
  return (response) => {
    begin(response);
    response.end(body);
  };
}
