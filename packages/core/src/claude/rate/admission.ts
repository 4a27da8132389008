import type { ModelRequest } from "../../claude-function.js";
import type { Usage } from "../../usage.js";
import { retryAfterIn } from "../retry-after.js";
import {
  addAmounts,
  countsTokens,
  learn,
  lessAmounts,
  noAmounts,
  type RateAmounts,
  reserveAmounts,
  settleAmounts,
  spentOf,
} from "./buckets.js";
import { type RateReport, readRateHeaders } from "./headers.js";
import { pause, type RateClass } from "./rate-class.js";

/** A call under way. Whoever has it tells what becomes of the call; `leave` must come in the end. */
export interface Admission {
  /** The head of the response, where it is to be seen. */
  answered(response: ResponseHead): void;
  /** What the API says at the start of its reply that it counted. */
  counted(usage: Usage): void;
  /** The call is over. `usage`: of a whole reply. */
  leave(usage?: Usage): void;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
}

/**
 * Counts a call in. Until the API has said what it took, what it may take stays reserved.
 * @param changed called when others might go now
 */
export function admit(
  rateClass: RateClass,
  request: ModelRequest,
  session: string | undefined,
  amounts: RateAmounts,
  changed: () => void,
): Admission {
  const sentAt = rateClass.now();
  const spentBefore = spentOf(rateClass.buckets);
  let [held, taken] = [amounts, noAmounts];
  let report: RateReport | undefined;
  let isRefused = false;
  let isOver = false;
  if (rateClass.underWay === 0) rateClass.scoutingSince = sentAt;
  rateClass.underWay += 1;
  rateClass.buckets = reserveAmounts(rateClass.buckets, amounts);

  const settle = (released: RateAmounts, spent: RateAmounts): void => {
    rateClass.buckets = settleAmounts(rateClass.buckets, released, spent, rateClass.now());
    [held, taken] = [lessAmounts(held, released), addAmounts(taken, spent)];
  };
  /** Not before the call's own input is settled: the headers have counted that already. */
  const learnReport = (): void => {
    if (report === undefined) return;
    rateClass.buckets = learn(
      rateClass.buckets,
      report,
      { sentAt, spentBefore, own: taken },
      rateClass.now(),
    );
    rateClass.known = true;
    report = undefined;
  };
  const whileOpen = <Value>(take: (value: Value) => void) => {
    return (value: Value): void => {
      if (isOver) return;
      take(value);
      changed();
    };
  };

  return {
    answered: whileOpen(({ status, headers }: ResponseHead) => {
      const heard = readRateHeaders(headers, rateClass.now());
      isRefused = status >= 400;
      // Recorded 200s carry retry-after too: it asks for a pause only where the API refuses.
      const pauseMs = status === 429 ? retryAfterIn(headers, rateClass.now()) : undefined;
      if (pauseMs !== undefined) pause(rateClass, pauseMs);
      if (Object.keys(heard).length > 0) report = heard;
      // A reply that says nothing of limits comes from where there are none to be seen.
      else if (!isRefused) rateClass.known = true;
      if (isRefused) learnReport();
    }),
    counted: whileOpen((usage: Usage) => {
      rateClass.known = rateClass.known || report === undefined;
      settle({ ...held, output: 0 }, { ...lessAmounts(amountsIn(usage), taken), output: 0 });
      learnReport();
    }),
    leave: whileOpen((usage: Usage | undefined) => {
      // Nobody knows what a broken reply took, so it is what was held for it. A refusal took nothing.
      const rest = isRefused ? noAmounts : held;
      settle(held, usage === undefined ? rest : lessAmounts(amountsIn(usage), taken));
      learnReport();
      if (usage !== undefined) remember(rateClass, request, session, usage);
      rateClass.underWay -= 1;
      isOver = true;
    }),
  };
}

/** Cached input doesn't count. Source: the API's rate limits page. */
function amountsIn({ input_tokens, cache_creation_input_tokens, output_tokens }: Usage): RateAmounts {
  return { requests: 1, input: input_tokens + cache_creation_input_tokens, output: output_tokens };
}

function remember(
  rateClass: RateClass,
  request: ModelRequest,
  session: string | undefined,
  usage: Usage,
): void {
  rateClass.usualOutput += (usage.output_tokens - rateClass.usualOutput) / 5;
  if (countsTokens(rateClass.buckets)) rateClass.estimate.learn(request, session, usage, rateClass.now());
}
