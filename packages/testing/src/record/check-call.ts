type Json = Readonly<Record<string, unknown>>;

/** What keeps a line of a cassette from being a recorded call, in words; `undefined` where nothing does. */
export function faultOfCall(call: Json | undefined): string | undefined {
  if (call === undefined) return "it is no JSON object";
  const { request, events = [], message, error } = call;
  if (!isObject(request)) return "`request` must be an object";
  const fault = faultOfRequest(request);
  if (fault !== undefined) return fault;
  if (!isListOf(events, isTyped)) return "`events` must be a list of objects that have a `type`";
  if ("message" in call) return isObject(message) ? undefined : "`message` must be an object";
  if (!("error" in call)) return "it has neither `message` nor `error`";
  return isError(error) ? undefined : "`error` must be an object with a `name` and a `message`";
}

function faultOfRequest({ messages, system = [], tools = [] }: Json): string | undefined {
  if (!Array.isArray(messages)) return "`request.messages` must be a list";
  const wrong = messages.findIndex((message) => !isObject(message) || !isContent(message.content));
  if (wrong >= 0)
    return `\`request.messages[${wrong}]\` must have a text or a list of blocks as its \`content\``;
  if (!isContent(system)) return "`request.system` must be a text or a list of blocks";
  return isListOf(tools, isObject) ? undefined : "`request.tools` must be a list of objects";
}

function isContent(content: unknown): boolean {
  return typeof content === "string" || isListOf(content, isTyped);
}

function isError(error: unknown): boolean {
  if (!isObject(error)) return false;
  const { name, message, headers = {} } = error;
  return typeof name === "string" && typeof message === "string" && isObject(headers);
}

function isTyped(value: unknown): boolean {
  return isObject(value) && typeof value.type === "string";
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

/** An object with fields, and not a list. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
