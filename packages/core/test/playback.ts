import type Anthropic from "@anthropic-ai/sdk";
import { type Agent, claude, memoryStore, type Result, run, type Tool, ToolError } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";
import { type Conversation, type Exchange, isWholeStream, parseBody, parseWhole } from "./recordings.ts";
import { type Answer, begin, serve, sse } from "./sse-server.ts";

type Request = Anthropic.MessageCreateParams;

/** What one run of ours stands for: a person's words, and all that came of them. */
export interface Turn {
  readonly opening: Request;
  readonly input: readonly Anthropic.MessageParam[];
  readonly exchanges: readonly Exchange[];
}

export interface Playback {
  /** The bodies that we sent, in order. */
  readonly sent: readonly Request[];
  /** How each run ended. */
  readonly outcomes: readonly (Result | Error)[];
}

/** Plays the API's recorded part of a conversation as a server, while our loop plays the client's, one run a turn. */
export async function play(conversation: Conversation, effects: Tool["effects"]): Promise<Playback> {
  const { exchanges } = conversation;
  const server = await serve(
    ...exchanges.map((exchange, index) => answerOf(bodyToSend(exchange, exchanges[index + 1]))),
  );
  const options = {
    claude: claude({ client: server.client }),
    store: memoryStore(),
    session: conversation.name,
    retry: { attempts: 1 },
  };
  const outcomes: (Result | Error)[] = [];
  for (const { opening, input } of turnsOf(conversation)) {
    const agent = agentOf(opening, resultsIn(conversation), effects);
    outcomes.push(await run(agent, input, options).catch((error: Error) => error));
  }
  await server.close();
  return { sent: server.requests.map(({ body }) => body as Request), outcomes };
}

/** A request that hands in tool results goes on with the run before it; any other begins one, with what it says that is new. */
export function turnsOf({ exchanges }: Conversation): Turn[] {
  const turns: (Turn & { exchanges: Exchange[] })[] = [];
  for (const exchange of exchanges) {
    const { messages } = exchange.request;
    const last = turns.at(-1);
    if (last === undefined) turns.push({ opening: exchange.request, input: messages, exchanges: [exchange] });
    else if (toolResults(messages.at(-1)).length > 0) last.exchanges.push(exchange);
    else turns.push({ opening: exchange.request, input: messages.slice(-1), exchanges: [exchange] });
  }
  return turns;
}

/** The agent that makes such a request: its tools return what was recorded for their calls. */
function agentOf(
  opening: Request,
  results: ReadonlyMap<string, Anthropic.ToolResultBlockParam>,
  effects: Tool["effects"],
): Agent {
  const { model, max_tokens, system, tools = [], messages, stream, ...request } = opening;
  return {
    model,
    maxTokens: max_tokens,
    ...(system === undefined ? {} : { system }),
    tools: tools.map((tool) => ("input_schema" in tool ? toolOf(tool, results, effects) : tool)),
    request,
    limits: { maxSteps: 10 },
  };
}

function toolOf(
  { name, description, input_schema, ...definition }: Anthropic.Tool,
  results: ReadonlyMap<string, Anthropic.ToolResultBlockParam>,
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

function resultsIn({ exchanges }: Conversation): Map<string, Anthropic.ToolResultBlockParam> {
  const results = exchanges.flatMap(({ request }) => request.messages.flatMap(toolResults));
  return new Map(results.map((result) => [result.tool_use_id, result]));
}

export function toolResults(message: Anthropic.MessageParam | undefined): Anthropic.ToolResultBlockParam[] {
  return blocksOf(message).filter((block) => block.type === "tool_result");
}

export function blocksOf(message: Anthropic.MessageParam | undefined): Anthropic.ContentBlockParam[] {
  const { content = [] } = message ?? {};
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The recorded reply; `undefined` where the recorder kept only its beginning. */
export function replyOf({ isStream, body }: Exchange): Anthropic.Message | undefined {
  return isStream ? undefined : (parseWhole(body) as Anthropic.Message | undefined);
}

export function isCut(exchange: Exchange): boolean {
  return exchange.isStream ? !isWholeStream(parseBody(exchange.body)) : replyOf(exchange) === undefined;
}

/** A stream goes out as it came. A JSON reply goes out as the stream that would have made it. Of a cut one the next request tells the content. */
function bodyToSend(exchange: Exchange, next: Exchange | undefined): string {
  if (exchange.isStream && !isCut(exchange)) return exchange.body;
  const whole = replyOf(exchange) ?? retold(exchange, next);
  return whole === undefined ? exchange.body : sse(streamEvents(whole)).join("");
}

function retold({ request }: Exchange, next: Exchange | undefined): Anthropic.Message | undefined {
  const told = next?.request.messages[request.messages.length];
  if (told === undefined) return undefined;
  return {
    id: "msg_retold",
    type: "message",
    role: "assistant",
    model: request.model,
    content: blocksOf(told),
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  } as unknown as Anthropic.Message;
}

function answerOf(body: string): Answer {
  return (response) => {
    begin(response);
    response.end(body);
  };
}
