import { errorResponse } from "../api-errors.js";
import type { ApiRequest } from "../api-request.js";
import type { SimulatedResponse } from "../response.js";
import type { SimulatorParts } from "../simulator-parts.js";

/** `GET /v1/models` */
export function listModels({ query }: ApiRequest, { models }: SimulatorParts): SimulatedResponse {
  const page = models.list(query);
  return "error" in page ? errorResponse(page) : { kind: "json", body: page };
}

/** `GET /v1/models/{id}` */
export function describeModel({ path }: ApiRequest, { models }: SimulatorParts): SimulatedResponse {
  const info = models.describe(decoded(path.slice(modelPath.length)));
  return "error" in info ? errorResponse(info) : { kind: "json", body: info };
}

export const modelPath = "/v1/models/";

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    // No model has an id that can't be written.
    return id;
  }
}
