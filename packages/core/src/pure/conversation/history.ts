import type Anthropic from "@anthropic-ai/sdk";

type Message = Anthropic.MessageParam;
type Block = Anthropic.ContentBlockParam;

/**
 * A history with one more message. Two user messages in a row become one, as the API reads them anyway, so that roles
 * always alternate. Only the last message can grow, and no reply has been made to that one yet.
 */
export function appendMessage(history: readonly Message[], message: Message): readonly Message[] {
  const last = history.at(-1);
  if (last?.role !== "user" || message.role !== "user") return [...history, message];
  return [...history.slice(0, -1), { role: "user", content: [...blocksOf(last), ...blocksOf(message)] }];
}

/**
 * A history with what was said since. Its last system messages, if no reply came to them, go behind that: the API takes one only there, and
 * would refuse every later request of the session.
 */
export function withSaid(history: readonly Message[], said: readonly Message[]): readonly Message[] {
  const end = history.findLastIndex(({ role }) => role !== "system") + 1;
  return systemLast([...history.slice(end), ...said]).reduce(appendMessage, history.slice(0, end));
}

/** The API takes a system message only behind a user's and before the assistant's, so what people say beside it goes first. */
function systemLast(said: readonly Message[]): readonly Message[] {
  const ordered: Message[] = [];
  let waiting: readonly Message[] = [];
  for (const message of said) {
    if (message.role === "system") waiting = [...waiting, message];
    else if (message.role === "user") ordered.push(message);
    else {
      ordered.push(...waiting, message);
      waiting = [];
    }
  }
  return [...ordered, ...waiting];
}

/** What people say wants an answer; a system message alone wants none. */
export function isAnythingSaid(inbox: readonly Message[]): boolean {
  return inbox.some(({ role }) => role !== "system");
}

/** A message's content as blocks, whichever form it came in. */
export function blocksOf(message: Message): readonly Block[] {
  return typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
}

/** The text that a person would read in a message. */
export function textOf(message: Message): string {
  return blocksOf(message)
    .flatMap((block) => (block.type === "text" ? [block.text] : []))
    .join("");
}

/**
 * A server tool is still at work in the open turn, so only the model may go on from here: what a person says must wait.
 * A turn may go over several replies: programmatic tool calls come one by one while the code that makes them still runs, and a pause may
 * be followed by another.
 */
export function hasUnansweredServerTool(history: readonly Message[]): boolean {
  return unansweredServerTools(openTurn(history).flatMap(blocksOf)).length > 0;
}

/** The messages since a person last said something. */
export function openTurn(history: readonly Message[]): readonly Message[] {
  const isSaid = (message: Message) =>
    message.role === "user" && blocksOf(message).some(({ type }) => type !== "tool_result");
  return history.slice(history.findLastIndex(isSaid) + 1);
}

export function unansweredServerTools(blocks: readonly Block[]): readonly string[] {
  const answered = new Set(blocks.flatMap((block) => ("tool_use_id" in block ? [block.tool_use_id] : [])));
  return blocks.flatMap((block) => (isServerToolUse(block) && !answered.has(block.id) ? [block.id] : []));
}

/**
 * Only a turn that the API broke off among its own tools is gone on with; any other would be words put into the model's mouth. The last
 * reply of it may hold nothing but what an earlier one has asked for.
 */
export function isAmongServerTools(history: readonly Message[]): boolean {
  return openTurn(history).some(saysServerTool);
}

/** The API runs tools by itself in it. */
export function saysServerTool(message: Message): boolean {
  return blocksOf(message).some(isServerToolUse);
}

/** `mcp_tool_use` is a beta block that the stable types don't name; it behaves alike. */
export function isServerToolUse<Any extends Block | Anthropic.ContentBlock>(
  block: Any,
): block is Any & { type: "server_tool_use" } {
  return block.type === "server_tool_use" || (block.type as string) === "mcp_tool_use";
}

/** The calls that a block belongs to: the one that it answers, or the code that made this one. */
export function referencesOf(block: Block | Anthropic.ContentBlock): readonly string[] {
  return [
    ...("tool_use_id" in block ? [block.tool_use_id] : []),
    ...("caller" in block && block.caller && "tool_id" in block.caller ? [block.caller.tool_id] : []),
  ];
}

/**
 * The first thing in a history that the API would refuse, in words, or `undefined`.
 * Checked before every send: a history that is refused once is refused for ever after.
 * @param paused the last reply stopped with `pause_turn`, so it is sent back as the last message
 */
export function findHistoryProblem(history: readonly Message[], paused = false): string | undefined {
  const first = history.find(({ role }) => role !== "system");
  if (first === undefined) return "There are no messages to send.";
  if (first.role !== "user") return "messages: the first message must be the user's.";
  const seen = new Set<string>();
  for (const [index, message] of history.entries()) {
    const problem =
      messageProblem(message) ??
      placeProblem(message, history[index - 1], history[index + 1]) ??
      pairingProblem(message, history[index - 1], seen);
    if (problem !== undefined) return `messages.${index}: ${problem}`;
  }
  return endProblem(history, paused);
}

function messageProblem(message: Message): string | undefined {
  if (!["user", "assistant", "system"].includes(message.role))
    return `the role ${JSON.stringify(message.role)} is not one of user, assistant, system.`;
  if (message.content.length === 0) return "its content is empty.";
  const empty = blocksOf(message).findIndex(
    (block) => block.type === "text" && isBlank(block.text, message.role),
  );
  return empty < 0 ? undefined : `text block ${empty} is empty.`;
}

function placeProblem(
  message: Message,
  before: Message | undefined,
  after: Message | undefined,
): string | undefined {
  if (message.role !== "system") return undefined;
  if (before?.role !== "user" && before?.role !== "system")
    return "a system message must come right after a user's, or another system message.";
  return after === undefined || after.role !== "user"
    ? undefined
    : "a system message must be followed by the assistant's, or be the last.";
}

/** A person's text must say something; of the assistant's own, which came from the API, only nothing at all is refused. */
function isBlank(text: string, role: Message["role"]): boolean {
  return role === "assistant" ? text === "" : text.trim() === "";
}

/** Every call is answered once, in the very next message, before anything else that message says. */
function pairingProblem(
  message: Message,
  before: Message | undefined,
  seen: Set<string>,
): string | undefined {
  const pending = before?.role === "assistant" ? new Set(toolUseIds(before)) : new Set<string>();
  const blocks = blocksOf(message);
  if (message.role !== "user" && pending.size > 0) return unanswered(pending);
  let resultsOver = false;
  for (const block of blocks) {
    if (block.type !== "tool_result") {
      resultsOver = true;
    } else if (message.role !== "user" || !pending.delete(block.tool_use_id)) {
      return `the tool result ${block.tool_use_id} answers no call of the message before, or answers it again.`;
    } else if (resultsOver) {
      return `the tool result ${block.tool_use_id} must come before all other content.`;
    }
  }
  if (pending.size > 0) return unanswered(pending);
  for (const id of toolUseIds(message)) {
    if (message.role !== "assistant") return `the tool call ${id} is not the assistant's.`;
    if (seen.has(id)) return `the tool call id ${id} is used twice.`;
    seen.add(id);
  }
  return undefined;
}

function unanswered(ids: ReadonlySet<string>): string {
  return `the calls ${[...ids].join(", ")} of the message before are not answered.`;
}

export function toolUseIds(message: Message): readonly string[] {
  return blocksOf(message).flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
}

function endProblem(history: readonly Message[], paused: boolean): string | undefined {
  const last = history.at(-1);
  if (last?.role !== "assistant") return undefined;
  if (toolUseIds(last).length > 0) return `messages.${history.length - 1}: its tool calls are not answered.`;
  if ((paused && isAmongServerTools(history)) || hasUnansweredServerTool(history)) return undefined;
  return `messages.${history.length - 1}: the last message is the assistant's own; end with a user message.`;
}
