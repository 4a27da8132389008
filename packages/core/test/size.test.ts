import Anthropic from "@anthropic-ai/sdk";
import {
  AgentError,
  type AgentEvent,
  apply,
  approve,
  claude,
  emptyState,
  type Model,
  memoryStore,
  models,
  resume,
  run,
  steer,
} from "@lockstitch/core";
import { createSimulator, scripted, scriptMind, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { imagesIn } from "../src/pure/conversation/image-room.js";
import { fitResults, maxHistorySize, maxImagesOf, sizeOf } from "../src/pure/conversation/size.js";
import { readLog } from "./crash.js";
import { handTool } from "./helpers.js";
import { pdfOf, pngOf } from "./media-files.js";

/** Nearly ten million characters in base64. */
const largeImage = () => Buffer.concat([pngOf(1, 1), Buffer.alloc(7_400_000)]);

const imageOf = (width: number, height = 1) => ({
  type: "image" as const,
  source: {
    type: "base64" as const,
    media_type: "image/png" as const,
    data: pngOf(width, height).toString("base64"),
  },
});

/** As long as a multiple of three, so that its base64 can go on. */
const wholePdf = pdfOf({ pages: 1, trailer: " ".repeat(3 - (pdfOf({ pages: 1 }).length % 3)) });
const documentOf = (length: number) => ({
  type: "document" as const,
  source: {
    type: "base64" as const,
    media_type: "application/pdf" as const,
    data: wholePdf.toString("base64").padEnd(length, "A"),
  },
});

it("results that are together too large for a request are left out, in order, with a note for the model", async () => {
  const photo = handTool("photo", largeImage);
  const calls = [1, 2, 3, 4].map(() => toolUse("photo"));
  const { messages } = await run({ tools: [photo] }, "Go.", { claude: scripted([calls, calls, "Done."]) });
  const contents = messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_result" ? [block.content] : [])),
  );
  const isShown = contents.map((content) => typeof content !== "string");
  expect(isShown).toEqual([true, true, false, false, false, false, false, false]);
  expect(contents[2]).toMatch(/^\[cut: a result of \d+ bytes\. .* no room/);
  expect(sizeOf(messages)).toBeLessThan(maxHistorySize);
});

it("more images than a request takes are left out, in order, and of an input refused", async () => {
  const album = handTool("album", () => Array.from({ length: 60 }, () => imageOf(8)));
  const calls = [toolUse("album"), toolUse("album")];
  const model = "claude-haiku-4-5";
  const store = memoryStore();
  const options = { claude: scripted([calls, "Done.", "Fine."]), store, session: "s" };
  const { messages } = await run({ tools: [album], model }, "Go.", options);
  const [first, second] = contentsOf(messages);
  expect(first).toHaveLength(60);
  expect(first).toEqual(Array.from({ length: 60 }, () => imageOf(8)));
  expect(second?.slice(0, 40)).toEqual(first?.slice(0, 40));
  expect(second?.slice(40).map((block) => block.type)).toEqual(Array.from({ length: 20 }, () => "text"));
  expect(second?.at(-1)).toMatchObject({ text: /cut: an image .* no more than 100 images/ });
  const many = [{ role: "user" as const, content: [imageOf(8)] }];
  await expect(run({ tools: [album], model }, many, options)).rejects.toThrow(/more than 100 images/);
  expect(await run({ tools: [album], model }, "And?", options)).toMatchObject({ text: "Fine." });
  expect(maxImagesOf("claude-opus-5-5")).toBe(600);
});

describe("a session that holds more images than another model takes", () => {
  const album = handTool("album", () => Array.from({ length: 150 }, () => imageOf(8)));
  const large = { model: "claude-sonnet-5-5", tools: [album] };
  const small = { ...large, model: "claude-haiku-4-5" };
  const why = /every call.*no more than 100 images and PDFs.*this session holds 150.*another model/;

  it("is refused to that model by words about the session, and goes on with one that takes them", async () => {
    const store = memoryStore();
    const options = { claude: scripted([[toolUse("album")], "Seen.", "Fine."]), store, session: "s" };
    await run({ ...large, limits: { maxSteps: 1 } }, "Go.", options);
    const log = await readLog(store);
    await expect(resume(small, "s", options)).rejects.toThrow(why);
    await expect(run(small, "hm", options)).rejects.toThrow(why);
    expect(await readLog(store)).toEqual(log);
    expect(await resume(large, "s", options)).toMatchObject({ text: "Seen." });
    // Here it is the input that is too much.
    const more = Array.from({ length: 451 }, () => imageOf(8));
    await expect(run(large, more, options)).rejects.toThrow(/this input.*no more than 600/);
  });

  it("gets no more of them from a call that waited for the model before", async () => {
    const wait = { ...album, needsApproval: true };
    const store = memoryStore();
    const options = { claude: scripted([[toolUse("album", {}, "toolu_1")], "Seen."]), store, session: "s" };
    await run({ ...large, tools: [wait] }, "Go.", options);
    await approve(store, "s", "toolu_1", { approved: true });
    const { messages } = await resume({ ...small, tools: [wait] }, "s", options);
    expect(imagesIn(messages).count).toBe(100);
  });
});

it("a catalogue of one's own says how many images a request takes, to whoever reads the log too", async () => {
  const [first] = models;
  const own = { ...first, id: "our-model", aliases: [], contextWindow: 200_000 } as Model;
  const store = memoryStore();
  const options = { claude: scripted(["Done."]), store, session: "s", models: [own, ...models] };
  await run({ model: "our-model" }, "Go.", options);
  const state = (await readLog(store)).reduce(apply, emptyState("s"));
  expect(state.run?.maxImages).toBe(100);
  const images = Array.from({ length: 101 }, () => imageOf(8));
  await expect(run({ model: "our-model" }, images, { ...options, session: "t" })).rejects.toThrow(
    /more than 100/,
  );
});

function contentsOf(messages: readonly Anthropic.MessageParam[]): readonly Anthropic.ContentBlockParam[][] {
  const blocks = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  return blocks.flatMap((block) =>
    block.type === "tool_result" ? [block.content as Anthropic.ContentBlockParam[]] : [],
  );
}

it("an image too large to stand beside many others is left out once there are many, and the API takes the history", async () => {
  const simulator = await createSimulator({
    mind: scriptMind([{ content: [toolUse("album")] }, { content: [toolUse("poster")] }, "Done."]),
  });
  try {
    const album = handTool("album", () => [
      { type: "text", text: "Twenty:" },
      ...Array.from({ length: 20 }, () => imageOf(2_000)),
    ]);
    const poster = handTool("poster", () => [{ type: "text", text: "Here." }, imageOf(1, 2_001)]);
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "k" });
    const result = await run({ tools: [album, poster] }, "Go.", { claude: claude({ client }) });
    expect(result).toMatchObject({ text: "Done." });
    expect(contentsOf(result.messages)[1]).toMatchObject([
      { text: "Here." },
      { text: /more than 20 images takes none that is longer than 2000 pixels/ },
    ]);
  } finally {
    await simulator.close();
  }
});

it("once a large image is in, it is the newest that give way", () => {
  const history = [{ role: "user" as const, content: [imageOf(2_001)] }];
  const result = {
    type: "tool_result" as const,
    tool_use_id: "t",
    content: Array.from({ length: 20 }, () => imageOf(1)),
  };
  const [fitted] = fitResults(history, [result], 600);
  expect(((fitted?.content ?? []) as { type: string }[]).map(({ type }) => type)).toEqual([
    ...Array.from({ length: 19 }, () => "image"),
    "text",
  ]);
  expect(imagesIn([...history, { role: "user", content: [fitted] }])).toEqual({
    count: 20,
    pages: 0,
    anyLarge: true,
  });
});

it("what was left out takes no room: a small image after it is taken", () => {
  const history = [{ role: "user" as const, content: Array.from({ length: 20 }, () => imageOf(1)) }];
  const result = { type: "tool_result" as const, tool_use_id: "t", content: [imageOf(2_001), imageOf(1)] };
  const [fitted] = fitResults(history, [result], 600);
  expect(((fitted?.content ?? []) as { type: string }[]).map(({ type }) => type)).toEqual(["text", "image"]);
});

it("results leave room for what was said meanwhile, which was told that it would be taken", () => {
  const content = Array.from({ length: 19 }, () => imageOf(1));
  const call = { type: "tool_use" as const, id: "t", name: "look", input: {} };
  const bodies = [
    { type: "run.start" as const, model: "claude-opus-5-5", limits: {}, startedAt: 1 },
    { type: "input" as const, messages: [{ role: "user" as const, content }] },
    { type: "step.start" as const, step: 1 },
    {
      type: "message" as const,
      message: { role: "assistant" as const, content: [call] },
      stopReason: "tool_use",
    },
    { type: "tool.start" as const, toolUseId: "t", name: "look", idempotencyKey: "k" },
    { type: "input" as const, messages: [{ role: "user" as const, content: [imageOf(2_001)] }] },
    {
      type: "tool.end" as const,
      toolUseId: "t",
      outcome: "ok",
      result: { content: [imageOf(3)] },
      durationMs: 1,
    },
    { type: "step.end" as const, step: 1 },
    { type: "step.start" as const, step: 2 },
  ];
  const { messages } = bodies.reduce(
    (state, body, index) => apply(state, { session: "s", seq: index + 1, at: 0, ...body } as AgentEvent),
    emptyState("s"),
  );
  expect(imagesIn(messages)).toEqual({ count: 20, pages: 0, anyLarge: true });
  expect(contentsOf(messages)[0]).toMatchObject([{ type: "text", text: /2000 pixels/ }]);
});

it("an image in a document of blocks counts", () => {
  const inside = { type: "document", source: { type: "content", content: [imageOf(2_001)] } };
  expect(imagesIn([{ role: "user", content: [inside, imageOf(1)] }])).toEqual({
    count: 2,
    pages: 0,
    anyLarge: true,
  });
});

it.each<[string, Anthropic.ContentBlockParam[], RegExp]>([
  ["too many pixels", [imageOf(8_001)], /8001×1 pixels/],
  [
    "many images, one of them large",
    [imageOf(2_001), ...Array.from({ length: 20 }, () => imageOf(1))],
    /more than 20 images/,
  ],
  [
    "an image that is none",
    [{ type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }],
    /neither JPEG/,
  ],
  [
    "an image said to be of another type",
    [{ ...imageOf(1), source: { ...imageOf(1).source, media_type: "image/gif" } }],
    /media_type/,
  ],
])("an input with %s is not taken, and nothing of it is committed", async (_what, content, why) => {
  const store = memoryStore();
  const options = { claude: scripted(["Fine."]), store, session: "s" };
  await expect(run({}, content, options)).rejects.toThrow(why);
  expect(await run({}, "And this?", options)).toMatchObject({ text: "Fine." });
});

it("what two said at once is fitted when it is taken up, so that neither spoils the session of the other", () => {
  const said = (content: Anthropic.ContentBlockParam[]) => ({
    type: "input" as const,
    messages: [{ role: "user" as const, content }],
  });
  const bodies = [
    { type: "run.start" as const, model: "claude-opus-5-5", limits: {}, startedAt: 1 },
    said(Array.from({ length: 20 }, () => imageOf(1))),
    said([imageOf(2_001)]),
    { type: "step.start" as const, step: 1 },
  ];
  const { messages } = bodies.reduce(
    (state, body, index) => apply(state, { session: "s", seq: index + 1, at: 0, ...body } as AgentEvent),
    emptyState("s"),
  );
  expect(imagesIn(messages)).toEqual({ count: 20, pages: 0, anyLarge: false });
  expect(JSON.stringify(messages)).toContain("2000 pixels");
});

it.each<[string, NonNullable<Anthropic.ToolResultBlockParam["content"]>]>([
  ["many small blocks", Array.from({ length: 60_000 }, () => ({ type: "text", text: "a" }))],
  ["characters of three bytes", "漢".repeat(600_000)],
  ["characters of four bytes", "😀".repeat(450_000)],
  ["what JSON escapes", '"\\\u0001'.repeat(200_000)],
])("a request has room for the bytes of its JSON, and results of %s weigh as much", (_what, content) => {
  const results = Array.from({ length: 20 }, (_, index) => ({
    type: "tool_result" as const,
    tool_use_id: `toolu_${index}`,
    content,
  }));
  const message = { role: "user" as const, content: [...fitResults([], results, 100)] };
  const bytes = Buffer.byteLength(JSON.stringify([message]));
  expect(bytes).toBeLessThan(32_000_000);
  // And no more is left out than has to be.
  expect(bytes).toBeGreaterThan(20_000_000);
  expect(Math.abs(sizeOf([message]) - bytes)).toBeLessThan(100);
});

it("a short result is never left out", () => {
  const full = [{ role: "user" as const, content: [documentOf(maxHistorySize)] }];
  const results = ["short", "x".repeat(201)].map((content, index) => ({
    type: "tool_result" as const,
    tool_use_id: `toolu_${index}`,
    content,
    is_error: true,
  }));
  const fitted = fitResults(full, results, 100);
  expect(fitted[0]).toBe(results[0]);
  expect(fitted[1]).toMatchObject({ tool_use_id: "toolu_1", is_error: true, content: /^\[cut: / });
  expect(fitResults([], results, 100)).toEqual(results);
});

it("an input that its session has no room for is not taken, and the session goes on without it", async () => {
  const store = memoryStore();
  const large = { role: "user" as const, content: [documentOf(15_000_000)] };
  const claude = scripted(["Nice.", "Small."]);
  await run({}, [large], { claude, store, session: "s" });
  const refused = run({}, [large], { claude, store, session: "s" });
  await expect(refused).rejects.toThrow(AgentError);
  await expect(refused).rejects.toThrow(/15000\d\d\d bytes.*not taken.*URLs/);
  expect(await run({}, "And this?", { claude, store, session: "s" })).toMatchObject({ text: "Small." });
});

it("what is said to a running agent is refused where there is no room for it", async () => {
  const store = memoryStore();
  const large = { role: "user" as const, content: [documentOf(15_000_000)] };
  let refused: unknown;
  const look = handTool("look", async (_input, { session }) => {
    await steer(store, session, "Hurry!");
    refused = await steer(store, session, [large]).catch((error: unknown) => error);
  });
  const options = { claude: scripted([[toolUse("look")], "Done."]), store, session: "s" };
  await run({ tools: [look] }, [large], options);
  expect(refused).toBeInstanceOf(AgentError);
});
