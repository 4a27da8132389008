import { breaksHttp } from "../simulator/connection-headers.js";
import { isObject } from "./is-object.js";
import { isHeader, isStatus } from "./recorded-error.js";

type Json = Readonly<Record<string, unknown>>;

/** What keeps a line of a cassette from being a recorded call, in words that name the field; `undefined` where nothing does. */
export function faultOfCall(call: Json | undefined): string | undefined {
  if (call === undefined) return "it is no JSON object";
  const { request, events = [], message, error, asked = 1, session = "" } = call;
  if (!(Number.isSafeInteger(asked) && (asked as number) >= 1))
    return "`asked` must be a whole number from 1 on";
  if (typeof session !== "string") return "`session` must be a text";
  if (!isObject(request)) return "`request` must be an object";
  const fault = faultOfRequest(request) ?? faultOfEvents(events);
  if (fault !== undefined) return fault;
  if ("message" in call) return faultOfMessage(message);
  if (!("error" in call)) return "it has neither `message` nor `error`";
  return faultOfError(error);
}

function faultOfRequest({ messages, system = [], tools = [] }: Json): string | undefined {
  if (!Array.isArray(messages)) return "`request.messages` must be a list";
  const wrong = messages.findIndex((message) => !isObject(message) || !isContent(message.content));
  if (wrong >= 0)
    return `\`request.messages[${wrong}]\` must have a text or a list of blocks as its \`content\``;
  if (!isContent(system)) return "`request.system` must be a text or a list of blocks";
  return isListOf(tools, isObject) ? undefined : "`request.tools` must be a list of objects";
}

/** What an event can't be without, as an object. */
const partsOfEvents: Readonly<Record<string, string>> = {
  message_start: "message",
  message_delta: "delta",
  content_block_start: "content_block",
  content_block_delta: "delta",
};

function faultOfEvents(events: unknown): string | undefined {
  if (!isListOf(events, isTyped)) return "`events` must be a list of objects that have a `type`";
  for (const [index, event] of (events as readonly Json[]).entries()) {
    const type = String(event.type);
    const part = Object.hasOwn(partsOfEvents, type) ? partsOfEvents[type] : undefined;
    if (part !== undefined && !isObject(event[part])) return `\`events[${index}].${part}\` must be an object`;
  }
  return undefined;
}

/** What keeps a reply from being one of the Messages API. */
export function faultOfMessage(message: unknown): string | undefined {
  if (!isObject(message)) return "`message` must be an object";
  const { content, stop_reason: stopReason, usage } = message;
  if (!Array.isArray(content)) return "`message.content` must be a list of blocks";
  for (const [index, block] of content.entries()) {
    const fault = faultOfBlock(block);
    if (fault !== undefined) return `\`message.content[${index}]${fault}`;
  }
  if (typeof stopReason !== "string" || stopReason === "") return "`message.stop_reason` must be a text";
  const strange = ["id", "model"].find((name) => name in message && typeof message[name] !== "string");
  if (strange !== undefined) return `\`message.${strange}\` must be a text`;
  for (const [name, value] of [
    ["type", "message"],
    ["role", "assistant"],
  ] as const)
    if (name in message && message[name] !== value) return `\`message.${name}\` must be "${value}"`;
  return faultOfUsage(usage);
}

/** Every run adds these up, and what is no count would spoil its sums for good. Those of the cache may be null, or left out. */
function faultOfUsage(usage: unknown): string | undefined {
  if (!isObject(usage)) return "`message.usage` must be an object";
  const wrong =
    ["input_tokens", "output_tokens"].find((name) => !isCount(usage[name])) ??
    ["cache_creation_input_tokens", "cache_read_input_tokens"].find((name) => !isCount(usage[name] ?? 0));
  return wrong === undefined ? undefined : `\`message.usage.${wrong}\` must be a whole number from 0 on`;
}

/** What a block can't be without, as a text. */
const textsOfBlocks: Readonly<Record<string, readonly string[]>> = {
  text: ["text"],
  thinking: ["thinking"],
  tool_use: ["id", "name"],
  server_tool_use: ["id", "name"],
};

function faultOfBlock(block: unknown): string | undefined {
  if (!isTyped(block)) return "` must be an object that has a `type`";
  const { type } = block;
  const texts = Object.hasOwn(textsOfBlocks, type) ? (textsOfBlocks[type] ?? []) : [];
  const missing = texts.find((name) => typeof block[name] !== "string");
  if (missing !== undefined) return `.${missing}\` must be a text`;
  if (type === "thinking" && "signature" in block && typeof block.signature !== "string")
    return ".signature` must be a text";
  const isCall = type === "tool_use" || type === "server_tool_use";
  return isCall && block.input === undefined ? ".input` must be there" : undefined;
}

function faultOfError(error: unknown): string | undefined {
  if (!isObject(error)) return "`error` must be an object with a `name` and a `message`";
  const { name, message, status, headers = {}, requestID = "" } = error;
  if (typeof name !== "string" || typeof message !== "string")
    return "`error` must be an object with a `name` and a `message`";
  const strange = ["type", "apiMessage", "reason"].find(
    (field) => field in error && typeof error[field] !== "string",
  );
  if (strange !== undefined) return `\`error.${strange}\` must be a text`;
  if (status !== undefined && !isStatus(status))
    return "`error.status` must be the status of an HTTP error, a whole number from 300 to 599";
  if (!isHeader("request-id", requestID)) return "`error.requestID` must be a text that a header can hold";
  if (!isObject(headers)) return "`error.headers` must be an object";
  const wrong = Object.entries(headers).find(([header, value]) => !isHeader(header, value));
  if (wrong !== undefined) return `\`error.headers["${wrong[0]}"]\` must be a text that a header can hold`;
  const own = Object.keys(headers).find(breaksHttp);
  return own === undefined
    ? undefined
    : `\`error.headers["${own}"]\` must not be there: it is the server's own to send`;
}

function isContent(content: unknown): boolean {
  return typeof content === "string" || isListOf(content, isTyped);
}

function isTyped(value: unknown): value is Json & { readonly type: string } {
  return isObject(value) && typeof value.type === "string";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}
