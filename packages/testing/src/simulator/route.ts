import type { IncomingMessage } from "node:http";
import type { Answer } from "./answers.js";
import type { Body } from "./body.js";
import type { Backstage, Call } from "./call.js";
import { countTokens } from "./count-tokens.js";
import { createMessage } from "./create-message.js";
import { keyOf, refuseHeaders } from "./gate.js";
import { describeModel, listModels, modelPath } from "./model-answers.js";
import type { RecordedRequest } from "./recording.js";
import { methodNotAllowed, notFound, refuse } from "./refusals.js";
import type { Surroundings } from "./validate/validate.js";

interface Route {
  readonly method: "GET" | "POST";
  readonly handle: (call: Call, backstage: Backstage) => Answer | Promise<Answer>;
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

/** Takes a request through the same gates as the API, in the same order. */
export async function answer(
  { method, path }: RecordedRequest,
  { headers, url = "" }: IncomingMessage,
  body: Body,
  signal: AbortSignal,
  backstage: Backstage,
): Promise<Answer> {
  const route = routeOf(path);
  if (!route) return refuse(notFound);
  if (method !== route.method) return refuse(methodNotAllowed(route.method));
  const refusal = refuseHeaders(headers, backstage.apiKey);
  if (refusal) return refuse(refusal);
  if (!body.ok && route.method === "POST") return refuse(body.refusal);
  const limited = path === "/v1/messages" ? backstage.limiter?.admit(keyOf(headers)) : undefined;
  if (limited) return refuse(limited);
  const surroundings: Surroundings = {
    version: String(headers["anthropic-version"]),
    betas: String(headers["anthropic-beta"] ?? "")
      .split(",")
      .map((beta) => beta.trim())
      .filter(Boolean),
    findModel: backstage.models.find,
  };
  const call: Call = {
    path,
    query: new URL(url, "http://127.0.0.1").searchParams,
    ...(body.ok ? { body: body.value, text: body.text } : { body: undefined, text: "" }),
    apiKey: keyOf(headers),
    surroundings,
    signal,
  };
  return route.handle(call, backstage);
}
