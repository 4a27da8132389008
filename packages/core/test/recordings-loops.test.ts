import type Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError, claude, PrefixChangedError, run, type Tool } from "@lockstitch/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { accumulate } from "./accumulate.ts";
import { handTool } from "./helpers.ts";
import { answerOf, play, type Request, replyOf, toolResults, turnsOf } from "./playback.ts";
import { absent, type Conversation, chains, conversations, found, named } from "./recordings.ts";
import { serve } from "./sse-server.ts";

const goesOn = ({ exchanges: [first, second] }: Conversation) =>
  first !== undefined &&
  second !== undefined &&
  second.request.messages.length > first.request.messages.length;
const usesTools = ({ exchanges }: Conversation) =>
  exchanges.some(({ request }) => request.messages.some((message) => toolResults(message).length > 0));

/** Tool calls of the model and the answers to them, in one conversation or several turns. */
const loops = conversations.filter((it) => goesOn(it) && usesTools(it));
/** Several turns without a tool of the client's own: thinking, searches and documents that are sent back. */
const dialogues = conversations.filter((it) => goesOn(it) && !usesTools(it));
/** One request that begins in the middle of a tool loop. */
const histories = conversations.filter((it) => !goesOn(it) && usesTools(it));

/** Conversations that can't be played to their end, and why. Every other one is, down to its last reply. */
const notPlayable: Readonly<Record<string, string>> = {
  "chat_basic_chat_functionality_anthropic_claude-haiku-4-5_replaces_previous_system_messages_by_default":
    "its system prompt changes in mid-conversation; a session of ours refuses that, because it invalidates thinking and cache",
};
const withoutLastReply: Readonly<Record<string, string>> = {
  "chat_function_calling_anthropic_claude-haiku-4-5_can_use_tools_with_multi-turn_streaming_conversations":
    "the recorder kept 1,500 bytes of the last stream, which end inside message_delta",
  "chat_function_calling_anthropic_claude-haiku-4-5_can_use_tools_without_parameters_in_multi-turn_streaming_conversations":
    "the recorder kept 1,500 bytes of the last stream, which end inside a text",
  "chat_pdf_models_anthropic_claude-haiku-4-5_handles_multiple_pdfs":
    "the recorder kept 1,500 bytes of the last message, which is no JSON",
  "chat_pdf_models_anthropic_claude-haiku-4-5_understands_pdfs":
    "the recorder kept 1,500 bytes of the last message, which is no JSON",
};
const playable = [...loops, ...dialogues, ...histories].filter(({ name }) => !(name in notPlayable));

type Blocks = readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];

/**
 * All that may differ between a request of ours and the recorded one. Nothing else does: not even the order of keys matters to
 * `toEqual`, and content stays a string or blocks as it was given.
 * - The API gives each call a `caller`. We send it back as it came; the recorded clients left it out of calls.
 * - One recorded client puts a text of one space before calls that came without a text. The API sent none, so we send none.
 */
function ours(blocks: Blocks): Blocks {
  return blocks.map(({ caller, ...block }) => {
    const isLeftOut = /tool_use$/.test(block.type) && JSON.stringify(caller) === '{"type":"direct"}';
    return isLeftOut || caller === undefined ? block : { ...block, caller };
  });
}
function theirs(blocks: Blocks): Blocks {
  const [first, second] = blocks;
  return first?.text === " " && second?.type === "tool_use" ? blocks.slice(1) : blocks;
}

/** What must be the same in every request. Of the other fields a client may change some from step to step, e.g. `tool_choice`. */
function essence({ system, tools, messages }: Request, normalise: (blocks: Blocks) => Blocks) {
  const normalised = messages.map(({ role, content }) => ({
    role,
    content:
      role === "assistant" && typeof content !== "string" ? normalise(content as unknown as Blocks) : content,
  }));
  return { system, tools, messages: normalised };
}

function besides({ system, tools, messages, stream, ...others }: Request) {
  return others;
}

const text = (reply: Anthropic.Message) =>
  reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");

/** Recorded models are old ones; that is said once each, and not what is tried here. */
beforeAll(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
afterAll(() => vi.restoreAllMocks());

describe("a recorded conversation", () => {
  it.skipIf(!found)(`is found wherever there is one${absent}`, () => {
    expect([loops.length, dialogues.length, histories.length]).toEqual([18, 11, 6]);
    const lost = [...loops, ...dialogues].filter(({ exchanges }) => {
      const last = exchanges.at(-1);
      return last !== undefined && replyOf(last) === undefined;
    });
    expect(lost.map(({ name }) => name).sort()).toEqual(Object.keys(withoutLastReply).sort());
  });

  const cases = playable.flatMap((conversation) =>
    (["none", "once"] as const).map((effects): [string, Conversation, Tool["effects"]] => [
      `${conversation.name} (effects: ${effects})`,
      conversation,
      effects,
    ]),
  );

  it.each(cases)("is sent word for word by our loop: %s", async (_name, conversation, effects) => {
    const { sent } = await play(conversation, effects);
    const recorded = conversation.exchanges.map(({ request }) => request);
    expect(sent.map((request) => essence(request, ours))).toEqual(
      recorded.map((request) => essence(request, theirs)),
    );
    expect(sent.every(({ stream }) => stream)).toBe(true);
    for (const { first } of turnsOf(conversation))
      expect(besides(sent[recorded.indexOf(first.request)] as Request)).toEqual(besides(first.request));
  });

  it.each(named(playable))("ends each run as it was answered: %s", async (_name, conversation) => {
    const { outcomes } = await play(conversation, "none");
    const replies = turnsOf(conversation).map(({ last }) => replyOf(last));
    expect(outcomes).toHaveLength(replies.length);
    for (const [index, reply] of replies.entries()) {
      const asksForMore = reply?.stop_reason === "tool_use";
      if (reply === undefined) expect(outcomes[index]).toBeInstanceOf(BrokenStreamError);
      else
        expect(outcomes[index]).toMatchObject({
          status: "ended",
          reason: asksForMore ? "limit" : reply.stop_reason,
          text: text(reply),
        });
    }
  });

  it.each(Object.entries(notPlayable).filter(() => found))("is refused: %s, for %s", async (name) => {
    const conversation = conversations.find((it) => it.name === name) as Conversation;
    const { sent, outcomes } = await play(conversation, "none");
    expect(sent).toHaveLength(1);
    expect(outcomes[1]).toBeInstanceOf(PrefixChangedError);
  });
});

describe("recorded replies that go on from each other", () => {
  it.skipIf(!found)(`are found wherever there are some${absent}`, () => {
    expect(chains.map(({ replies }) => replies.length)).toEqual([15, 2, 3, 3, 2]);
  });

  it.each(named(chains))("are gone through to the last: %s", async (_name, { replies }) => {
    const meant = replies.map(({ events }) => accumulate(events).content as Anthropic.ContentBlock[]);
    const calls = meant.map((content) => content.filter((block) => block.type === "tool_use"));
    const tools = [...new Set(calls.flat().map(({ name }) => name))].map(
      (name): Tool => handTool(name, (_input, { toolUseId }) => `answer to ${toolUseId}`),
    );
    const server = await serve(...replies.map(({ body }) => answerOf(body)));
    const result = await run({ tools }, "Go.", {
      claude: claude({ client: server.client }),
      retry: { attempts: 1 },
    });
    await server.close();
    expect(result).toMatchObject({ status: "ended", reason: "end_turn", steps: replies.length });
    const turns = meant.flatMap((content, index) => {
      const results = (calls[index] ?? []).map(({ id }) => ({
        type: "tool_result",
        tool_use_id: id,
        content: `answer to ${id}`,
      }));
      const said = { role: "assistant", content };
      return results.length === 0 ? [said] : [said, { role: "user", content: results }];
    });
    expect(result.messages).toEqual([{ role: "user", content: "Go." }, ...turns]);
  });
});
