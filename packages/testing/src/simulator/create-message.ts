import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { Answer } from "./answers.js";
import type { Backstage, Call } from "./call.js";
import { checkReply } from "./check-reply.js";
import { type BuiltMessage, buildMessage } from "./message.js";
import { isErrorReply, isWholeReply, type WholeReply } from "./mind.js";
import { brokenMind, invalidRequest, refuse, unknownModel } from "./refusals.js";
import { streamEvents } from "./stream.js";
import { estimateInputTokens } from "./usage.js";
import { judgeMessageRequest } from "./validate/validate.js";

/** `POST /v1/messages` */
export async function createMessage(call: Call, backstage: Backstage): Promise<Answer> {
  const refusal = judgeMessageRequest(call.body, call.surroundings);
  if (refusal) return refuse(refusal);
  const request = call.body as MessageCreateParams;
  // Conversations kept on the server are not simulated: refused, as by a gateway that has never heard of them.
  if ("thread" in request && request.thread !== null)
    return refuse(invalidRequest("thread: Extra inputs are not permitted"));
  const model = backstage.models.find(request.model);
  if (!model) return refuse(unknownModel(request.model));
  const now = backstage.now();
  const inputTokens = estimateInputTokens(request);
  const found = backstage.cache.look({ request, inputTokens, model, apiKey: call.apiKey, now });
  try {
    // The mind gets a copy of its own: what it does to it must not show in the recorded request.
    const said = await backstage.mind(structuredClone(request), { now, signal: call.signal });
    if (said === undefined) throw new Error("it has no reply to this request");
    const reply = typeof said === "string" ? { content: said } : said;
    checkReply(reply);
    if (isErrorReply(reply)) return refuse(reply);
    if (isWholeReply(reply)) return asItStands(reply, request);
    const setting = {
      request,
      model,
      ids: backstage.ids.reply(call.text),
      cache: found.usage,
      betas: call.surroundings.betas,
    };
    return answerWith(buildMessage(reply, setting), request, found.store);
  } catch (error) {
    return refuse(brokenMind(error));
  }
}

function asItStands({ message, events }: WholeReply, { stream }: MessageCreateParams): Answer {
  return stream === true
    ? { kind: "stream", message, ...(events ? { events } : {}) }
    : { kind: "json", body: message };
}

function answerWith(
  { message, unfinishedInput }: BuiltMessage,
  { stream }: MessageCreateParams,
  begin: () => void,
): Answer {
  return stream === true
    ? { kind: "stream", message, events: [...streamEvents(message, unfinishedInput)], begin }
    : { kind: "json", body: message, begin };
}
