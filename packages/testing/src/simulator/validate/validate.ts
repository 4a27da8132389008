import type { ErrorReply } from "../mind.js";
import { betasAreKnown } from "./betas.js";
import { longMarkersComeFirst, markersAreFew, markersAreWellFormed } from "./caching.js";
import {
  citationsAreForAllOrNone,
  formatHasNoCitations,
  searchResultsAreCitedBesideWebSearch,
} from "./citations.js";
import { callersAreThere, containerIsOfUse, waitingCodeIsFound } from "./containers.js";
import { deferredToolsAreNotCached, notAllToolsAreDeferred, referencesAreKnown } from "./deferred.js";
import {
  betaFieldsAreWellFormed,
  fieldsAreKnown,
  fieldsAreWellFormed,
  fieldsOfCountingAreKnown,
  requiredFieldsAreThere,
  requiredForCountingIsThere,
  somethingToStream,
} from "./fields.js";
import { imagesAreSmall, mediaAreFew } from "./images.js";
import {
  aUserSpeaksFirst,
  messagesAreNotTooMany,
  messagesAreWellFormed,
  noPrefill,
  systemIsWellFormed,
  thereIsAMessage,
} from "./messages.js";
import { maxTokensAreWithinModel, modelIsThere, promptFitsModel, toolUseIsNotForced } from "./model.js";
import { callIdsAreUnique, callsAreAnswered, resultsBelongToCalls, toolsetsAreEchoed } from "./pairing.js";
import { pagesAreFew } from "./pdf-pages.js";
import { asReply, firstRefusal, isFields, type Refusal, type Rule, type Surroundings } from "./rule.js";
import { samplingIsAllowed } from "./sampling.js";
import { searchResultsAreByThemselves } from "./search-results.js";
import { serverCallsAreAnswered, serverResultsBelongToCalls } from "./server-pairing.js";
import { grammarIsSmall, outputIsWellFormed, strictToolsHaveGrammars } from "./structured.js";
import { systemMessagesAreInPlace } from "./system-messages.js";
import {
  noThoughtsWithoutThinking,
  noTurnEndsInThought,
  pendingTurnBeginsWithThought,
  thoughtsAreUnbroken,
} from "./thinking-blocks.js";
import {
  budgetIsBelowMaxTokens,
  effortSuitsModel,
  thinkingIsNotForcedIntoATool,
  thinkingIsWellFormed,
  thinkingSuitsModel,
} from "./thinking-config.js";
import { toolChoiceIsPossible, toolNamesAreUnique, toolsAreWellFormed } from "./tools.js";

export type { Surroundings } from "./rule.js";

/**
 * The rules of a request. The order counts: each may rely on those before it, so the first group makes sure of the
 * shapes, the second looks at how the parts go together, and the third at what the model takes. A new rule is a line here.
 */
const shapes: readonly Rule[] = [
  fieldsAreWellFormed,
  betaFieldsAreWellFormed,
  thereIsAMessage,
  messagesAreNotTooMany,
  messagesAreWellFormed,
  systemIsWellFormed,
  toolsAreWellFormed,
  thinkingIsWellFormed,
  outputIsWellFormed,
];

const together: readonly Rule[] = [
  systemMessagesAreInPlace,
  aUserSpeaksFirst,
  callIdsAreUnique,
  callsAreAnswered,
  resultsBelongToCalls,
  toolsetsAreEchoed,
  serverResultsBelongToCalls,
  serverCallsAreAnswered,
  noTurnEndsInThought,
  noPrefill,
  toolNamesAreUnique,
  toolChoiceIsPossible,
  notAllToolsAreDeferred,
  deferredToolsAreNotCached,
  referencesAreKnown,
  callersAreThere,
  containerIsOfUse,
  waitingCodeIsFound,
  strictToolsHaveGrammars,
  grammarIsSmall,
  formatHasNoCitations,
  citationsAreForAllOrNone,
  searchResultsAreByThemselves,
  searchResultsAreCitedBesideWebSearch,
  markersAreWellFormed,
  markersAreFew,
  longMarkersComeFirst,
  mediaAreFew,
  pagesAreFew,
  imagesAreSmall,
  thinkingIsNotForcedIntoATool,
  pendingTurnBeginsWithThought,
  noThoughtsWithoutThinking,
];

const ofModel: readonly Rule[] = [
  modelIsThere,
  thinkingSuitsModel,
  effortSuitsModel,
  toolUseIsNotForced,
  thoughtsAreUnbroken,
  promptFitsModel,
];

const messageRules: readonly Rule[] = [
  betasAreKnown,
  requiredFieldsAreThere,
  fieldsAreKnown,
  ...shapes,
  somethingToStream,
  ...together,
  budgetIsBelowMaxTokens,
  ...ofModel,
  maxTokensAreWithinModel,
  samplingIsAllowed,
];

/** `count_tokens` generates nothing, so all that has to do with a reply is not even known there. */
const countRules: readonly Rule[] = [
  betasAreKnown,
  requiredForCountingIsThere,
  fieldsOfCountingAreKnown,
  ...shapes,
  ...together,
  ...ofModel,
];

/**
 * Why the API would refuse this body of `POST /v1/messages`, in its words, or nothing if it would take it. Pure.
 *
 * Not looked at: what depends on an account (which betas it has, fast mode, regions), what is behind an address or a file's id, and
 * signatures that no simulator has made.
 */
export function refuseMessageRequest(body: unknown, surroundings: Surroundings): string | undefined {
  return judgeMessageRequest(body, surroundings)?.error.message;
}

/** The same as the whole reply: an unknown model is a 404, and some errors have details. */
export function judgeMessageRequest(body: unknown, surroundings: Surroundings): ErrorReply | undefined {
  return judge(messageRules, body, surroundings);
}

/** The same for `POST /v1/messages/count_tokens`, which takes no `max_tokens`, nor anything else about the reply. */
export function judgeCountRequest(body: unknown, surroundings: Surroundings): ErrorReply | undefined {
  return judge(countRules, body, surroundings);
}

function judge(rules: readonly Rule[], body: unknown, surroundings: Surroundings): ErrorReply | undefined {
  if (!isFields(body)) return asReply("Input should be a valid dictionary");
  const refusal = firstRefusal(lazily(rules, body, surroundings));
  return refusal === undefined ? undefined : asReply(refusal);
}

/** One rule at a time: those further down would trip over what those further up refuse. */
function* lazily(
  rules: readonly Rule[],
  body: Readonly<Record<string, unknown>>,
  surroundings: Surroundings,
): Generator<Refusal | undefined> {
  for (const rule of rules) yield rule(body, surroundings);
}
