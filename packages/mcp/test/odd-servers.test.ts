import Anthropic from "@anthropic-ai/sdk";
import { type Claude, claude, memoryStore, type RunOptions, run } from "@lockstitch/core";
import { createSimulator, type Mind, scriptMind, toolUse } from "@lockstitch/testing";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type McpTools, type McpToolsOptions, mcpTools } from "../src/index.js";
import { bmp, gif, heavyGif, pdf, png, pngOf } from "./files.js";
import { callWith, listen, rawServer, text, toolNamed } from "./support.js";

const fine = { name: "fine", description: "Says so.", inputSchema: { type: "object", properties: {} } };
const object = (properties: unknown) => ({ type: "object", properties });
const nested = (levels: number) => `${'{"items":'.repeat(levels)}true${"}".repeat(levels)}`;
const deep = JSON.parse(nested(1_000)) as unknown;

/** Tools that would each fail every request of the agent, or the whole list of tools; and what becomes of them. */
const odd: readonly (readonly [what: string, tool: unknown, words?: RegExp])[] = [
  [
    "bounds of draft 4",
    { name: "bounds", inputSchema: object({ n: { minimum: 0, exclusiveMinimum: true } }) },
  ],
  ["a tuple of draft 7", { name: "tuple", inputSchema: object({ pair: { items: [{ type: "string" }] } }) }],
  ["PHP's empty object", { name: "php", inputSchema: object([]) }],
  ["no type", { name: "typeless", inputSchema: { properties: { a: {} } } }],
  ["no schema", { name: "wordless" }],
  ["odd notes", { name: "titled", title: "T", description: 5, annotations: "none", inputSchema: object({}) }],
  [
    "a choice at the root",
    { name: "choice", inputSchema: { type: "object", anyOf: [{}] } },
    /schema of "choice" of odd is shown without anyOf at its root/,
  ],
  [
    "a reference out of the schema",
    { name: "away", inputSchema: object({ a: { $ref: "https://example.com/a.json" } }) },
    /schema of "away" of odd is shown without \$ref at properties\.a: .* The server checks the input\./,
  ],
  [
    "no object",
    { name: "text", inputSchema: { type: "string" } },
    /"text" of odd is left out\. Its input is no object\./,
  ],
  [
    "a type that there is not",
    { name: "float", inputSchema: object({ a: { type: "float" } }) },
    /"float" of odd is left out\. The input of "float" has no legal schema: a has type: "float", which is not legal/,
  ],
  [
    "a circle",
    { name: "circle", inputSchema: object({ a: { $ref: "#/properties/a" } }) },
    /"circle" of odd is left out\. Its schema refers to itself without end\./,
  ],
  [
    "an illegal property",
    { name: "spaces", inputSchema: object({ "a b": {} }) },
    /"spaces" of odd is left out\. The input of "spaces" has a property "a b", a name that the API refuses\./,
  ],
  [
    "a deep schema",
    { name: "deep", inputSchema: object({ deep }) },
    /"deep" of odd is left out\. Its schema is more than 100 levels deep\./,
  ],
  [
    "a deep schema of its output",
    { name: "deep_out", inputSchema: object({}), outputSchema: deep },
    /"deep_out" of odd is left out\. Its schema is more than/,
  ],
  [
    "a list for a schema",
    { name: "list", inputSchema: [] },
    /"list" of odd is left out\. Its input schema is no schema\./,
  ],
  [
    "a number for a name",
    { name: 5, inputSchema: object({}) },
    /"a tool" of odd is left out\. It has no name\./,
  ],
  ["a text for a tool", "a text", /"a tool" of odd is left out\. It has no name\./],
  ["null for a tool", null, /"a tool" of odd is left out\. It has no name\./],
];

const protocols = ["2025-06-18", "2026-07-28"] as const;

async function simulated(mind: Mind): Promise<Claude> {
  const simulator = await createSimulator({ mind });
  onTestFinished(() => simulator.close());
  return claude({ client: new Anthropic({ baseURL: simulator.url, apiKey: "any", logLevel: "off" }) });
}

async function connect(url: string, options?: McpToolsOptions): Promise<McpTools> {
  const found = await mcpTools({ name: "odd", url }, options);
  onTestFinished(() => found.close());
  return found;
}

describe.each(protocols)("a server of protocol %s with tools that the API would refuse", (protocol) => {
  const serve = (tools: unknown) => rawServer({ tools, protocol });

  it.each(odd.map(([what, tool, words]) => ({ what, tool, words })))(
    "costs an agent no more than that tool: $what",
    async ({ tool, words }) => {
      const { tools, notes } = await connect(await serve([fine, tool, { ...fine, name: "other" }]));
      const names = tools.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["odd__fine", "odd__other"]));
      expect(names).toHaveLength(words !== undefined && /left out/.test(words.source) ? 2 : 3);
      expect(notes).toEqual(words === undefined ? [] : [expect.stringMatching(words)]);
      const { text: said } = await run({ tools }, "Hi.", { claude: await simulated(() => "Fine.") });
      expect(said).toBe("Fine.");
    },
  );

  it("costs it no more than those, all together", async () => {
    const { tools, notes } = await connect(await serve([fine, ...odd.map(([, tool]) => tool)]));
    expect(tools.map(({ name }) => name)).toEqual(
      ["away", "bounds", "choice", "fine", "php", "titled", "tuple", "typeless", "wordless"].map(
        (name) => `odd__${name}`,
      ),
    );
    expect(notes).toHaveLength(odd.filter(([, , words]) => words !== undefined).length);
    const { text: said } = await run({ tools }, "Hi.", { claude: await simulated(() => "Fine.") });
    expect(said).toBe("Fine.");
  });
});

describe("a tool that is left out", () => {
  it("is one that pins are not about, where nothing of it can be read, and one that they hold, where it can", async () => {
    const pins = new Map();
    const url = await rawServer({ tools: odd.map(([, tool]) => tool) });
    await connect(url, { pins });
    const { changes } = await connect(url, { pins });
    expect(changes).toEqual([]);
    expect(Object.keys(pins.get("odd"))).toEqual(
      expect.arrayContaining(["text", "float", "circle", "spaces", "bounds"]),
    );
    expect(Object.keys(pins.get("odd"))).not.toContain("deep");
  });

  it("is told of in few words, whatever it is called and says", async () => {
    const name = "long".repeat(10_000);
    const properties = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`p${index}`, { pattern: "(" }]),
    );
    const wrong = { type: "x".repeat(10_000) };
    const tools = [
      { name, inputSchema: object({ a: wrong }) },
      { name: "many", inputSchema: object(properties) },
    ];
    const { notes } = await connect(await rawServer({ tools }));
    expect(notes).toHaveLength(2);
    for (const note of notes) expect(note.length).toBeLessThan(700);
    expect(notes[1]).toMatch(/properties\.p0, .*properties\.p4 and 995 more/);
  });
});

describe("a tool of the newest protocol that wants parts of its input in headers", () => {
  const wanting = (name: string, header: string) => ({
    name,
    inputSchema: object({ region: { type: "string", "x-mcp-header": header } }),
  });

  it("gets them, and is left out where that can't be, as the protocol demands", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => void vi.restoreAllMocks());
    const headers: (string | null)[] = [];
    const url = await rawServer({
      tools: [wanting("sound", "Region"), wanting("odd", "no header!")],
      protocol: "2026-07-28",
      onRequest: (request) => headers.push(request.headers.get("mcp-param-region")),
    });
    const { tools } = await connect(url);
    expect(tools.map(({ name }) => name)).toEqual(["odd__sound"]);
    expect(warned).toHaveBeenCalledWith(expect.stringMatching(/excluding tool 'odd'/));
    await toolNamed(tools, "odd__sound").run({ region: "eu" }, callWith());
    expect(headers.at(-1)).toBe("eu");
  });
});

describe("a list of tools that is deeper than any walk of it can go", () => {
  it("costs an agent no more than the deep one", async () => {
    const url = await rawServer({
      tools: [fine, "deep"],
      spoil: (json) => json.replace('"deep"', `{"name":"deep","inputSchema":${nested(100_000)}}`),
    });
    const { tools, notes } = await connect(url);
    expect(tools.map(({ name }) => name)).toEqual(["odd__fine"]);
    expect(notes).toEqual([expect.stringMatching(/"deep" of odd is left out/)]);
  });
});

describe("a server that has no tools, and says so", () => {
  it("has none, and nothing is written to this process's output", async () => {
    const said = [vi.spyOn(console, "debug"), vi.spyOn(console, "log"), vi.spyOn(console, "warn")];
    onTestFinished(() => void vi.restoreAllMocks());
    const create = () => new Server({ name: "none", version: "1.0.0" }, { capabilities: {} });
    const { tools, notes } = await connect(await listen(createMcpHandler(create).fetch));
    expect([tools, notes]).toEqual([[], []]);
    for (const spy of said) expect(spy).not.toHaveBeenCalled();
  });
});

const image = (data: unknown, mimeType: unknown = "image/png") => ({ type: "image", data, mimeType });

/** Results of a call, each with something that the API would refuse, and with it every later request of the session. */
const results: readonly (readonly [what: string, result: unknown, read: RegExp])[] = [
  [
    "bytes that are no image",
    { content: [image(bmp)] },
    /\[image, image\/png, 4 bytes: it can't be shown here\]/,
  ],
  ["an image of another kind than it says", { content: [image(gif)] }, /"media_type":"image\/gif"/],
  ["no base64", { content: [image("no base64!")] }, /\[image, image\/png, broken: it can't be shown here\]/],
  ["base64 in lines", { content: [image(png.replace(/.{20}/g, "$&\n"))] }, /"media_type":"image\/png"/],
  ["no bytes", { content: [image("")] }, /0 bytes: it can't be shown/],
  [
    "no data",
    { content: [image(undefined)] },
    /content of the kind image that is not as the protocol has it/,
  ],
  ["a kind that the API does not show", { content: [image("aGk=", "image/tiff")] }, /image\/tiff, 2 bytes/],
  ["no kind", { content: [image(png, null)] }, /"media_type":"image\/png"/],
  ["too many pixels", { content: [image(pngOf(10_000))] }, /not shown, it is an image of 10000×1 pixels/],
  ["too many bytes", { content: [image(heavyGif)] }, /the API takes 10 MB/],
  [
    "many that are large",
    { content: Array.from({ length: 25 }, () => image(pngOf(3_000))) },
    /no room for: a request with more than 20 images takes none/,
  ],
  [
    "an image in a failure",
    { content: [image(png), ...text("x")], isError: true },
    /"x".*not text.*"is_error":true/,
  ],
  [
    "a failure that is none",
    { content: text("fine"), isError: "no" },
    /"content":\[\{"type":"text","text":"fine"\}\]\}/,
  ],
  [
    "an image in a resource",
    { content: [{ type: "resource", resource: { uri: "x:/a", mimeType: "image/png", blob: "aGk=" } }] },
    /\[resource x:\/a, image\/png, 2 bytes: it can't be shown here\]/,
  ],
  [
    "a PDF that is none",
    { content: [{ type: "resource", resource: { uri: "x:/a", mimeType: "application/pdf", blob: "aGk=" } }] },
    /\[resource x:\/a, application\/pdf, 2 bytes: it can't be shown here\]/,
  ],
  [
    "a PDF without a title",
    { content: [{ type: "resource", resource: { uri: "", blob: pdf } }] },
    /"type":"document"/,
  ],
  [
    "sound",
    { content: [{ type: "audio", data: "aGk=", mimeType: "audio/wav" }] },
    /\[audio, audio\/wav, 2 bytes/,
  ],
  [
    "a kind of content that there is not",
    { content: [{ type: "hologram" }] },
    /a kind that is not known: hologram/,
  ],
  [
    "text that is none",
    { content: [{ type: "text", text: null }, null, 5] },
    /content of the kind text that is not/,
  ],
  ["empty text", { content: text("") }, /the tool returned nothing/],
  ["half a character", { content: text("\ud800") }, /"text":"\ufffd"/],
  [
    "a block that only looks like the API's",
    { content: [{ type: "document", source: {} }] },
    /not known: document/,
  ],
  ["no content", { structuredContent: { a: 1 } }, /\{\\"a\\":1\}/],
  ["structure that is no object", { content: [], structuredContent: [1, 2] }, /"\[1,2\]"/],
  ["a list that is none", { content: {} }, /"text":"\{\}"/],
];

describe.each(protocols)("a result from a server of protocol %s", (protocol) => {
  it.each(results)("does not poison its session, whatever it is: %s", async (_what, result, read) => {
    const { tools } = await connect(await rawServer({ tools: [fine], call: () => result, protocol }));
    const store = memoryStore();
    const mind = scriptMind([{ content: [toolUse("odd__fine", {})] }, "First.", "Second."]);
    const options: RunOptions = { store, session: "s", claude: await simulated(mind) };
    const first = await run({ tools }, "Look.", options);
    expect(first.text).toBe("First.");
    expect(JSON.stringify(first.messages[2])).toMatch(read);
    expect((await run({ tools }, "And?", options)).text).toBe("Second.");
  });

  it("goes to the model as it is, where the API takes it", async () => {
    const call = () => ({ content: [image(png), ...text("a dot")] });
    const { tools } = await connect(await rawServer({ tools: [fine], call, protocol }));
    expect(await toolNamed(tools, "odd__fine").run({}, callWith())).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
      ...text("a dot"),
    ]);
  });
});
