import { totalTokens } from "@lockstitch/core";
import type { MatcherState } from "vitest";
import {
  type Conversation,
  callWords,
  conversationOf,
  conversationText,
  type RequestedCall,
} from "./conversation.js";
import { unmeantIn } from "./expected-input.js";

/** What a matcher gives back to vitest. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The matchers themselves, for `expect.extend(matchers)` where importing this entry point can't do it. */
export const matchers = {
  toHaveCalledTool(
    this: MatcherState,
    received: unknown,
    name: string,
    ...input: readonly unknown[]
  ): Verdict {
    const conversation = conversationOf(received);
    checkArgument(isText(name), "toHaveCalledTool takes a tool's name", name);
    if (input.length > 0) checkInput(input[0]);
    const named = conversation.calls.filter((call) => call.name === name);
    const isMeant = (call: RequestedCall) =>
      input.length === 0 ||
      this.equals(call.input, input[0], [...this.customTesters, this.utils.subsetEquality]);
    const wanted =
      input.length === 0
        ? `call ${name}`
        : `call ${name} with ${this.utils.stringify(input[0], undefined, { min: true })}`;
    const isCalled = named.some(isMeant);
    if (!isCalled) checkKnown(conversation, "whether a tool was called");
    const others = named.length > 0 ? named.map(callWords) : conversation.calls.map(callWords);
    return {
      pass: isCalled,
      message: told(
        this,
        conversation,
        wanted,
        others.length === 0 ? "it called no tool" : `it called ${others.join(", ")}`,
      ),
    };
  },

  toHaveCalledTools(this: MatcherState, received: unknown, names: readonly string[]): Verdict {
    const conversation = conversationOf(received);
    const isList = Array.isArray(names) && names.every(isText);
    checkArgument(isList, "toHaveCalledTools takes a list of tools' names", names);
    checkKnown(conversation, "which tools were called");
    const called = conversation.calls.map(({ name }) => name);
    return {
      pass: this.equals(called, [...names]),
      message: told(this, conversation, `call ${list(names)}`, `it called ${list(called)}`),
    };
  },

  toHaveEndedWith(this: MatcherState, received: unknown, reason: string): Verdict {
    const conversation = conversationOf(received);
    const { ending, limit } = conversation;
    if (ending === undefined)
      throw unknown(conversation, "Messages alone don't tell how a run ended. Give expect() the Result.");
    checkArgument(isText(reason), "toHaveEndedWith takes a reason", reason);
    const words =
      ending === "waiting"
        ? "it waits for a person"
        : `it ended with ${limit === undefined ? ending : `${ending} (${limit})`}`;
    return {
      pass: ending === reason || limit === reason,
      message: told(this, conversation, `end with ${reason}`, words),
    };
  },

  toHaveSaid(this: MatcherState, received: unknown, words: string | RegExp): Verdict {
    const conversation = conversationOf(received);
    const isWords = isText(words) || words instanceof RegExp;
    checkArgument(isWords, "toHaveSaid takes words or a regular expression", words);
    const isSaid = (text: string) =>
      typeof words === "string" ? text.includes(words) : new RegExp(words).test(text);
    const what = typeof words === "string" ? JSON.stringify(words) : String(words);
    const hasSaid = conversation.said.some(isSaid);
    if (!hasSaid) checkKnown(conversation, "what was said");
    return {
      pass: hasSaid,
      message: told(this, conversation, `say ${what}`, "this is what was said"),
    };
  },

  toHaveCostLessThan(this: MatcherState, received: unknown, usd: number): Verdict {
    const conversation = conversationOf(received);
    const { cost } = conversation;
    if (cost === undefined)
      throw unknown(conversation, "Messages alone don't tell what a run has cost. Give expect() the Result.");
    // Neither less nor more: an unknown cost must not let a test pass, whichever way it asks.
    if (cost.usd === null)
      throw unknown(
        conversation,
        `What this run has cost is not known: there is no price for ${cost.unpriced.join(", ")}.`,
      );
    checkArgument(isNumber(usd), "toHaveCostLessThan takes US dollars, as a number", usd);
    const { usd: spent } = cost;
    return {
      pass: spent < usd,
      message: told(this, conversation, `cost less than $${usd}`, `it cost $${spent}`),
    };
  },

  toHaveUsedAtMostTokens(this: MatcherState, received: unknown, tokens: number): Verdict {
    const conversation = conversationOf(received);
    const { usage } = conversation;
    if (usage === undefined)
      throw unknown(
        conversation,
        "Messages alone don't tell how many tokens were used. Give expect() the Result.",
      );
    checkArgument(isNumber(tokens), "toHaveUsedAtMostTokens takes a number of tokens", tokens);
    const used = totalTokens(usage);
    return {
      pass: used <= tokens,
      message: told(this, conversation, `use at most ${tokens} tokens`, `it used ${used}`),
    };
  },
};

function told(
  { isNot }: MatcherState,
  conversation: Conversation,
  wanted: string,
  came: string,
): () => string {
  return () =>
    `expected the agent ${isNot ? "not " : ""}to ${wanted}, but ${came}.\n\n${conversationText(conversation)}`;
}

/** What can't be known is an error, whichever way the test asks. */
function unknown(conversation: Conversation, words: string): TypeError {
  return new TypeError(`${words}\n\n${conversationText(conversation)}`);
}

/** What a summary stands for is in none of the messages: of that no test may pass, whichever way it asks. */
function checkKnown(conversation: Conversation, what: string): void {
  if (conversation.isSummarised)
    throw unknown(
      conversation,
      `It can't be known ${what}: the history begins with a summary, and what was before it is not in the result. Look at the log's events.`,
    );
}

function checkInput(input: unknown): void {
  const found = unmeantIn(input);
  if (found === undefined) return;
  const place = found.path === "" ? "" : ` as its ${found.path}`;
  throw new TypeError(
    `toHaveCalledTool takes the input of a call, and was given ${found.what}${place}, which no call has. ${found.way}`,
  );
}

/** Of what can't be meant, such as a constant that is not there any more, a test would pass whatever the agent did. */
function checkArgument(isMeant: boolean, takes: string, given: unknown): void {
  if (isMeant) return;
  const said = typeof given === "string" ? JSON.stringify(given) : String(given);
  throw new TypeError(`${takes}, and was given ${said}.`);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(value);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "no tool" : names.join(", then ");
}
