import type { IncomingMessage } from "node:http";
import { errorResponse, methodNotAllowed, notFound } from "./api-errors.js";
import type { ApiRequest } from "./api-request.js";
import { checkHeaders, keyOf } from "./check-headers.js";
import { countTokens } from "./endpoints/count-tokens.js";
import { createMessage } from "./endpoints/create-message.js";
import { describeModel, listModels, modelPath } from "./endpoints/models.js";
import type { RecordedRequest } from "./recorded-request.js";
import type { Body } from "./request-body.js";
import type { SimulatedResponse } from "./response.js";
import type { SimulatorParts } from "./simulator-parts.js";
import type { Surroundings } from "./validate/validate.js";

interface Route {
  readonly method: "GET" | "POST";
  readonly handle: (
    apiRequest: ApiRequest,
    parts: SimulatorParts,
  ) => SimulatedResponse | Promise<SimulatedResponse>;
}

const routes: ReadonlyMap<string, Route> = new Map([
  ["/v1/messages", { method: "POST", handle: createMessage }],
  ["/v1/messages/count_tokens", { method: "POST", handle: countTokens }],
  ["/v1/models", { method: "GET", handle: listModels }],
]);

function routeOf(path: string): Route | undefined {
  const isModel = path.startsWith(modelPath) && path.length > modelPath.length;
  return isModel ? { method: "GET", handle: describeModel } : routes.get(path);
}

/** Takes a request through the same checks as the API, in the same order. */
export async function respondTo(
  { method, path }: RecordedRequest,
  { headers, url = "" }: IncomingMessage,
  body: Body,
  signal: AbortSignal,
  parts: SimulatorParts,
): Promise<SimulatedResponse> {
  const route = routeOf(path);
  if (!route) return errorResponse(notFound);
  if (method !== route.method) return errorResponse(methodNotAllowed(route.method));
  const refusal = checkHeaders(headers, parts.apiKey);
  if (refusal) return errorResponse(refusal);
  if (!body.ok && route.method === "POST") return errorResponse(body.refusal);
  const limited = path === "/v1/messages" ? parts.limiter?.admit(keyOf(headers)) : undefined;
  if (limited) return errorResponse(limited);
  const surroundings: Surroundings = {
    version: String(headers["anthropic-version"]),
    betas: String(headers["anthropic-beta"] ?? "")
      .split(",")
      .map((beta) => beta.trim())
      .filter(Boolean),
    findModel: parts.models.find,
  };
  const apiRequest: ApiRequest = {
    path,
    query: new URL(url, "http://127.0.0.1").searchParams,
    ...(body.ok ? { body: body.value, text: body.text } : { body: undefined, text: "" }),
    apiKey: keyOf(headers),
    surroundings,
    signal,
  };
  return route.handle(apiRequest, parts);
}
