import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { Answer } from "./answers.js";
import type { Call } from "./call.js";
import { refuse } from "./refusals.js";
import { estimateInputTokens } from "./usage.js";
import { judgeCountRequest } from "./validate/validate.js";

/** `POST /v1/messages/count_tokens`: the whole prompt, cached or not. */
export function countTokens({ body, surroundings }: Call): Answer {
  const refusal = judgeCountRequest(body, surroundings);
  if (refusal) return refuse(refusal);
  return { kind: "json", body: { input_tokens: estimateInputTokens(body as MessageCreateParams) } };
}
