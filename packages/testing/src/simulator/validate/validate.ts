import { longMarkersComeFirst, markersAreFew, markersAreWellFormed } from "./caching.js";
import { fieldsAreKnown, fieldsAreWellFormed, requiredFieldsAreThere, somethingToStream } from "./fields.js";
import {
  aUserSpeaksFirst,
  messagesAreWellFormed,
  noPrefill,
  systemIsWellFormed,
  thereIsAMessage,
} from "./messages.js";
import {
  callIdsAreUnique,
  callsAreAnswered,
  nobodySpeaksIntoAPendingTurn,
  resultsBelongToCalls,
} from "./pairing.js";
import { firstOf, isFields, type Rule, type Surroundings } from "./rule.js";
import { toolChoiceIsPossible, toolNamesAreUnique, toolsAreWellFormed } from "./tools.js";

export type { Surroundings } from "./rule.js";

/**
 * The rules of a request. The order counts: each may rely on those before it, so the first group makes sure of the
 * shapes and the second looks at how the parts go together. A new rule is a line here.
 */
const rules: readonly Rule[] = [
  requiredFieldsAreThere,
  fieldsAreKnown,
  fieldsAreWellFormed,
  somethingToStream,
  thereIsAMessage,
  messagesAreWellFormed,
  systemIsWellFormed,
  toolsAreWellFormed,

  aUserSpeaksFirst,
  callIdsAreUnique,
  callsAreAnswered,
  resultsBelongToCalls,
  nobodySpeaksIntoAPendingTurn,
  noPrefill,
  toolNamesAreUnique,
  toolChoiceIsPossible,
  markersAreWellFormed,
  markersAreFew,
  longMarkersComeFirst,
];

/**
 * Why the API would answer 400 to this body of `POST /v1/messages`, or nothing if it would take it. Pure.
 *
 * Not looked at: what depends on a model or an account (context size, thinking and forced tool use on the models
 * that refuse them, signatures), and what is inside images and files.
 */
export function refuseMessageRequest(body: unknown, surroundings: Surroundings): string | undefined {
  if (!isFields(body)) return "Input should be a valid dictionary";
  return firstOf(lazily(body, surroundings));
}

/** The same for `POST /v1/messages/count_tokens`, which takes a request without `max_tokens`. */
export function refuseCountRequest(body: unknown, surroundings: Surroundings): string | undefined {
  return refuseMessageRequest(isFields(body) ? { max_tokens: 1, ...body } : body, surroundings);
}

/** One rule at a time: those further down would trip over what those further up refuse. */
function* lazily(
  body: Readonly<Record<string, unknown>>,
  surroundings: Surroundings,
): Generator<string | undefined> {
  for (const rule of rules) yield rule(body, surroundings);
}
