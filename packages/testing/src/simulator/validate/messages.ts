import { openedIn } from "./beta-features.js";
import { type BlockPlace, checkBlock } from "./blocks.js";
import {
  type Fields,
  firstRefusal,
  isFields,
  modelOf,
  type Rule,
  refuses,
  type Surroundings,
} from "./rule.js";

const systemBlocks: readonly unknown[] = ["text", "tool_addition", "tool_removal"];
const roles: readonly unknown[] = ["user", "assistant", "system"];

/** The messages of a request whose fields are known to be well formed. */
export function messagesOf(request: Fields): readonly Fields[] {
  return request.messages as readonly Fields[];
}

/** A message's blocks; a string counts as one text block. */
export function blocksOf(message: Fields | undefined): readonly Fields[] {
  const content = message?.content;
  if (typeof content === "string") return [{ type: "text", text: content }];
  return (content ?? []) as readonly Fields[];
}

const maxMessages = 100_000;

export const thereIsAMessage: Rule = (request) =>
  messagesOf(request).length === 0 ? "messages: at least one message is required" : undefined;

export const messagesAreNotTooMany: Rule = (request) => {
  const found = messagesOf(request).length;
  return found > maxMessages
    ? `messages: List should have at most ${maxMessages} items after validation, not ${found}`
    : undefined;
};

export const messagesAreWellFormed: Rule = (request, surroundings) =>
  firstRefusal(
    messagesOf(request).map((message, index, { length }) =>
      checkMessage(message, `messages.${index}`, index === length - 1, surroundings),
    ),
  );

function checkMessage(
  message: unknown,
  path: string,
  isLast: boolean,
  surroundings: Surroundings,
): string | undefined {
  if (!isFields(message)) return `${path}: Input should be a valid dictionary`;
  const { role, content, ...rest } = message;
  if (role === undefined) return `${path}.role: Field required`;
  if (!roles.includes(role)) return `${path}.role: Input should be 'user', 'assistant' or 'system'`;
  if (content === undefined) return `${path}.content: Field required`;
  const opened = role === "system" ? openedIn("message", surroundings.betas) : [];
  const extra = Object.keys(rest).find((name) => !opened.includes(name));
  if (extra !== undefined) return `${path}.${extra}: Extra inputs are not permitted`;
  if (typeof content !== "string" && !Array.isArray(content))
    return `${path}.content: Input should be a valid string`;
  if (content === "" || (Array.isArray(content) && content.length === 0)) {
    // One that is no more than a change of how to answer has no words.
    if (role === "system") {
      return message.output_config ? undefined : `${path}: system content must contain at least one block`;
    }
    // A reply begun with nothing: whether the model lets one be begun at all is looked at by `noPrefill`.
    if (isLast && role === "assistant") return undefined;
    return `${path}: all messages must have non-empty content except for the optional final assistant message`;
  }
  const isStrange = (block: unknown): boolean => isFields(block) && !systemBlocks.includes(block.type);
  if (role === "system" && blocksOf(message).some(isStrange)) {
    return `${path}: role 'system' supports text, tool_addition, and tool_removal blocks only`;
  }
  return firstRefusal(
    blocksOf(message).map((block, index) =>
      checkBlock(block, { path: `${path}.content.${index}`, role: role as BlockPlace["role"] }, surroundings),
    ),
  );
}

export const systemIsWellFormed: Rule = (request, surroundings) => {
  const system = request.system;
  if (!Array.isArray(system)) return undefined;
  return firstRefusal(
    system.map((block, index) =>
      isFields(block) && block.text === "" && !block.cache_control
        ? "system: text content blocks must be non-empty"
        : checkBlock(block, { path: `system.${index}`, role: "system" }, surroundings),
    ),
  );
};

export const aUserSpeaksFirst: Rule = (request) => {
  const first = messagesOf(request).find((message) => message.role !== "system");
  return first?.role === "user" ? undefined : 'messages: first message must use the "user" role';
};

/** A turn that the API broke off in the middle of its own tools is sent back as it is, to be gone on with. */
export const noPrefill: Rule = (request, surroundings) => {
  const last = messagesOf(request).at(-1);
  if (last?.role !== "assistant") return undefined;
  const model = modelOf(request, surroundings);
  // A model that is not known is taken for a new one.
  if (model !== undefined && !refuses(model, "prefill")) return trailingSpace(last);
  return openTurn(request).some(isServerCall)
    ? undefined
    : "This model does not support assistant message prefill. The conversation must end with a user message.";
};

/** All that was said since a person's last words: of a turn that goes over several replies a later one may hold only what its tools have found. */
function openTurn(request: Fields): readonly Fields[] {
  const messages = messagesOf(request);
  const said = messages.findLastIndex(
    (message) => message.role === "user" && blocksOf(message).some(({ type }) => type !== "tool_result"),
  );
  return messages.slice(said + 1).flatMap(blocksOf);
}

function isServerCall({ type }: Fields): boolean {
  return type === "server_tool_use" || type === "mcp_tool_use";
}

function trailingSpace(last: Fields): string | undefined {
  const { text } = blocksOf(last).at(-1) ?? {};
  return typeof text === "string" && text !== text.trimEnd()
    ? "messages: final assistant content cannot end with trailing whitespace"
    : undefined;
}
