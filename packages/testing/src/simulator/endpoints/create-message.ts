import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { brokenMind, errorResponse, invalidRequest, unknownModel } from "../api-errors.js";
import type { ApiRequest } from "../api-request.js";
import { type BuiltMessage, buildMessage } from "../build-message.js";
import { checkReply } from "../check-reply.js";
import { cutIntoEvents } from "../event-stream.js";
import { isErrorReply, isWholeReply, type WholeReply } from "../mind.js";
import type { SimulatedResponse } from "../response.js";
import type { SimulatorParts } from "../simulator-parts.js";
import { estimateInputTokens } from "../usage.js";
import { judgeMessageRequest } from "../validate/validate.js";

/** `POST /v1/messages` */
export async function createMessage(
  apiRequest: ApiRequest,
  parts: SimulatorParts,
): Promise<SimulatedResponse> {
  const refusal = judgeMessageRequest(apiRequest.body, apiRequest.surroundings);
  if (refusal) return errorResponse(refusal);
  const request = apiRequest.body as MessageCreateParams;
  // Conversations kept on the server are not simulated: refused, as by a gateway that has never heard of them.
  if ("thread" in request && request.thread !== null)
    return errorResponse(invalidRequest("thread: Extra inputs are not permitted"));
  const model = parts.models.find(request.model);
  if (!model) return errorResponse(unknownModel(request.model));
  const now = parts.now();
  const inputTokens = estimateInputTokens(request);
  const found = parts.cache.look({ request, inputTokens, model, apiKey: apiRequest.apiKey, now });
  try {
    // The mind gets a copy of its own: what it does to it must not show in the recorded request.
    const said = await parts.mind(structuredClone(request), { now, signal: apiRequest.signal });
    if (said === undefined) throw new Error("it has no reply to this request");
    const reply = typeof said === "string" ? { content: said } : said;
    checkReply(reply);
    if (isErrorReply(reply)) return errorResponse(reply);
    if (isWholeReply(reply)) return asItStands(reply, request);
    const setting = {
      request,
      model,
      ids: parts.ids.reply(apiRequest.text),
      cache: found.usage,
      betas: apiRequest.surroundings.betas,
    };
    return answerWith(buildMessage(reply, setting), request, found.store);
  } catch (error) {
    return errorResponse(brokenMind(error));
  }
}

function asItStands({ message, events }: WholeReply, { stream }: MessageCreateParams): SimulatedResponse {
  return stream === true
    ? { kind: "stream", message, ...(events ? { events } : {}) }
    : { kind: "json", body: message };
}

function answerWith(
  { message, unfinishedInput }: BuiltMessage,
  { stream }: MessageCreateParams,
  begin: () => void,
): SimulatedResponse {
  return stream === true
    ? { kind: "stream", message, events: [...cutIntoEvents(message, unfinishedInput)], begin }
    : { kind: "json", body: message, begin };
}
