import type { CallToolResult, Tool, Transport } from "@modelcontextprotocol/client";
import { type Listed, readListed } from "./definition.js";
import type { Schema } from "./json-schema.js";
import { isObject } from "./object.js";

type OnMessage = NonNullable<Transport["onmessage"]>;
type Message = Parameters<OnMessage>[0];

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
  let handler: OnMessage | undefined;
  Object.defineProperty(transport, "onmessage", {
    get: () => handler,
    set: (given: OnMessage | undefined) => {
      handler = given === undefined ? undefined : (message, extra) => given(sealed(message), extra);
    },
  });
}

function sealed(message: Message): Message {
  if (!("result" in message)) return message;
  const { tools, content, structuredContent, isError, ...rest } = message.result;
  if (Array.isArray(tools)) return { ...message, result: { ...rest, tools: tools.map(sealedTool) } };
  if (content === undefined && structuredContent === undefined) return message;
  const answer: Answer = { content, structuredContent, isError };
  return { ...message, result: { ...rest, content: [], _meta: { [seal]: answer } } };
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

export function answerIn(result: CallToolResult): Answer {
  return (result._meta?.[seal] as Answer | undefined) ?? result;
}
