import type { ModelRequest } from "../claude-function.js";
import type { Usage } from "../usage.js";
import {
  addLoad,
  countsTokens,
  type Load,
  learn,
  lessLoad,
  noLoad,
  reserveLoad,
  settleLoad,
  spentOf,
} from "./rate-account.js";
import { type RateNews, readRateHeaders } from "./rate-headers.js";
import { type Lane, pause } from "./rate-lane.js";
import { retryAfterIn } from "./retry-after.js";

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
  lane: Lane,
  request: ModelRequest,
  session: string | undefined,
  load: Load,
  changed: () => void,
): Admission {
  const sentAt = lane.now();
  const spentBefore = spentOf(lane.account);
  let [held, taken] = [load, noLoad];
  let news: RateNews | undefined;
  let isRefused = false;
  let isOver = false;
  if (lane.underWay === 0) lane.scoutingSince = sentAt;
  lane.underWay += 1;
  lane.account = reserveLoad(lane.account, load);

  const settle = (released: Load, spent: Load): void => {
    lane.account = settleLoad(lane.account, released, spent, lane.now());
    [held, taken] = [lessLoad(held, released), addLoad(taken, spent)];
  };
  /** Not before the call's own input is settled: the headers have counted that already. */
  const learnNews = (): void => {
    if (news === undefined) return;
    lane.account = learn(lane.account, news, { sentAt, spentBefore, own: taken }, lane.now());
    lane.known = true;
    news = undefined;
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
      const heard = readRateHeaders(headers, lane.now());
      isRefused = status >= 400;
      // Recorded 200s carry retry-after too: it asks for a pause only where the API refuses.
      const pauseMs = status === 429 ? retryAfterIn(headers, lane.now()) : undefined;
      if (pauseMs !== undefined) pause(lane, pauseMs);
      if (Object.keys(heard).length > 0) news = heard;
      // A reply that says nothing of limits comes from where there are none to be seen.
      else if (!isRefused) lane.known = true;
      if (isRefused) learnNews();
    }),
    counted: whileOpen((usage: Usage) => {
      lane.known = lane.known || news === undefined;
      settle({ ...held, output: 0 }, { ...lessLoad(loadIn(usage), taken), output: 0 });
      learnNews();
    }),
    leave: whileOpen((usage: Usage | undefined) => {
      // Nobody knows what a broken reply took, so it is what was held for it. A refusal took nothing.
      const rest = isRefused ? noLoad : held;
      settle(held, usage === undefined ? rest : lessLoad(loadIn(usage), taken));
      learnNews();
      if (usage !== undefined) remember(lane, request, session, usage);
      lane.underWay -= 1;
      isOver = true;
    }),
  };
}

/** Cached input doesn't count. Source: the API's rate limits page. */
function loadIn({ input_tokens, cache_creation_input_tokens, output_tokens }: Usage): Load {
  return { requests: 1, input: input_tokens + cache_creation_input_tokens, output: output_tokens };
}

function remember(lane: Lane, request: ModelRequest, session: string | undefined, usage: Usage): void {
  lane.usualOutput += (usage.output_tokens - lane.usualOutput) / 5;
  if (countsTokens(lane.account)) lane.estimate.learn(request, session, usage, lane.now());
}
