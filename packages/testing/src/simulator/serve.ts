import type { IncomingMessage, ServerResponse } from "node:http";
import { brokenSimulator } from "./api-errors.js";
import { isForeign, keyOf, mayComeIn } from "./check-headers.js";
import { deliver, type Sleep } from "./delivery/deliver.js";
import type { Pace } from "./delivery/pace.js";
import { planDelivery } from "./delivery/plan-delivery.js";
import { type Fault, isMadeOfEvents, nameOf } from "./faults/fault.js";
import type { Ask } from "./faults/missed-replies.js";
import { type Replacement, replacementFor } from "./faults/replacement.js";
import type { DrawFault } from "./faults/rules.js";
import { sendPage } from "./page.js";
import { type RecordedRequest, withoutSecrets } from "./recorded-request.js";
import { type Body, readBody } from "./request-body.js";
import { messageIn, type SimulatedResponse } from "./response.js";
import { respondTo } from "./route.js";
import type { SimulatorParts } from "./simulator-parts.js";

/** What all requests to one simulator share. */
export interface SimulatorState {
  readonly requests: RecordedRequest[];
  /** How many messages were asked for so far. */
  readonly count: { messages: number };
  readonly parts: Omit<SimulatorParts, "mind">;
  /** The mind to ask for one answer. */
  readonly ask: Ask;
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
  state: SimulatorState,
): Promise<RecordedRequest | undefined> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // Writing to a socket that the client has just reset is an error event, and without a listener a crash.
  response.on("error", () => gone.abort());
  const recorded: Recording = {
    at: Number.NaN,
    method: incoming.method ?? "",
    path: (incoming.url ?? "").split("?")[0] ?? "",
    headers: withoutSecrets(incoming.headers),
  };
  const requestId = state.parts.ids.request();
  const page = { incoming, response, recorded, number: undefined, requestId, gone: gone.signal };
  if (isForPeople(incoming, recorded)) {
    await answerPerson(response, recorded, state).catch((error: unknown) => giveUp(error, page));
    return undefined;
  }
  state.requests.push(recorded);
  const counts = isMessage(recorded) && mayComeIn(incoming.headers, state.parts.apiKey);
  const number = counts ? ++state.count.messages : undefined;
  const inProgress: RequestInProgress = { ...page, number };
  await respond(inProgress, state).catch((error: unknown) => giveUp(error, inProgress));
  return recorded;
}

/** What browsers ask for. */
function isForPeople({ headers }: IncomingMessage, { method, path }: RecordedRequest): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  return path === "/favicon.ico" || (path === "/" && !isForeign(headers));
}

async function answerPerson(
  response: ServerResponse,
  { path }: RecordedRequest,
  { requests }: SimulatorState,
): Promise<void> {
  if (path === "/favicon.ico") response.writeHead(204).end();
  else sendPage(response, requests);
}

/** One request on its way. */
interface RequestInProgress {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly recorded: Recording;
  /** Its place among all requests for a message, from 1; undefined for any other. */
  readonly number: number | undefined;
  readonly requestId: string;
  /** Aborted when nobody is there to hear more. */
  readonly gone: AbortSignal;
}

async function respond(inProgress: RequestInProgress, state: SimulatorState): Promise<void> {
  const { incoming, response, recorded, number, requestId, gone } = inProgress;
  recorded.at = state.parts.now();
  const body = await readBody(incoming);
  if (body.ok) recorded.body = body.value;
  const drawn = drawFault(incoming, recorded, number, body, state);
  const replacement = drawn && replacementFor(drawn.fault, isStreamed(recorded), state.parts.now());
  const asked = state.ask(keyOf(incoming.headers));
  const parts = { ...state.parts, mind: asked.mind };
  // Noted at once: whoever hangs up while the mind still thinks may ask again before it has thought.
  gone.addEventListener("abort", asked.missed);
  const result = replacement ?? (await respondTo(recorded, incoming, body, gone, parts));
  gone.removeEventListener("abort", asked.missed);
  if (gone.aborted) {
    // It may have left before the mind was asked.
    asked.missed();
    return drawn?.spare();
  }
  const fault = drawn && !replacement && isLostOn(drawn.fault, result) ? undefined : drawn?.fault;
  const headers = { "request-id": requestId, ...charge(incoming, result, state) };
  const delivery = planDelivery(result, replacement ? undefined : fault, state.pace, headers);
  const struck = replacement || delivery.isStruck ? fault : undefined;
  // One that was lost on its answer, or is behind its end, has not struck.
  if (!struck) drawn?.spare();
  if (struck) recorded.fault = nameOf(struck);
  note(recorded, result);
  // Before the client can know, and ask again.
  if (struck && !delivery.comesWhole) asked.missed();
  const isWhole = await deliver(delivery, response, gone, state.sleep);
  if (!isWhole) asked.missed();
}

function isMessage({ method, path }: RecordedRequest): boolean {
  return method === "POST" && path === "/v1/messages";
}

/** A stream that was refused has no events to go wrong. */
function isLostOn(fault: Fault, { kind }: SimulatedResponse | Replacement): boolean {
  return kind === "error" && isMadeOfEvents(fault);
}

/** What fails here is what was passed in, such as a rule's function or a header that HTTP does not allow: it is said. */
function giveUp(error: unknown, { response, recorded, requestId, gone }: RequestInProgress): void {
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
  state: SimulatorState,
): ReturnType<DrawFault> {
  if (!mayComeIn(headers, state.parts.apiKey)) return undefined;
  return state.drawFault({ request, number, text: body.ok ? body.text : "", streamed: isStreamed(request) });
}

function isStreamed({ body, path }: RecordedRequest): boolean {
  const asked = typeof body === "object" && body !== null && "stream" in body && body.stream === true;
  return asked && path === "/v1/messages";
}

function note(recorded: Recording, result: SimulatedResponse | Replacement): void {
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
      const message = messageIn(result);
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
  result: SimulatedResponse | Replacement,
  { parts: { limiter } }: SimulatorState,
): Record<string, string> {
  const usage = result.kind === "json" || result.kind === "stream" ? messageIn(result)?.usage : undefined;
  if (!limiter || !usage) return {};
  const key = keyOf(headers);
  limiter.spendInput(key, usage);
  // The headers of a stream go out before its tokens do.
  const before = limiter.headers(key);
  limiter.spendOutput(key, usage);
  return result.kind === "stream" ? before : limiter.headers(key);
}
