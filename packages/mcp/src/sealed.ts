import type { CallToolResult, Tool, Transport } from "@modelcontextprotocol/client";
import { type Listed, readListed } from "./definition.js";
import type { Schema } from "./json-schema.js";
import { isObject } from "./object.js";

type OnMessage = NonNullable<Transport["onmessage"]>;
type Message = Parameters<OnMessage>[0];
type Result = Extract<Message, { readonly result: unknown }>["result"];

/** What came of a call, as the server said it. */
export interface Answer {
  readonly content?: unknown;
  readonly structuredContent?: unknown;
  readonly isError?: unknown;
}

/** In the `_meta` of what the protocol's client is shown. */
const seal = "lockstitch/sealed";

/**
 * The protocol's client refuses a whole list for one odd tool, and a whole answer for one odd block, though the call has happened. So it
 * is shown only what it needs, and the rest goes past it sealed, to be read by us: `listedIn` and `answerIn` open it again.
 */
export function sealAnswers(transport: Transport): void {
  const sealOne = sealByMethod(transport);
  let handler: OnMessage | undefined;
  Object.defineProperty(transport, "onmessage", {
    get: () => handler,
    set: (given: OnMessage | undefined) => {
      handler = given === undefined ? undefined : (message, extra) => given(sealOne(message), extra);
    },
  });
}

/** What an answer is, its request tells: a server can put into it whatever it likes. */
function sealByMethod(transport: Transport): (message: Message) => Message {
  // By numbers, as the client has them: it takes an answer to "1" for one to 1.
  const methods = new Map<number, string>();
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if ("method" in message && "id" in message) methods.set(Number(message.id), message.method);
    return send(message, options);
  };
  return (message) => {
    if ("method" in message) return message;
    const id = Number(message.id);
    const method = methods.get(id);
    methods.delete(id);
    return "result" in message ? { ...message, result: sealed(method, message.result) } : message;
  };
}

function sealed(method: string | undefined, result: Result): Result {
  if (method === "tools/list")
    return Array.isArray(result.tools) ? { ...result, tools: result.tools.map(sealedTool) } : result;
  if (method !== "tools/call") return result;
  const { content, structuredContent, isError, ...rest } = result;
  const answer: Answer = { content, structuredContent, isError };
  return { ...rest, content: [], _meta: { [seal]: answer } };
}

/** Its name and schema show as far as they can: over HTTP the client leaves out a tool whose schema asks for headers that can't be. */
function sealedTool(tool: unknown): Schema {
  const listed = readListed(tool);
  if ("problem" in listed) return { name: "", inputSchema: { type: "object" }, _meta: { [seal]: listed } };
  const { name, inputSchema } = listed.definition;
  return {
    name,
    inputSchema: isPlain(inputSchema) ? inputSchema : { type: "object" },
    _meta: { [seal]: listed },
  };
}

/** As the client would have every schema. */
function isPlain({ type, $schema = "", properties = {}, required = [] }: Schema): boolean {
  const isRequired = Array.isArray(required) && required.every((name) => typeof name === "string");
  return type === "object" && typeof $schema === "string" && isObject(properties) && isRequired;
}

export function listedIn({ _meta }: Tool): Listed {
  return _meta?.[seal] as Listed;
}

export function answerIn({ _meta }: CallToolResult): Answer {
  return _meta?.[seal] as Answer;
}
