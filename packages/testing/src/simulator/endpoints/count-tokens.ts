import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { errorResponse } from "../api-errors.js";
import type { ApiRequest } from "../api-request.js";
import type { SimulatedResponse } from "../response.js";
import { estimateInputTokens } from "../usage.js";
import { judgeCountRequest } from "../validate/validate.js";

/** `POST /v1/messages/count_tokens`: the whole prompt, cached or not. */
export function countTokens({ body, surroundings }: ApiRequest): SimulatedResponse {
  const refusal = judgeCountRequest(body, surroundings);
  if (refusal) return errorResponse(refusal);
  return { kind: "json", body: { input_tokens: estimateInputTokens(body as MessageCreateParams) } };
}
