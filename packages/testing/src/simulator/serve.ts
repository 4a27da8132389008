import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, messageOf } from "./answers.js";
import { type Body, readBody } from "./body.js";
import type { Backstage } from "./call.js";
import { deliver, type Sleep } from "./deliver.js";
import { deliveryOf } from "./delivery.js";
import { type Fault, isMadeOfEvents, nameOf } from "./faults/fault.js";
import { type Instead, insteadOf } from "./faults/instead.js";
import type { DrawFault } from "./faults/rules.js";
import type { Asked } from "./faults/said-again.js";
import { isForeign, keyOf } from "./gate.js";
import type { Pace } from "./pace.js";
import { sendPage } from "./page.js";
import { type RecordedRequest, withoutSecrets } from "./recording.js";
import { brokenSimulator } from "./refusals.js";
import { answer } from "./route.js";

/** What all requests to one simulator share. */
export interface House {
  readonly requests: RecordedRequest[];
  /** How many messages were asked for so far. */
  readonly count: { messages: number };
  readonly backstage: Omit<Backstage, "mind">;
  /** The mind to ask for one answer. */
  readonly ask: () => Asked;
  readonly drawFault: DrawFault;
  readonly pace: Pace;
  readonly sleep: Sleep;
}

type Recording = { -readonly [key in keyof RecordedRequest]: RecordedRequest[key] };

/**
 * Answers one request, and returns what was recorded of it; the page for people is not recorded. It never rejects: whatever
 * goes wrong becomes a 500, or nothing if the client is gone.
 */
export async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  house: House,
): Promise<RecordedRequest | undefined> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // Writing to a socket that the client has just reset is an error event, and without a listener a crash.
  response.on("error", () => gone.abort());
  const recorded: Recording = {
    at: house.backstage.now(),
    method: incoming.method ?? "",
    path: (incoming.url ?? "").split("?")[0] ?? "",
    headers: withoutSecrets(incoming.headers),
  };
  if (recorded.method === "GET" && recorded.path === "/" && !isForeign(incoming.headers)) {
    sendPage(response, house.requests);
    return undefined;
  }
  if (recorded.method === "GET" && recorded.path === "/favicon.ico") {
    response.writeHead(204).end();
    return undefined;
  }
  house.requests.push(recorded);
  const number = isMessage(recorded) && !isForeign(incoming.headers) ? ++house.count.messages : undefined;
  const requestId = house.backstage.ids.request();
  const exchange: Exchange = { incoming, response, recorded, number, requestId, gone: gone.signal };
  await respond(exchange, house).catch((error: unknown) => giveUp(error, exchange));
  return recorded;
}

/** One request on its way. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly recorded: Recording;
  /** Its place among all requests for a message, from 1; undefined for any other. */
  readonly number: number | undefined;
  readonly requestId: string;
  /** Aborted when nobody is there to hear more. */
  readonly gone: AbortSignal;
}

async function respond(exchange: Exchange, house: House): Promise<void> {
  const { incoming, response, recorded, number, requestId, gone } = exchange;
  const body = await readBody(incoming);
  if (body.ok) recorded.body = body.value;
  const drawn = drawFault(incoming, recorded, number, body, house);
  const instead = drawn && insteadOf(drawn.fault, isStreamed(recorded));
  const asked = house.ask();
  const backstage = { ...house.backstage, mind: asked.mind };
  const result = instead ?? (await answer(recorded, incoming, body, gone, backstage));
  if (gone.aborted) {
    drawn?.spare();
    return asked.missed();
  }
  const fault = drawn && !instead && isLostOn(drawn.fault, result) ? undefined : drawn?.fault;
  const headers = { "request-id": requestId, ...charge(incoming, result, house) };
  const delivery = deliveryOf(result, instead ? undefined : fault, house.pace, headers);
  const struck = instead || delivery.isStruck ? fault : undefined;
  // One that was lost on its answer, or is behind its end, has not struck.
  if (!struck) drawn?.spare();
  if (struck) recorded.fault = nameOf(struck);
  note(recorded, result);
  // Before the client can know, and ask again.
  const isBroken = struck !== undefined && struck.type !== "trickle";
  if (isBroken) asked.missed();
  const isWhole = await deliver(delivery, response, gone, house.sleep);
  if (!isWhole && !isBroken) asked.missed();
}

function isMessage({ method, path }: RecordedRequest): boolean {
  return method === "POST" && path === "/v1/messages";
}

/** A stream that was refused has no events to go wrong. */
function isLostOn(fault: Fault, { kind }: Answer | Instead): boolean {
  return kind === "error" && isMadeOfEvents(fault);
}

/** What fails here is what was passed in, such as a rule's function or a header that HTTP does not allow: it is said. */
function giveUp(error: unknown, { response, recorded, requestId, gone }: Exchange): void {
  if (gone.aborted) return;
  if (response.headersSent) return void response.destroy();
  const reply = brokenSimulator(error);
  recorded.status = reply.status;
  recorded.error = reply.error;
  response.writeHead(reply.status, { "content-type": "application/json", "request-id": requestId });
  response.end(JSON.stringify({ type: "error", error: reply.error, request_id: requestId }));
}

/** Somebody who may not come in sees no fault either. */
function drawFault(
  { headers }: IncomingMessage,
  request: RecordedRequest,
  number: number | undefined,
  body: Body,
  house: House,
): ReturnType<DrawFault> {
  if (isForeign(headers)) return undefined;
  return house.drawFault({ request, number, text: body.ok ? body.text : "", streamed: isStreamed(request) });
}

function isStreamed({ body, path }: RecordedRequest): boolean {
  const asked = typeof body === "object" && body !== null && "stream" in body && body.stream === true;
  return asked && path === "/v1/messages";
}

function note(recorded: Recording, result: Answer | Instead): void {
  switch (result.kind) {
    case "nothing":
      return;
    case "raw":
      recorded.status = result.status;
      if (result.error) recorded.error = result.error;
      return;
    case "error":
      recorded.status = result.reply.status;
      recorded.error = result.reply.error;
      return;
    case "json":
    case "stream": {
      recorded.status = 200;
      const message = messageOf(result);
      if (message) recorded.usage = message.usage;
      return;
    }
    default:
      return result satisfies never;
  }
}

/** Takes what a message cost from its key's limits, and says in headers what is left. Nothing else has such headers. */
function charge(
  { headers }: IncomingMessage,
  result: Answer | Instead,
  { backstage: { limiter } }: House,
): Record<string, string> {
  const usage = result.kind === "json" || result.kind === "stream" ? messageOf(result)?.usage : undefined;
  if (!limiter || !usage) return {};
  const key = keyOf(headers);
  limiter.spendInput(key, usage);
  // The headers of a stream go out before its tokens do.
  const before = limiter.headers(key);
  limiter.spendOutput(key, usage);
  return result.kind === "stream" ? before : limiter.headers(key);
}
