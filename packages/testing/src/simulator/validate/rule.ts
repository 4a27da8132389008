import { invalidRequest } from "../api-errors.js";
import { findModel } from "../catalogue.js";
import type { ErrorReply } from "../mind.js";
import type { ModelRefusal, SimulatedModel } from "../simulated-model.js";

/** What the API knows of a request beside its body. */
export interface Surroundings {
  /** The `anthropic-version` header. */
  readonly version: string;
  /** The `anthropic-beta` header, split. */
  readonly betas: readonly string[];
  /**
   * The models there are: any other is refused. Default: those that the API has or had, and as an id that is none of
   * them may be newer than this list, nothing is refused on its account.
   */
  readonly findModel?: (id: string) => SimulatedModel | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The first error found: the words of a 400, or the whole reply where there is more to say. */
export type Refusal = string | ErrorReply;

/** Looks at a whole request; gives the first error it finds, worded as the API words it. */
export type Rule = (request: Fields, surroundings: Surroundings) => Refusal | undefined;

/** A request body, a message, a block or a tool as it came: nothing about it is known yet. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first refusal that any of the checks gives. */
export function firstRefusal<Found extends Refusal>(checks: Iterable<Found | undefined>): Found | undefined {
  for (const found of checks) if (found !== undefined) return found;
  return undefined;
}

export function modelOf(request: Fields, surroundings: Surroundings): SimulatedModel | undefined {
  return (surroundings.findModel ?? findModel)(String(request.model));
}

export function refuses(model: SimulatedModel | undefined, what: ModelRefusal): boolean {
  return model?.refuses?.includes(what) === true;
}

export function asReply(refusal: Refusal): ErrorReply {
  return typeof refusal === "string" ? invalidRequest(refusal) : refusal;
}
