import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { accumulate } from "./accumulate.ts";
import { blocksOf, isCut, play, replyOf, toolResults, turnsOf } from "./playback.ts";
import { absent, type Conversation, conversations, found, named } from "./recordings.ts";

type Request = Anthropic.MessageCreateParams;

const goesOn = ({ exchanges: [first, second] }: Conversation) =>
  first !== undefined &&
  second !== undefined &&
  second.request.messages.length > first.request.messages.length;
const usesTools = ({ exchanges }: Conversation) =>
  exchanges.some(({ request }) => request.messages.some((message) => toolResults(message).length > 0));

const loops = conversations.filter((it) => goesOn(it) && usesTools(it));
const dialogues = conversations.filter((it) => goesOn(it) && !usesTools(it));
const histories = conversations.filter((it) => !goesOn(it) && usesTools(it));

function normalise({ messages, tools, system }: Request) {
  return { system, tools, messages: messages.map((m) => ({ role: m.role, content: blocksOf(m) })) };
}

describe("x", () => {
  it("counts", () => {
    expect([loops.length, dialogues.length, histories.length]).toEqual([18, 12, 6]);
  });
  it.each(named([...loops, ...dialogues, ...histories]))("%s", async (_n, conversation) => {
    const { sent, outcomes } = await play(conversation, "none");
    console.log(outcomes.map((o) => (o instanceof Error ? o : o.reason)));
    expect(sent.map(normalise)).toEqual(conversation.exchanges.map(({ request }) => normalise(request)));
  });
});
