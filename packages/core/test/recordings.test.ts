import { BrokenStreamError, type Claude, claude, type ModelRequest } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accumulate } from "./accumulate.ts";
import {
  absent,
  cutStreams,
  errors,
  exchangeCount,
  found,
  messages,
  named,
  startOf,
  streams,
  toBody,
} from "./recordings.ts";
import { type Answer, begin, type SseServer, serve, sse } from "./sse-server.ts";

const request: ModelRequest = {
  model: "claude-haiku-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Hi" }],
};

let server: SseServer;
let ask: Claude;
let answered = { status: 200, body: "" };

beforeAll(async () => {
  const answer: Answer = (response) => {
    if (answered.status === 200) begin(response);
    else response.writeHead(answered.status, { "content-type": "application/json" });
    response.end(answered.body);
  };
  server = await serve(answer);
  ask = claude({ client: server.client });
});
afterAll(() => server.close());

/** What a body sent over HTTP comes out as, and the blocks that were handed on as they ended. */
async function receive(body: string, status = 200) {
  answered = { status, body };
  const ended: unknown[] = [];
  const reply = await ask(request, {
    signal: new AbortController().signal,
    emit(event) {
      if (event.type === "content_block_stop") ended.push(event.content_block);
    },
  });
  return { reply, ended };
}

const reply = async (name: string) => (await receive(streamOf(name))).reply;

function streamOf(name: string): string {
  const stream = streams.find((candidate) => candidate.name === name);
  if (stream === undefined) throw new Error(`There is no recording called ${name}.`);
  return stream.body;
}

/** A block or a delta of text, under a name that no API uses. */
function renamed(part: unknown): unknown {
  const { type } = part as { type?: string };
  const isText = /^(text|thinking|signature|compaction)(_delta)?$/.test(type ?? "");
  return isText ? { ...(part as object), type: `new_${type}` } : part;
}

const spliced = "spliced-message-start.chunks.txt #1";
const whole = streams.filter(({ name }) => name !== spliced);

describe("recorded traffic", () => {
  it.skipIf(!found)(`is read whole, so that none of it goes untried${absent}`, () => {
    expect(exchangeCount).toBe(240);
    expect(streams).toHaveLength(73 + 51);
    expect(cutStreams).toHaveLength(4);
    expect(messages).toHaveLength(110 + 9 + 31);
    expect(errors).toHaveLength(2);
  });
});

describe.skipIf(!found)("a recorded stream", () => {
  it.each(named(whole))("comes out as the message that it means: %s", async (_name, { body, events }) => {
    const { reply, ended } = await receive(body);
    const meant = accumulate(events);
    expect(reply).toStrictEqual(meant);
    expect([...startOf(events).content, ...ended], "blocks as they ended").toStrictEqual(meant.content);
  });

  it.each(named(whole.filter(({ body }) => !body.includes("citations_delta"))))(
    "comes out the same if its kinds of block and delta were ones that nobody has heard of: %s",
    async (_name, { events }) => {
      const unheardOf = events.map(({ content_block, delta, ...event }) => ({
        ...event,
        ...(content_block === undefined ? {} : { content_block: renamed(content_block) }),
        ...(delta === undefined ? {} : { delta: renamed(delta) }),
      }));
      const { reply } = await receive(toBody(unheardOf));
      const meant = accumulate(events);
      expect(reply).toEqual({ ...meant, content: (meant.content as unknown[]).map(renamed) });
    },
  );

  it.each(named(cutStreams))("whose end was not kept is broken: %s", async (_name, { body }) => {
    await expect(receive(body)).rejects.toBeInstanceOf(BrokenStreamError);
  });
});

describe.skipIf(!found)("a recorded message", () => {
  it.each(named(messages))(
    "comes back whole from the stream that would have made it: %s",
    async (_name, { message }) => {
      const { reply, ended } = await receive(sse(streamEvents(message)).join(""));
      // Two of the messages were kept without this field, which the API always sends.
      expect(reply).toStrictEqual({ ...message, stop_sequence: message.stop_sequence ?? null });
      expect(ended).toStrictEqual(message.content);
    },
  );
});

describe.skipIf(!found)("a recorded error", () => {
  it.each(named(errors))("stays the API's own: %s", async (_name, { status, body }) => {
    const { error } = JSON.parse(body) as { error: { type: string; message: string } };
    await expect(receive(body, status)).rejects.toMatchObject({
      status,
      type: error.type,
      message: expect.stringContaining(error.message),
    });
  });
});

/** Read off the recordings by eye, so that the tests above can't be wrong in the same way as the code. */
describe.skipIf(!found)("what to look for in a recorded stream", () => {
  it("is the same reply where it was recorded as a message too", async () => {
    const ids = messages.map(({ message }) => message.id);
    const twins = streams.filter(({ events }) => ids.includes(startOf(events).id));
    expect(twins.map(({ name }) => name)).toEqual(["anthropic-advisor-stop-reasons.chunks.txt #1"]);
    const twin = messages.find(({ name }) => name === "anthropic-advisor-stop-reasons.json");
    expect(await reply("anthropic-advisor-stop-reasons.chunks.txt #1")).toMatchObject({ ...twin?.message });
  });

  it("is usage whose last figures are the totals", async () => {
    expect((await reply("anthropic-message-delta-input-tokens.chunks.txt #1")).usage).toEqual({
      input_tokens: 61,
      output_tokens: 2,
    });
    expect((await reply("anthropic-tool-search-bm25.1.chunks.txt #1")).usage).toMatchObject({
      input_tokens: 1630,
      output_tokens: 158,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      server_tool_use: { web_search_requests: 0 },
    });
  });

  it("is a summary in one compaction delta, with what each iteration used", async () => {
    const { content, usage, ...rest } = await reply("anthropic-compaction.1.chunks.txt #1");
    expect(content[0]).toEqual({
      type: "compaction",
      content: expect.stringMatching(/^## Summary of Conversation\n/),
    });
    expect(usage).toMatchObject({
      output_tokens: 2819,
      iterations: [{ type: "compaction" }, { type: "message" }],
    });
    expect(rest).toMatchObject({ context_management: { applied_edits: [] } });
  });

  it("is thinking with its signature, and a text with its citations", async () => {
    const [thinking] = (await reply("anthropic-clear-thinking.1.chunks.txt #1")).content;
    expect(thinking).toMatchObject({
      type: "thinking",
      signature: expect.stringMatching(/^[\w+/]{100,}=*$/),
    });
    const { content } = await reply("anthropic-web-search-tool.1.chunks.txt #1");
    const cited = content.flatMap((block) => (block.type === "text" ? (block.citations ?? []) : []));
    expect(cited.length).toBeGreaterThan(5);
    expect(cited[0]).toMatchObject({
      type: "web_search_result_location",
      url: expect.stringMatching(/^https/),
    });
  });

  it("is what tools on the server were asked and answered, and the container they ran in", async () => {
    const mcp = await reply("anthropic-mcp.1.chunks.txt #1");
    expect(mcp.content[0]).toMatchObject({ type: "mcp_tool_use", input: { message: "hello world" } });
    expect(mcp.content[1]).toMatchObject({ type: "mcp_tool_result", is_error: false });
    const code = await reply("anthropic-programmatic-tool-calling.1.chunks.txt #1");
    expect(code).toMatchObject({ container: { id: "container_011CWHPPTDTn1XufeRB9uHeH" } });
    expect(code.content[2]).toMatchObject({ type: "tool_use", input: { player: "player1" } });
  });

  it("is a call that lies whole in the message's start, with no block after it", async () => {
    expect(await reply("anthropic-programmatic-tool-calling.1.chunks.txt #2")).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", name: "rollDie", input: { player: "player2" } }],
    });
  });

  it("is a refusal with its details and without content", async () => {
    expect(await reply("anthropic-refusal.chunks.txt #1")).toMatchObject({
      content: [],
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: "cyber" },
    });
  });

  it("is a start that came twice before any content, which harms nothing", async () => {
    expect(await reply("duplicate-message-start.chunks.txt #1")).toMatchObject({
      id: "msg_dup",
      content: [{ type: "text", text: "Hello, World!" }],
      usage: { input_tokens: 17, output_tokens: 227 },
    });
  });

  it("is a second reply spliced into the first, of which neither is taken", async () => {
    await expect(reply(spliced)).rejects.toMatchObject({
      name: "BrokenStreamError",
      message: expect.stringContaining("second message_start"),
    });
  });
});
