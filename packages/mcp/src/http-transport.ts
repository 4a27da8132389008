import type {
  JSONRPCMessage,
  RequestId,
  StreamableHTTPClientTransport,
  Transport,
} from "@modelcontextprotocol/client";
import { isObject } from "./object.js";
import { readMessage } from "./read-message.js";
import type { HttpServer } from "./server.js";
import { standIn } from "./stand-in.js";

/** A way to a server over streamable HTTP. */
export async function httpTransport({ url, headers }: HttpServer): Promise<Transport> {
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch: async (address, init) => {
      const response = await fetch(address, init);
      const request = requestIn(init);
      return request === undefined ? response : checked(request, response);
    },
  });
  answerWhatIsLost(transport);
  return transport;
}

/** When the stream that should bring an answer breaks off, its request would otherwise wait for its time to be up. */
function answerWhatIsLost(transport: StreamableHTTPClientTransport): void {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const id = !Array.isArray(message) && "method" in message && "id" in message ? message.id : undefined;
    if (id === undefined) return send(message, options);
    const onRequestStreamEnd = () => {
      options?.onRequestStreamEnd?.();
      transport.onmessage?.(standIn(id, "lost", "The stream ended without an answer"));
    };
    return send(message, { ...options, onRequestStreamEnd });
  };
}

/** A request that wants an answer. */
interface Asked {
  readonly id: RequestId;
  readonly hasSession: boolean;
}

function requestIn(init: RequestInit | undefined): Asked | undefined {
  const said = init?.method === "POST" ? parsed(String(init.body)) : undefined;
  if (!isObject(said) || said.method === undefined || said.id === undefined) return undefined;
  return { id: said.id as RequestId, hasSession: new Headers(init?.headers).has("mcp-session-id") };
}

/** The response, as the protocol's client does the right thing with it. */
async function checked(request: Asked, response: Response): Promise<Response> {
  const { status, headers } = response;
  if (status === 202) return failing(request, "it is HTTP 202 and no answer");
  if (status === 400 || status === 404) return whatIsForgotten(request, response);
  const isJson = /^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? "");
  return response.ok && isJson ? answering(request, parsed(await response.text()), headers) : response;
}

/**
 * A server that was started again doesn't know its sessions any more, and has done nothing: 404 by the specification, 400 by habit.
 * Where there was no session, or the server's own error answers this very request, it may have done anything.
 */
async function whatIsForgotten(request: Asked, response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const text = await response.text();
  const said = parsed(text);
  if (isObject(said) && said.id === request.id && said.error !== undefined)
    return answering(request, said, headers);
  if (!request.hasSession) return new Response(text, { status, statusText, headers });
  const { SdkError, SdkErrorCode } = await import("@modelcontextprotocol/client");
  throw new SdkError(SdkErrorCode.NotConnected, `HTTP ${status}: ${text}`);
}

/** `said`: the body, or `undefined` for one that is no JSON. */
function answering(request: Asked, said: unknown, headers: Headers): Response {
  if (said === undefined) return failing(request, "it is no JSON");
  const { id } = request;
  const read = [said].flat().flatMap((it) => readMessage(it, new Set([id])) ?? []);
  if (!read.some(({ answers }) => answers !== undefined))
    return failing(request, "it answers another request");
  return holding(
    read.map((it) => ("message" in it ? it.message : standIn(id, "unclear", it.problem))),
    headers,
  );
}

function failing({ id }: Asked, why: string): Response {
  return holding([standIn(id, "unclear", `its answer can't be understood, for ${why}`)], new Headers());
}

/** As objects, not as a text: the client would read that once more, and what is deep can't be written down again. */
function holding(messages: readonly JSONRPCMessage[], given: Headers): Response {
  const headers = new Headers(given);
  headers.set("content-type", "application/json");
  return Object.assign(new Response(null, { headers }), { json: async () => messages });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
