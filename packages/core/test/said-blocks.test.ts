import Anthropic from "@anthropic-ai/sdk";
import { AgentError, claude, memoryStore, run, steer } from "@lockstitch/core";
import { createSimulator, scripted, scriptMind, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { saidMisfit } from "../src/pure/conversation/said-blocks.js";
import { accumulate } from "./accumulate.js";
import { handTool } from "./helpers.js";
import { jpegOf, pdfOf, pngOf } from "./media-files.js";
import { absent, found as foundRecordings, isWholeStream, messages, streams } from "./recordings.js";

const png = pngOf(9, 9).toString("base64");
const pdf = pdfOf({ pages: 1 }).toString("base64");
const image = (source: unknown, more = {}) => ({ type: "image", source, ...more });
const document = (source: unknown, more = {}) => ({ type: "document", source, ...more });
const base64 = (media_type: string, data: unknown) => ({ type: "base64", media_type, data });
const plain = { type: "text", media_type: "text/plain", data: "words" };
const found = { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: "a" }] };

/** A conversation in which a tool was called, and what is given as its result. */
const answered = (content: unknown, more = {}) => [
  { role: "user", content: "Go." },
  { role: "assistant", content: [{ type: "tool_use", id: "toolu_a", name: "look", input: {} }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_a", content, ...more }] },
];

const called = (more: object) => ({ type: "tool_use", id: "toolu_a", name: "look", input: {}, ...more });

/** A conversation from elsewhere. */
const imported = (...blocks: object[]) => [
  { role: "user", content: "Go." },
  { role: "assistant", content: blocks },
  { role: "user", content: "On." },
];

describe("a block that is said and that the API would refuse is refused first, with its field and what must stand there", () => {
  it.each<[string, unknown, RegExp]>([
    ["an image of nothing", image(undefined), /0\.source must be an object with a type: "base64", "url"/],
    [
      "an image in base64 of nothing",
      image({ type: "base64", media_type: "image/png" }),
      /source\.data must be base64/,
    ],
    [
      "an image of a type that there is not",
      image(base64("image/jpg", png)),
      /media_type must be "image\/jpeg"/,
    ],
    ["bytes where base64 is wanted", image(base64("image/png", pngOf(9, 9))), /source\.data must be base64/],
    [
      "a data URL",
      image(base64("image/png", `data:image/png;base64,${png}`)),
      /data must be base64.*nothing before/,
    ],
    [
      "an image by an address without https",
      image({ type: "url", url: "http://a.example" }),
      /url must be an https: URL/,
    ],
    [
      "an image with a field too many",
      image({ type: "url", url: "https://a.example" }, { alt: "A" }),
      /alt must be left out/,
    ],
    [
      "a transformation that there is not",
      image(base64("image/png", png), { transformations: { oversized_image: "crop" } }),
      /transformations\.oversized_image must be "downsize"/,
    ],
    [
      "a PDF that is called a text",
      document(base64("text/plain", pdf)),
      /media_type must be "application\/pdf".*text\/plain/,
    ],
    ["a document that is a text itself", document("words"), /source must be an object with a type.*"text"/],
    [
      "a text without words",
      document({ ...plain, data: " " }),
      /source\.data must be a text that is not empty/,
    ],
    ["a title that is none", document(plain, { title: 7 }), /content\.0\.title must be a text.*, or null/],
    ["citations that are no object", document(plain, { citations: true }), /citations must be an object/],
    [
      "an image in a document",
      document({ type: "content", content: [image({ type: "url" })] }),
      /content\.0\.source\.content\.0\.source\.url must be/,
    ],
    ["a search result without a title", { ...found, title: undefined }, /content\.0\.title must be a text/],
    ["a search result of nothing", { ...found, content: [] }, /content must be a list that is not empty/],
    [
      "a search result that says nothing",
      { ...found, content: [{ type: "text", text: "" }] },
      /content\.0\.content\.0\.text must be a text that is not empty/,
    ],
    ["a file without an id", { type: "container_upload" }, /file_id must be/],
    ["a text that is none", { type: "text", text: 7 }, /content\.0\.text must be a text/],
    [
      "a marker that lives for a year",
      { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1y" } },
      /cache_control\.ttl must be "5m" or "1h"/,
    ],
    [
      "citations on what a person says",
      { type: "text", text: "a", citations: [{ type: "char_location" }] },
      /citations must be empty/,
    ],
  ])("%s", async (_what, block, why) => {
    const claude = scripted(["Fine.", "On."]);
    const options = { claude, store: memoryStore(), session: "s" };
    const inResult = (block as { type: string }).type === "container_upload" ? [] : [answered([block])];
    for (const input of [[block], [{ role: "user", content: [block] }], ...inResult]) {
      const refused = run({}, input as never, options);
      await expect(refused).rejects.toThrow(AgentError);
      await expect(refused).rejects.toThrow(/not taken: messages\.[02]\.content\.0\..* must be /);
    }
    expect(await run({}, "Hi.", options)).toMatchObject({ text: "Fine." });
    await expect(run({}, [block] as never, options)).rejects.toThrow(why);
    expect(await run({}, "On.", options)).toMatchObject({ text: "On." });
  });

  it.each<[string, unknown, RegExp]>([
    ["a result that is a number", answered(7), /content\.0\.content must be a text, or a list/],
    ["a result of no block", answered(["a"]), /content\.0\.content\.0 must be an object with a type/],
    [
      "a result within a result",
      answered([{ type: "tool_result" }]),
      /content\.0\.content\.0\.type must be "text"/,
    ],
    [
      "an empty text in a result",
      answered([{ type: "text", text: "" }]),
      /content\.0\.text must be a text that is not empty/,
    ],
    ["an error of no words", answered("", { is_error: true }), /content must be nothing but text, and some/],
    [
      "an error that is an image",
      answered([image(base64("image/png", png))], { is_error: true }),
      /nothing but text/,
    ],
    ["an error that is a word", answered("a", { is_error: "yes" }), /is_error must be true or false/],
    ["a result with a field too many", answered("a", { name: "look" }), /name must be left out/],
    [
      "an image of the assistant",
      [
        { role: "user", content: "Go." },
        { role: "assistant", content: [image(base64("image/png", png))] },
        { role: "user", content: "On." },
      ],
      /"image".*of the assistant\. Let the user/,
    ],
    [
      "an image of the system",
      [
        { role: "user", content: "Go." },
        { role: "system", content: [image(base64("image/png", png))] },
      ],
      /"image".*of the system\. These may be said: text\./,
    ],
    [
      "a message as the API gave it",
      [
        { role: "user", content: "Go." },
        { id: "msg_1", type: "message", role: "assistant", content: [{ type: "text", text: "Hi." }] },
        { role: "user", content: "On." },
      ],
      /has a field "id".*\{ role, content \}/,
    ],
    ["what is no data", [image(() => 1)], /no data/],
    [
      "a call with another service's id",
      imported(called({ id: "functions.look:0" })),
      /0\.id must be an id of letters/,
    ],
    ["a call whose input is JSON in a text", imported(called({ input: "{}" })), /0\.input must be an object/],
    [
      "a call of a tool with a dot",
      imported(called({ name: "web.search" })),
      /0\.name must be a tool's name/,
    ],
    [
      "a call of nobody's code",
      imported(called({ caller: null })),
      /0\.caller must be an object, or left out/,
    ],
    [
      "a call of code that is not there",
      imported(called({ caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" } })),
      /messages\.1\.content\.0: it belongs to srvtoolu_1, and no call/,
    ],
    [
      "a result of a search that is not there",
      imported({ type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] }),
      /messages\.1\.content\.0: it belongs to srvtoolu_1/,
    ],
    [
      "a search with another service's id",
      imported({ type: "server_tool_use", id: "call_1", name: "web_search", input: {} }),
      /0\.id must be an id of the API's/,
    ],
    [
      "a thought at the end",
      [
        { role: "user", content: "Go." },
        { role: "assistant", content: [{ type: "thinking", thinking: "Hm.", signature: "s" }] },
        { role: "user", content: "On." },
      ],
      /messages\.1: an assistant's message can't end with a thought/,
    ],
    [
      "the same search twice",
      imported(
        ...[1, 2].map(() => ({ type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} })),
      ),
      /content\.1: the id srvtoolu_1 is used twice/,
    ],
    [
      "a search that is answered twice",
      imported(
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} },
        ...[1, 2].map(() => ({ type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] })),
      ),
      /content\.2: srvtoolu_1 is answered twice/,
    ],
    [
      "code that still waits",
      [
        { role: "user", content: "Go." },
        {
          role: "assistant",
          content: [
            { type: "server_tool_use", id: "srvtoolu_1", name: "code_execution", input: {} },
            called({ caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" } }),
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_a", content: "seen" }] },
      ],
      /the code of srvtoolu_1 still waits.*resume\(\)/,
    ],
    [
      "a search that nothing answers",
      imported({ type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} }),
      /nothing in it answers srvtoolu_1/,
    ],
    [
      "a thought without a signature",
      imported({ type: "thinking", thinking: "Hm." }),
      /0\.signature must be a text/,
    ],
    [
      "what an SDK has added to a text",
      imported({ type: "text", text: "{}", parsed_output: {} }),
      /0\.parsed_output must be left out/,
    ],
  ])("%s", async (_what, input, why) => {
    const refused = run({}, input as never, { claude: scripted([]) });
    await expect(refused).rejects.toThrow(AgentError);
    await expect(refused).rejects.toThrow(why);
  });

  it("where it is steered, too", async () => {
    const store = memoryStore();
    // Outside: what a tool throws goes to the model.
    let refused: unknown;
    const wait = handTool("wait", async () => {
      refused = await steer(store, "s", [{ type: "image" }] as never).catch((error: unknown) => error);
    });
    const options = { claude: scripted([[toolUse("wait")], "Done."]), store, session: "s" };
    expect(await run({ tools: [wait] }, "Go.", options)).toMatchObject({ text: "Done." });
    expect(refused).toMatchObject({ reason: "agent", message: /source must be an object/ });
  });
});

it(`no reply that was recorded is refused as what an assistant said${absent}`, () => {
  const blocks = [
    ...messages.flatMap(({ message }) => message.content),
    ...streams
      .filter(
        ({ events }) =>
          isWholeStream(events) && events.filter(({ type }) => type === "message_start").length === 1,
      )
      .flatMap(({ events }) => accumulate(events).content as object[]),
  ];
  expect(blocks.length).toBeGreaterThan(foundRecordings ? 300 : -1);
  for (const block of blocks) expect(saidMisfit("assistant", { ...block })).toBeUndefined();
});

it("every kind of block that the API takes is taken, by the simulator too", async () => {
  const simulator = await createSimulator({ mind: scriptMind(Array(7).fill("Seen.")) });
  try {
    const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
    const nothing = { title: null, context: null, citations: null, cache_control: null };
    const input = [
      { type: "text", text: "Look.", cache_control: { type: "ephemeral", ttl: "5m" }, citations: [] },
      image(base64("image/png", png), { transformations: { oversized_image: "downsize" } }),
      image({ type: "url", url: "https://a.example/a.png" }, { transformations: null, cache_control: null }),
      image({ type: "file", file_id: "file_1" }),
      document(base64("application/pdf", pdf), nothing),
      document(plain, { title: "A", context: "B", citations: {} }),
      document({ type: "content", content: "words" }),
      document({ type: "content", content: [{ type: "text", text: "a" }, image(base64("image/png", png))] }),
      document({ type: "url", url: "https://a.example/a.pdf" }),
      document({ type: "file", file_id: "file_2" }),
      { ...found, citations: { enabled: false } },
    ];
    const options = { claude: claude({ client }) };
    expect(await run({}, input as never, options)).toMatchObject({ messages: [{ content: input }, {}] });
    for (const content of [undefined, "", "seen", [], [found], [{ type: "text", text: " " }]])
      await run({}, answered(content, { is_error: false, toolset_name: null }) as never, options);
    expect(simulator.requests.map(({ status }) => status)).toEqual(Array(7).fill(200));
  } finally {
    await simulator.close();
  }
});

describe("a media problem of what is said comes with its own way out", () => {
  const locked = pdfOf({ pages: 1, trailer: "/Encrypt 5 0 R" }).toString("base64");
  it.each<[string, unknown, RegExp]>([
    [
      "an encrypted PDF",
      document(base64("application/pdf", locked)),
      /encrypted.*\. Save it without a password\.$/,
    ],
    [
      "a wide image",
      image(base64("image/png", pngOf(9_000, 1).toString("base64"))),
      /pixels.*\. Make it smaller/,
    ],
    [
      "an image by the name of another",
      image(base64("image/png", jpegOf(9, 9).toString("base64"))),
      /media_type.* not that of its bytes\. Say "image\/jpeg"\.$/,
    ],
    ["an image that is called a PDF", document(base64("application/pdf", png)), /no PDF\. .*image/],
    ["a PDF that is called an image", image(base64("image/png", pdf)), /neither JPEG.*\. .*document/],
    [
      "an image that is to fail where it is too large",
      image(base64("image/png", png), { transformations: { oversized_image: "error" } }),
      /oversized_image.*\. Leave it out/,
    ],
  ])("%s", async (_what, block, why) => {
    const refused = run({}, [block] as never, { claude: scripted([]) });
    await expect(refused).rejects.toThrow(AgentError);
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.not.toThrow(/make it small and/);
  });

  it("and one of many images together with theirs", async () => {
    const many = Array.from({ length: 21 }, () =>
      image(base64("image/png", pngOf(2_001, 1).toString("base64"))),
    );
    await expect(run({}, many as never, { claude: scripted([]) })).rejects.toThrow(
      /more than 20 images.*2000 pixels on a side\. Make .*2000 pixels/,
    );
  });
});
