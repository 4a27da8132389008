import type Anthropic from "@anthropic-ai/sdk";
import type { CountTokens, ModelRequest } from "../claude-function.js";
import { AgentError } from "../errors.js";
import { redact } from "./redact.js";
import { secretsOf, watchSecrets } from "./secrets.js";

type Client = { readonly messages: object };

/** Not every client's API counts tokens, nor every gateway's. */
export function canCount(
  client: Client,
): client is { readonly messages: Pick<Anthropic["messages"], "countTokens"> } {
  return "countTokens" in client.messages && typeof client.messages.countTokens === "function";
}

/** The API's own count of a request's prompt: one attempt, for an estimate can take its place. */
export function countOver(connect: () => Client, timeoutMs: number): CountTokens {
  return async (request, { signal }) => {
    const client = connect();
    if (!canCount(client)) throw new AgentError("This client can't count tokens.");
    const options = { signal, maxRetries: 0, timeout: timeoutMs, middleware: [watchSecrets(client)] };
    try {
      return (await client.messages.countTokens(promptOf(request), options)).input_tokens;
    } catch (error) {
      throw redact(error, secretsOf(client));
    }
  };
}

/** What makes the prompt. Of all that has to do with a reply the endpoint knows nothing, and refuses it. */
function promptOf(request: ModelRequest): Anthropic.MessageCountTokensParams {
  const { model, messages, system, tools, tool_choice, thinking, output_config } = request;
  return {
    model,
    messages,
    ...(system === undefined ? {} : { system }),
    ...(tools === undefined ? {} : { tools: tools as Anthropic.MessageCountTokensTool[] }),
    ...(tool_choice === undefined ? {} : { tool_choice }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(output_config === undefined ? {} : { output_config }),
  };
}
