import type { Answer } from "./answers.js";
import type { Backstage, Call } from "./call.js";
import { refuse } from "./refusals.js";

/** `GET /v1/models` */
export function listModels({ query }: Call, { models }: Backstage): Answer {
  const page = models.list(query);
  return "error" in page ? refuse(page) : { kind: "json", body: page };
}

/** `GET /v1/models/{id}` */
export function describeModel({ path }: Call, { models }: Backstage): Answer {
  const info = models.describe(decoded(path.slice(modelPath.length)));
  return "error" in info ? refuse(info) : { kind: "json", body: info };
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
