import { type Agent, type AgentEvent, type RunOptions, resume, run, type Store } from "@lockstitch/core";
import { type Mind, replaySession } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { stateOf } from "../src/state-of.js";
import { asksForSummary, only, page, smallModel, smallModels } from "./compaction-helpers.js";
import { readLog, storeWith } from "./crash.js";
import { handTool } from "./helpers.js";
import { simulated } from "./simulated.js";

const address = "https://cdn.example.com/berth.png?signature=SECRET";
const source = { type: "url" as const, url: address };
const image = { type: "image" as const, source };
const look = handTool("look", () => image);
const agent: Agent = { tools: [look] };

const note = (what: string) =>
  `[cut: ${what} from cdn.example.com/…: the API could not load all that is shown by its address.]`;
const download = "Unable to download the file. Please verify the URL and try again.";

/** An API that can load what is shown by its address until it expires. It looks once a run, and then answers. */
async function play(words = download, mind: Mind = looksOnce) {
  let hasExpired = false;
  const { options, statuses } = await simulated((request, surroundings) =>
    hasExpired && JSON.stringify(request.messages).includes('"type":"url"')
      ? { status: 400, error: { type: "invalid_request_error", message: words } }
      : mind(request, surroundings),
  );
  return {
    options,
    expire: () => {
      hasExpired = true;
    },
    statuses,
    messages: async () => (await stateOf(options.store, "s")).messages,
  };
}

const call = { type: "tool_use" as const, name: "look", input: {} };
const looksOnce: Mind = ({ messages }) =>
  JSON.stringify(messages).includes("tool_use") ? { content: "It is free." } : { content: [call] };

describe("what is shown by an address that the API can no longer load", () => {
  it("gives way to a note without its key, and the session goes on", async () => {
    const { options, expire, statuses, messages } = await play();
    await run(agent, "Look.", options);
    expire();
    expect(await run(agent, "And now?", options)).toMatchObject({ reason: "end_turn", text: "It is free." });
    expect(await run(agent, "Sure?", options)).toMatchObject({ reason: "end_turn" });
    // Refused once, and never sent again.
    expect(statuses()).toEqual([200, 200, 400, 200, 200]);
    const told = JSON.stringify(await messages());
    expect(told).toContain(note("an image"));
    expect(told).not.toContain("SECRET");
    const failed = only(await readLog(options.store), "model.end").filter(({ error }) => error !== undefined);
    expect(failed).toMatchObject([
      { outcome: "error", error: { status: 400, message: /Unable to download/ } },
    ]);
  });

  it("does so wherever it stands: said, in a document, beside what stays", async () => {
    const { options, expire, messages } = await play(download, () => ({ content: "Yes." }));
    const stays = { type: "text" as const, text: "https://cdn.example.com/berth.png" };
    const within = {
      type: "document" as const,
      source: { type: "content" as const, content: [image, stays] },
    };
    await run({}, [image, stays, { type: "document", source }, within], options);
    expire();
    await run({}, "And?", options);
    const text = (words: string) => ({ type: "text", text: words });
    expect((await messages())[0]).toEqual({
      role: "user",
      content: [
        text(note("an image")),
        stays,
        text(note("a document")),
        { ...within, source: { type: "content", content: [text(note("an image")), stays] } },
      ],
    });
  });

  it.each([
    download,
    "This URL is disallowed by the website's robots.txt file.",
    "Could not process image",
    "messages.0.content.1.image.source: image exceeds 10 MB maximum: 12000000 bytes > 10485760 bytes",
    "messages.0.content.0.document.source: The PDF specified was not valid.",
    "messages.0.content.0.document.source: The PDF specified is password protected.",
    "messages.2.content.0.pdf.source.url.data: A maximum of 100 PDF pages may be provided.",
    "messages.2.content.0.pdf.source.url: PDF cannot be empty",
    "messages.0.content.0.image.source.url.url: Only HTTPS URLs are supported.",
  ])("does so within the run, at once where it never could be loaded: %s", async (words) => {
    const { options, expire, statuses } = await play(words);
    expire();
    expect(await run(agent, "Look.", options)).toMatchObject({ text: "It is free.", steps: 2 });
    expect(statuses()).toEqual([200, 400, 200]);
  });

  it("is not asked for again and again: a refusal that a note doesn't mend is the API's error", async () => {
    const refusal = { status: 400, error: { type: "invalid_request_error", message: download } };
    const { options, statuses } = await play(download, (request, surroundings) =>
      JSON.stringify(request.messages).includes("tool_use") ? refusal : looksOnce(request, surroundings),
    );
    await expect(run(agent, "Look.", options)).rejects.toMatchObject({ status: 400 });
    expect(statuses()).toEqual([200, 400, 400]);
    await expect(run(agent, "Again.", options)).rejects.toMatchObject({ status: 400 });
    expect(statuses()).toEqual([200, 400, 400, 400]);
  });

  it("stays where the API refuses a request for something else", async () => {
    const { options, expire, messages } = await play("messages: the roles must alternate");
    await run(agent, "Look.", options);
    expire();
    await expect(run(agent, "And now?", options)).rejects.toMatchObject({ status: 400 });
    expect(JSON.stringify(await messages())).toContain("SECRET");
  });

  it("is the same for whoever goes on with the session, wherever a process died", async () => {
    const { options, expire, messages } = await play();
    await run(agent, "Look.", options);
    expire();
    await run(agent, "And now?", options);
    const [events, whole] = [await readLog(options.store), await messages()];
    const begun = events.findLastIndex(({ type }) => type === "run.start");
    for (let died = begun + 2; died < events.length; died++) {
      const store = await storeWith(events.slice(0, died));
      const result = await resume(agent, "s", { ...options, store });
      expect(result, `died after ${died} events`).toMatchObject({ text: "It is free." });
      expect((await stateOf(store, "s")).messages).toEqual(whole);
    }
  });

  it("no longer holds up a session that died of it before", async () => {
    const { options, expire, statuses } = await play();
    await run(agent, "Look.", options);
    const { state, session } = { state: await stateOf(options.store, "s"), session: options.session };
    expect(state.run?.end).toBeDefined();
    expire();
    const error = { name: "BadRequestError", message: `400 ${download}`, status: 400 };
    const events = await readLog(options.store);
    const died = [
      ...events.slice(
        0,
        events.findLastIndex(({ type }) => type === "model.end"),
      ),
      { type: "model.end", attempt: 1, outcome: "error", model: "claude-opus-5", durationMs: 1, error },
      ...events.filter(({ type }) => type === "step.end").slice(-1),
      { ...events.at(-1), reason: "error", error },
    ] as AgentEvent[];
    for (const again of [
      (store: RunOptions["store"]) => resume(agent, session, { ...options, store } as never),
      (store: RunOptions["store"]) => run(agent, "And now?", { ...options, store } as RunOptions),
    ])
      expect(await again(await storeWith(died))).toMatchObject({ text: "It is free." });
    expect(statuses()).toEqual([200, 200, 200, 200]);
  });

  it.each<[string, Agent]>([
    ["claude-opus-5-5, which binds them to what stood before", {}],
    [
      "claude-haiku-4-5, which wants one at the beginning of a turn that calls tools",
      { request: { thinking: { type: "enabled", budget_tokens: 1_024 } } },
    ],
  ])("leaves no thought behind it that %s refuses", async (words, more) => {
    const thinks: Mind = ({ messages }) => ({
      content: [
        { type: "thinking", thinking: "Well." },
        ...(messages.length < 8 ? [call] : [{ type: "text" as const, text: "It is free." }]),
      ],
    });
    const { options, expire, statuses } = await play(download, thinks);
    let looks = 0;
    const tool = handTool("look", () => {
      looks += 1;
      if (looks === 2) expire();
      return "A berth.";
    });
    const thinker: Agent = { ...more, model: words.split(",")[0] as string, maxTokens: 2_000, tools: [tool] };
    expect(await run(thinker, [image], options)).toMatchObject({ text: "It is free." });
    expect(await run(thinker, "Sure?", options)).toMatchObject({ reason: "end_turn" });
    expect(statuses()).toEqual([200, 200, 400, 200, 200, 200, 200]);
  });

  it("is left out of a history that is being summarised, too", async () => {
    const mind: Mind = (request) => ({
      content: asksForSummary(request as never)
        ? "All seen."
        : request.messages.length < 7 && !JSON.stringify(request.messages).includes("All seen.")
          ? [call]
          : "It is free.",
    });
    const { options, expire, statuses } = await play(download, mind);
    const tool = handTool("look", () => {
      expire();
      return page.repeat(6);
    });
    const catalogue = [{ ...smallModel, id: "claude-haiku-5-5" }, ...smallModels];
    const small: Agent = { model: "claude-haiku-5-5", maxTokens: 500, tools: [tool] };
    const result = await run(small, [image], { ...options, models: catalogue });
    expect(result).toMatchObject({ text: "It is free." });
    expect(statuses().filter((status) => status === 400)).toHaveLength(1);
    const events = await readLog(options.store);
    const refused = events.findIndex((event) => event.type === "model.end" && event.error !== undefined);
    expect(events[refused - 1]).toMatchObject({ type: "model.start", purpose: "compaction" });
    expect(only(events, "compaction")).toHaveLength(1);
  });

  it("leaves a finished run finished where a summary is refused for it, and that summary was not in vain", async () => {
    const refused = { status: 400, error: { type: "invalid_request_error", message: "no summaries here" } };
    const { options, expire, statuses } = await play(download, (request) => {
      if (asksForSummary(request as never)) return refused;
      if (request.messages.length === 1) return { content: [call] };
      expire();
      return { content: "It is", stop_reason: "model_context_window_exceeded" };
    });
    const tool = handTool("look", () => [image, { type: "text", text: page.repeat(4) }]);
    const catalogue = [{ ...smallModel, id: "claude-haiku-5-5" }, ...smallModels];
    const small: Agent = { model: "claude-haiku-5-5", maxTokens: 500, tools: [tool] };
    const result = await run(small, "Look.", { ...options, models: catalogue });
    expect(result).toMatchObject({ reason: "model_context_window_exceeded", text: "It is" });
    // The one that the address was the trouble of, then the two that a run bears.
    expect(statuses()).toEqual([200, 200, 400, 400, 400]);
  });

  it("is counted with its note where money has a cap: no prompt is larger than was reserved for it", async () => {
    const { options, expire } = await play();
    await run(agent, "Look.", options);
    const tokens = async (store: Store) => (await stateOf(store, "s")).prompt?.tokens ?? 0;
    const before = await tokens(options.store);
    expire();
    await run(agent, "And now?", options);
    const events = await readLog(options.store);
    const refused = events.findIndex((event) => event.type === "model.end" && event.error !== undefined);
    const added = (await tokens(await storeWith(events.slice(0, refused + 1)))) - before;
    expect(added).toBeGreaterThanOrEqual(JSON.stringify(note("an image")).length);
  });

  it("is replayed from its log", async () => {
    const { options, expire } = await play();
    await run(agent, "Look.", options);
    expire();
    await run(agent, "And now?", options);
    const events = await readLog(options.store);
    expect(await replaySession(agent, events)).toMatchObject({ departures: [] });
  });
});
