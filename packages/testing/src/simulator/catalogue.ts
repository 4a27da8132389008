import type { ModelInfo } from "@anthropic-ai/sdk/resources/models";
import { invalidRequest, unknownModel } from "./api-errors.js";
import { knownModels } from "./known-models.js";
import type { ErrorReply } from "./mind.js";
import type { ModelRefusal, SimulatedModel } from "./simulated-model.js";

/** The models that one simulator has. */
export interface Catalogue {
  /** The model that a request may use under this id; undefined if there is none, or none any more. */
  find(id: string): SimulatedModel | undefined;
  /** `GET /v1/models/{id}`. Retired models are kept on record. */
  describe(id: string): ModelInfo | ErrorReply;
  /** `GET /v1/models`. */
  list(query: URLSearchParams): ModelPage | ErrorReply;
}

interface ModelPage {
  readonly data: readonly ModelInfo[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/** `further` models come beside the known ones, or in place of those with the same id. */
export function createCatalogue(further: readonly SimulatedModel[], keepsRetired: boolean): Catalogue {
  const info = (model: SimulatedModel): ModelInfo => describe(model, keepsRetired);
  return {
    find(id) {
      const model = findModel(id, further);
      return model?.retired && !keepsRetired ? undefined : model;
    },
    describe(id) {
      const model = findModel(id, further);
      return model ? info(model) : unknownModel(id);
    },
    list: (query) => page(allModels(further).map(info), query),
  };
}

/**
 * The model that a request means by `id`, retired ones included. A model of `further` stands in for a known one with the
 * same id, also where the request uses an alias of the known one.
 */
export function findModel(id: string, further: readonly SimulatedModel[] = []): SimulatedModel | undefined {
  const goesById = (model: SimulatedModel) => model.id === id || model.aliases?.includes(id) === true;
  const known = knownModels.find(goesById);
  return further.find(goesById) ?? further.find((model) => model.id === known?.id) ?? known;
}

/** Every model, retired ones included, newest first. */
function allModels(further: readonly SimulatedModel[]): readonly SimulatedModel[] {
  const replaced = new Set(further.map(({ id }) => id));
  const all = [...further, ...knownModels.filter(({ id }) => !replaced.has(id))];
  return all.sort((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt));
}

const stages: readonly string[] = ["active", "deprecated", "retired"];
const maxLimit = 1_000;

/** A page after one model or, going back, before one. */
function page(all: readonly ModelInfo[], query: URLSearchParams): ModelPage | ErrorReply {
  const wanted = [...query.getAll("lifecycle"), ...query.getAll("lifecycle[]")];
  const strange = wanted.find((stage) => !stages.includes(stage));
  if (strange !== undefined) {
    return invalidRequest("lifecycle: Input should be 'active', 'deprecated' or 'retired'");
  }
  const limit = Number(query.get("limit") ?? 20);
  if (!Number.isInteger(limit)) return invalidRequest("limit: Input should be a valid integer");
  if (limit < 1) return invalidRequest("limit: Input should be greater than or equal to 1");
  if (limit > maxLimit) return invalidRequest(`limit: Input should be less than or equal to ${maxLimit}`);
  const listed = all.filter(({ lifecycle }) =>
    wanted.length === 0 ? lifecycle !== "retired" : wanted.includes(lifecycle),
  );
  const [afterId, beforeId] = [query.get("after_id"), query.get("before_id")];
  const after = afterId === null ? 0 : listed.findIndex(({ id }) => id === afterId) + 1;
  if (afterId !== null && after === 0) return invalidRequest(`after_id: Model not found: ${afterId}`);
  const before = beforeId === null ? listed.length : listed.findIndex(({ id }) => id === beforeId);
  if (before === -1) return invalidRequest(`before_id: Model not found: ${beforeId}`);
  const between = listed.slice(after, before);
  const data = beforeId === null ? between.slice(0, limit) : between.slice(-limit);
  return {
    data,
    has_more: data.length < between.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function describe(model: SimulatedModel, keepsRetired: boolean): ModelInfo {
  const { id, createdAt, displayName, contextWindow, maxOutputTokens, retired, retiresAt } = model;
  const isDeprecated = retired || retiresAt !== undefined;
  return {
    type: "model",
    id,
    display_name: displayName,
    created_at: createdAt,
    max_input_tokens: contextWindow,
    max_tokens: maxOutputTokens,
    line: lines.find((line) => id.includes(line)) ?? null,
    lifecycle: retired && !keepsRetired ? "retired" : isDeprecated ? "deprecated" : "active",
    // The days on which models were deprecated are not in the simulator's list.
    deprecated_at: isDeprecated ? epoch : null,
    retires_at: retiresAt ?? (retired ? epoch : null),
    capabilities: capabilitiesOf(model),
  };
}

const lines = ["haiku", "sonnet", "opus", "fable", "mythos"] as const;
const epoch = "1970-01-01T00:00:00Z";

/** What a model refuses and the efforts it takes are its own; the rest is that of its generation. */
function capabilitiesOf(model: SimulatedModel): NonNullable<ModelInfo["capabilities"]> {
  const takes = (what: ModelRefusal) => supported(model.refuses?.includes(what) !== true);
  const types = {
    adaptive: takes("thinking_adaptive"),
    between_tools: takes("thinking_between_tools"),
    disabled: takes("thinking_disabled"),
    enabled: takes("thinking_budget"),
  };
  const efforts: readonly string[] = model.efforts ?? ["low", "medium", "high", "xhigh", "max"];
  const isOf45OrLater = supported(model.createdAt >= "2025-09-29" || model.createdAt === epoch);
  return {
    batch: supported(true),
    citations: supported(true),
    code_execution: isOf45OrLater,
    context_management: {
      ...isOf45OrLater,
      clear_thinking_20251015: isOf45OrLater,
      clear_tool_uses_20250919: isOf45OrLater,
      compact_20260112: types.adaptive,
    },
    effort: {
      ...supported(efforts.length > 0),
      low: supported(efforts.includes("low")),
      medium: supported(efforts.includes("medium")),
      high: supported(efforts.includes("high")),
      xhigh: supported(efforts.includes("xhigh")),
      max: supported(efforts.includes("max")),
    },
    image_input: supported(true),
    pdf_input: supported(true),
    server_tools: { ...isOf45OrLater, code_execution: isOf45OrLater, web_search: isOf45OrLater },
    structured_outputs: isOf45OrLater,
    thinking: { ...supported(types.adaptive.supported || types.enabled.supported), types },
  };
}

function supported(isSupported: boolean): { supported: boolean } {
  return { supported: isSupported };
}
