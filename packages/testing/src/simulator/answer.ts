import type { IncomingMessage } from "node:http";
import type { Message, MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { readBody } from "./body.js";
import { refuseHeaders } from "./gate.js";
import type { Ids } from "./ids.js";
import { buildMessage } from "./message.js";
import { type ErrorReply, isErrorReply, type Mind } from "./mind.js";
import type { RecordedRequest } from "./recording.js";
import { brokenMind, invalidRequest, methodNotAllowed, notFound } from "./refusals.js";
import { estimateInputTokens } from "./usage.js";
import { refuseCountRequest, refuseMessageRequest, type Surroundings } from "./validate/validate.js";

/** What goes back to the client. */
export type Answer =
  | { readonly kind: "error"; readonly reply: ErrorReply }
  | { readonly kind: "json"; readonly body: unknown }
  | { readonly kind: "stream"; readonly message: Message };

export interface Backstage {
  readonly mind: Mind;
  readonly ids: Ids;
  readonly now: () => number;
  readonly apiKey: string | undefined;
}

interface Call {
  readonly body: unknown;
  readonly text: string;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}

type Handler = (call: Call, backstage: Backstage) => Answer | Promise<Answer>;

const routes: ReadonlyMap<string, { readonly method: string; readonly handle: Handler }> = new Map([
  ["/v1/messages", { method: "POST", handle: createMessage }],
  ["/v1/messages/count_tokens", { method: "POST", handle: countTokens }],
]);

/** Takes a request through the same gates as the API, in the same order, and fills in `recorded` on the way. */
export async function answer(
  incoming: IncomingMessage,
  recorded: { -readonly [key in keyof RecordedRequest]: RecordedRequest[key] },
  signal: AbortSignal,
  backstage: Backstage,
): Promise<Answer> {
  const route = routes.get(recorded.path);
  if (!route) return refuse(notFound);
  if (recorded.method !== route.method) return refuse(methodNotAllowed(route.method));
  const refusal = refuseHeaders(incoming.headers, backstage.apiKey);
  if (refusal) return refuse(refusal);
  const body = await readBody(incoming);
  if (!body.ok) return refuse(body.refusal);
  recorded.body = body.value;
  const surroundings: Surroundings = {
    version: String(incoming.headers["anthropic-version"]),
    betas: String(incoming.headers["anthropic-beta"] ?? "")
      .split(",")
      .filter(Boolean),
  };
  return route.handle({ body: body.value, text: body.text, surroundings, signal }, backstage);
}

async function createMessage(call: Call, { mind, ids, now }: Backstage): Promise<Answer> {
  const problem = refuseMessageRequest(call.body, call.surroundings);
  if (problem !== undefined) return refuse(invalidRequest(problem));
  const request = call.body as MessageCreateParams;
  try {
    // The mind gets a copy of its own: what it does to it must not show in the recorded request.
    const reply = await mind(structuredClone(request), { now: now(), signal: call.signal });
    if (isErrorReply(reply)) return refuse(reply);
    const message = buildMessage(request, reply, ids.reply(call.text));
    return request.stream === true ? { kind: "stream", message } : { kind: "json", body: message };
  } catch (error) {
    return refuse(brokenMind(error));
  }
}

function countTokens({ body, surroundings }: Call): Answer {
  const problem = refuseCountRequest(body, surroundings);
  if (problem !== undefined) return refuse(invalidRequest(problem));
  return { kind: "json", body: { input_tokens: estimateInputTokens(body as MessageCreateParams) } };
}

function refuse(reply: ErrorReply): Answer {
  return { kind: "error", reply };
}
