import Anthropic from "@anthropic-ai/sdk";
import type { MessageCreateParamsNonStreaming, Usage } from "@anthropic-ai/sdk/resources/messages";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createSimulator, type SimulatedModel, type Simulator, type SimulatorOptions } from "../src/index.js";
import { prefixesOf } from "../src/simulator/cache/prefixes.js";

const open: Simulator[] = [];
let seconds = 0;

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  seconds = 0;
  const simulator = await createSimulator({
    mind: () => ({ content: [{ type: "text", text: "Yes." }] }),
    now: () => seconds * 1_000,
    models: [ours],
    ...options,
  });
  open.push(simulator);
  return simulator;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const ours: SimulatedModel = {
  id: "our-model",
  displayName: "Our Model",
  createdAt: "2026-01-01T00:00:00Z",
  contextWindow: 1_000_000,
  maxOutputTokens: 1_000,
  minimumCacheTokens: 1,
};

type Lifetime = "5m" | "1h";
type Body = MessageCreateParamsNonStreaming;

/** One request, of so many equal blocks, counted from 1, and what it should find and leave behind. */
interface Step {
  readonly blocks: number;
  readonly marks?: Readonly<Record<number, Lifetime>>;
  /** The marker on the request itself. */
  readonly automatic?: Lifetime;
  readonly at?: number;
  readonly key?: string;
  readonly change?: (body: Body) => Partial<Body>;
  /** The last block that is read, that is written for an hour, and that is written for five minutes; 0 for none. */
  readonly expected: { readonly read: number; readonly to1h?: number; readonly to5m?: number };
}

function bodyOf({ blocks, marks = {}, automatic, change }: Step): Body {
  const content = Array.from({ length: blocks }, (_, index) => {
    const ttl = marks[index + 1];
    return {
      type: "text" as const,
      text: `This is block number ${index + 1}. `.repeat(10),
      ...(ttl ? { cache_control: { type: "ephemeral" as const, ttl } } : {}),
    };
  });
  const body: Body = {
    model: "our-model",
    max_tokens: 10,
    messages: [{ role: "user", content }],
    ...(automatic ? { cache_control: { type: "ephemeral", ttl: automatic } } : {}),
  };
  return { ...body, ...change?.(body) };
}

async function send(simulator: Simulator, body: Body, apiKey = "sk-one"): Promise<Usage> {
  const client = new Anthropic({ baseURL: simulator.url, apiKey, maxRetries: 0 });
  return (await client.messages.create(body)).usage;
}

/** Tokens up to each block, as a first request for it has them written: nothing is stored that could be found. */
const sizes: number[] = [0];

beforeAll(async () => {
  const simulator = await start();
  for (let blocks = 1; blocks <= 45; blocks++) {
    const body = bodyOf({ blocks, marks: { [blocks]: "5m" }, expected: { read: 0 } });
    const usage = await send(simulator, body, `sk-${blocks}`);
    sizes.push(usage.cache_creation_input_tokens ?? 0);
  }
});

const cases: Readonly<Record<string, readonly Step[]>> = {
  "nothing is cached unless a marker says so": [
    { blocks: 3, expected: { read: 0 } },
    { blocks: 3, expected: { read: 0 } },
  ],
  "what a marker wrote is read, and the rest of the prompt is paid for": [
    { blocks: 3, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 3, marks: { 2: "5m" }, expected: { read: 2 } },
  ],
  "a conversation that grows reads what it wrote and writes the rest": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 4, marks: { 4: "5m" }, expected: { read: 2, to5m: 4 } },
    { blocks: 6, marks: { 6: "5m" }, expected: { read: 4, to5m: 6 } },
  ],
  "without a marker nothing is read, however much is stored": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 2, expected: { read: 0 } },
  ],
  "a marker further up does not see what is stored further down": [
    { blocks: 4, marks: { 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 4, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
  ],
  "only what ended with a marker is stored, not every block on the way": [
    { blocks: 4, marks: { 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 3, marks: { 3: "5m" }, expected: { read: 0, to5m: 3 } },
  ],
  "four markers write four prefixes, paid for once": [
    { blocks: 5, marks: { 1: "5m", 2: "5m", 3: "5m", 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 5, marks: { 1: "5m" }, expected: { read: 1 } },
    { blocks: 5, marks: { 3: "5m" }, expected: { read: 3 } },
  ],
  "the automatic marker is on the last block": [
    { blocks: 2, automatic: "5m", expected: { read: 0, to5m: 2 } },
    { blocks: 4, automatic: "5m", expected: { read: 2, to5m: 4 } },
  ],
  "the automatic marker works with others, and has a lifetime of its own": [
    { blocks: 4, marks: { 2: "1h" }, automatic: "5m", expected: { read: 0, to1h: 2, to5m: 4 } },
    { blocks: 5, marks: { 2: "1h" }, automatic: "5m", expected: { read: 4, to5m: 5 } },
  ],
  "a step of 19 blocks still finds what is stored": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 21, marks: { 21: "5m" }, expected: { read: 2, to5m: 21 } },
  ],
  "a step of 20 blocks does not": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 22, marks: { 22: "5m" }, expected: { read: 0, to5m: 22 } },
  ],
  "a second marker on the way carries a step of twice that": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 40, marks: { 21: "5m", 40: "5m" }, expected: { read: 2, to5m: 40 } },
  ],
  "of what the markers find, the longest is read": [
    { blocks: 30, marks: { 2: "5m", 25: "5m" }, expected: { read: 0, to5m: 25 } },
    { blocks: 30, marks: { 3: "5m", 30: "5m" }, expected: { read: 25, to5m: 30 } },
  ],
  "five minutes are over after five minutes": [
    { blocks: 2, marks: { 2: "5m" }, at: 0, expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 300, expected: { read: 0, to5m: 2 } },
  ],
  "and not before; each time it is read it lives on": [
    { blocks: 2, marks: { 2: "5m" }, at: 0, expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 299, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 598, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 898, expected: { read: 0, to5m: 2 } },
  ],
  "reading a longer prefix keeps the shorter ones alive that it is made of": [
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, at: 0, expected: { read: 0, to5m: 4 } },
    { blocks: 4, marks: { 4: "5m" }, at: 200, expected: { read: 4 } },
    { blocks: 1, marks: { 1: "5m" }, at: 400, expected: { read: 1 } },
  ],
  "reading a shorter prefix does not keep the longer one alive": [
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, at: 0, expected: { read: 0, to5m: 4 } },
    { blocks: 1, marks: { 1: "5m" }, at: 200, expected: { read: 1 } },
    { blocks: 4, marks: { 4: "5m" }, at: 400, expected: { read: 1, to5m: 4 } },
  ],
  "an hour is over after an hour, and is renewed for an hour": [
    { blocks: 2, marks: { 2: "1h" }, at: 0, expected: { read: 0, to1h: 2 } },
    { blocks: 2, marks: { 2: "1h" }, at: 3_599, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "1h" }, at: 7_198, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "1h" }, at: 10_798, expected: { read: 0, to1h: 2 } },
  ],
  "lifetimes are told apart, and the shorter one ends first": [
    { blocks: 4, marks: { 2: "1h", 4: "5m" }, at: 0, expected: { read: 0, to1h: 2, to5m: 4 } },
    { blocks: 4, marks: { 2: "1h", 4: "5m" }, at: 600, expected: { read: 2, to5m: 4 } },
  ],
  "nobody reads what another key has written": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, key: "sk-other", expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 2 } },
  ],
  "nor what was written for another model": [
    { blocks: 2, marks: { 2: "5m" }, change: () => ({ model: "our-twin" }), expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
  ],
  "an edited block is another prefix from there on": [
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, change: editedAt(3), expected: { read: 1, to5m: 4 } },
  ],
};

function textsOf({ messages: [first] }: Body): readonly Anthropic.TextBlockParam[] {
  return (first?.content ?? []) as Anthropic.TextBlockParam[];
}

/** Another letter in one block; its length stays as it is, and so do the sizes. */
function editedAt(block: number) {
  return (body: Body): Partial<Body> => {
    const content = [...textsOf(body)];
    const old = content[block - 1] as Anthropic.TextBlockParam;
    content[block - 1] = { ...old, text: old.text.replace("This", "That") };
    return { messages: [{ role: "user", content }] };
  };
}

describe("the prompt cache", () => {
  test.each(Object.entries(cases))("%s", async (_, steps) => {
    const simulator = await start({ models: [ours, { ...ours, id: "our-twin" }] });
    for (const step of steps) {
      seconds = step.at ?? seconds;
      const usage = await send(simulator, bodyOf(step), step.key);
      const { read, to1h = read, to5m = to1h } = step.expected;
      const [readTokens = 0, until1h = 0, until5m = 0] = [sizes[read], sizes[to1h], sizes[to5m]];
      expect([step, parts(usage)]).toEqual([
        step,
        { read: readTokens, written1h: until1h - readTokens, written5m: until5m - until1h },
      ]);
    }
  });

  test("takes a text alone and the same text in a list for the same", async () => {
    const simulator = await start();
    const body = bodyOf({ blocks: 1, automatic: "5m", expected: { read: 0 } });
    const text = textsOf(body)[0]?.text ?? "";
    await send(simulator, { ...body, messages: [{ role: "user", content: text }] });
    expect(parts(await send(simulator, body))).toEqual({ read: sizes[1], written1h: 0, written5m: 0 });
  });

  test("counts every token of a prompt once", async () => {
    const simulator = await start();
    const step: Step = { blocks: 5, marks: { 2: "1h", 4: "5m" }, expected: { read: 0 } };
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "sk", maxRetries: 0 });
    const { model, messages } = bodyOf(step);
    const { input_tokens } = await client.messages.countTokens({ model, messages });
    for (const blocks of [5, 5, 7]) {
      const usage = await send(simulator, bodyOf({ ...step, blocks }));
      const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage;
      const total = usage.input_tokens + (written ?? 0) + (read ?? 0);
      if (blocks === 5) expect(total).toBe(input_tokens);
      else expect(total).toBeGreaterThan(input_tokens);
      expect(usage.input_tokens).toBeGreaterThan(0);
    }
  });

  test("reports the same in the first event of a stream, and as totals in the last", async () => {
    const simulator = await start();
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "sk", maxRetries: 0 });
    const body = bodyOf({ blocks: 3, marks: { 2: "5m" }, expected: { read: 0 } });
    await client.messages.create(body);
    const seen: { first?: Usage; last?: object } = {};
    for await (const event of await client.messages.create({ ...body, stream: true })) {
      if (event.type === "message_start") seen.first = event.message.usage;
      if (event.type === "message_delta") seen.last = event.usage;
    }
    expect(seen.first?.cache_read_input_tokens).toBe(sizes[2]);
    expect(seen.last).toMatchObject({
      input_tokens: seen.first?.input_tokens,
      cache_read_input_tokens: sizes[2],
      cache_creation_input_tokens: 0,
    });
  });
});

function parts(usage: Usage): { read: number; written1h: number; written5m: number } {
  const { ephemeral_1h_input_tokens: written1h = 0, ephemeral_5m_input_tokens: written5m = 0 } =
    usage.cache_creation ?? {};
  expect(usage.cache_creation_input_tokens).toBe(written1h + written5m);
  return { read: usage.cache_read_input_tokens ?? 0, written1h, written5m };
}

describe("the minimum length", () => {
  const text = (tokens: number) => "a".repeat(Math.floor(tokens * 3.5) - 60);
  const marked = (tokens: number) => ({
    type: "text" as const,
    text: text(tokens),
    cache_control: { type: "ephemeral" as const },
  });

  test.each([
    ["claude-haiku-5-5", 512],
    ["claude-sonnet-4-6", 1_024],
    ["claude-opus-4-7", 2_048],
    ["claude-haiku-4-5", 4_096],
  ])("of %s is %i tokens: below it nothing is cached, and nothing is said", async (model, minimum) => {
    const simulator = await start();
    const ask = (tokens: number) =>
      send(simulator, {
        model,
        max_tokens: 10,
        system: [marked(tokens)],
        messages: [{ role: "user", content: "Hi" }],
      });
    const short = await ask(minimum - 20);
    expect(parts(short)).toEqual({ read: 0, written1h: 0, written5m: 0 });
    expect(parts(await ask(minimum - 20))).toEqual({ read: 0, written1h: 0, written5m: 0 });
    const { written5m } = parts(await ask(minimum + 20));
    expect(written5m).toBeGreaterThanOrEqual(minimum);
    expect(parts(await ask(minimum + 20)).read).toBe(written5m);
  });

  test("is reached by a prefix that is just as long", async () => {
    const step: Step = { blocks: 2, marks: { 2: "5m" }, expected: { read: 0 } };
    for (const [minimumCacheTokens, written5m] of [
      [sizes[2] ?? 0, sizes[2]],
      [(sizes[2] ?? 0) + 1, 0],
    ] as const) {
      const simulator = await start({ models: [{ ...ours, minimumCacheTokens }] });
      expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ written5m });
    }
  });

  test("is that of the whole prefix: a short block after a long one is cached", async () => {
    const simulator = await start();
    const body: Body = {
      model: "claude-haiku-5-5",
      max_tokens: 10,
      system: [marked(300)],
      messages: [{ role: "user", content: [marked(300)] }],
    };
    const { written5m } = parts(await send(simulator, body));
    expect(written5m).toBeGreaterThan(512);
    expect(parts(await send(simulator, body)).read).toBe(written5m);
  });
});

describe("the order is tools, system, messages", () => {
  const cache_control = { type: "ephemeral" as const };
  const tool = (name: string, description: string): Anthropic.Tool => ({
    name,
    description: description.repeat(20),
    input_schema: { type: "object" },
  });
  const pixel = { type: "base64" as const, media_type: "image/png" as const, data: onePixel() };
  const body: Body = {
    model: "our-model",
    max_tokens: 10,
    tools: [{ ...tool("get_weather", "The weather. "), cache_control }],
    system: [{ type: "text", text: "Be brief. ".repeat(20), cache_control }],
    messages: [{ role: "user", content: [{ type: "text", text: "Hello. ".repeat(20), cache_control }] }],
  };

  /** What is still read of the three parts after a change. */
  async function readAfter(change: Partial<Body>): Promise<string> {
    const simulator = await start();
    const onlyTools = { ...body, system: "x", messages: [{ role: "user" as const, content: "x" }] };
    const tools = parts(await send(simulator, onlyTools, "sk-tools")).written5m;
    const system = parts(await send(simulator, { ...onlyTools, system: body.system ?? "" }, "sk-system"));
    const all = parts(await send(simulator, body)).written5m;
    const { read } = parts(await send(simulator, { ...body, ...change }));
    const names = new Map([
      [0, "nothing"],
      [tools, "tools"],
      [system.written5m, "tools and system"],
      [all, "everything"],
    ]);
    expect(names.size).toBe(4);
    return names.get(read) ?? `${read} tokens`;
  }

  test.each<[string, Partial<Body>, string]>([
    ["nothing", {}, "everything"],
    ["how much it may write, and where it stops", { max_tokens: 20, stop_sequences: ["###"] }, "everything"],
    ["a tool's description", { tools: [{ ...tool("get_weather", "Any. "), cache_control }] }, "nothing"],
    ["another tool before it", { tools: [tool("a", "A. "), ...(body.tools ?? [])] }, "nothing"],
    ["another tool after it", { tools: [...(body.tools ?? []), tool("a", "A. ")] }, "tools"],
    ["the system prompt", { system: [{ type: "text", text: "Be long.", cache_control }] }, "tools"],
    ["the output's format", { output_config: { format: jsonFormat() } }, "nothing"],
    ["the tool choice", { tool_choice: { type: "any" } }, "tools and system"],
    [
      "parallel calls",
      { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      "tools and system",
    ],
    ["the tool choice, to what it was anyway", { tool_choice: { type: "auto" } }, "everything"],
    ["thinking", { thinking: { type: "adaptive" } }, "tools and system"],
    ["effort", { output_config: { effort: "low" } }, "tools and system"],
    [
      "a picture at the end",
      {
        messages: [
          {
            role: "user",
            content: [...textsOf(body), { type: "image", source: pixel, cache_control }],
          },
        ],
      },
      "tools and system",
    ],
  ])("a change of %s", async (_, change, expected) => {
    expect(await readAfter(change)).toBe(expected);
  });

  test("who says it makes a difference, how it is cut into messages does not", async () => {
    const simulator = await start();
    const said = (...roles: ("user" | "assistant")[]): Body => {
      const block = (index: number) => ({ type: "text" as const, text: `Block ${index}` });
      const last = { role: "user" as const, content: [{ ...block(9), cache_control }] };
      const messages = roles.map((role, index) => ({ role, content: [block(index)] }));
      return { model: "our-model", max_tokens: 10, messages: [...messages, last] };
    };
    const { written5m } = parts(await send(simulator, said("user", "assistant")));
    expect(written5m).toBeGreaterThan(0);
    expect(parts(await send(simulator, said("user", "user")))).toMatchObject({ read: 0 });
    const [first, second, last] = said("user", "user").messages;
    const content = [first, second, last].flatMap(
      (message) => message?.content as Anthropic.TextBlockParam[],
    );
    const whole = await send(simulator, { ...said(), messages: [{ role: "user", content }] });
    expect(parts(whole).read).toBeGreaterThan(0);
  });

  test("another way to see the thoughts changes nothing", async () => {
    const simulator = await start();
    await send(simulator, { ...body, thinking: { type: "adaptive" } });
    const usage = await send(simulator, { ...body, thinking: { type: "adaptive", display: "omitted" } });
    expect(parts(usage)).toMatchObject({ written5m: 0, written1h: 0 });
  });
});

function jsonFormat(): Anthropic.JSONOutputFormat {
  return { type: "json_schema", schema: { type: "object", properties: {}, additionalProperties: false } };
}

function onePixel(): string {
  return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
}

describe("markers", () => {
  const cache_control = { type: "ephemeral" as const };
  const long = "A long text. ".repeat(20);

  test("the automatic one stands before what can't be marked", () => {
    const thought = { type: "thinking" as const, thinking: long, signature: "c2lnbmF0dXJl" };
    const marked = (...last: Anthropic.ContentBlockParam[]) => {
      const messages: Anthropic.MessageParam[] = [
        { role: "user", content: long },
        { role: "assistant", content: [{ type: "text", text: long }, ...last] },
      ];
      const request = { model: "our-model", max_tokens: 10, cache_control, messages };
      return prefixesOf(request, "").findIndex(({ marker }) => marker === "5m");
    };
    expect(marked()).toBe(1);
    expect(marked({ type: "text", text: "" })).toBe(1);
    expect(marked(thought, { type: "redacted_thinking", data: "x" })).toBe(1);
    expect(marked(thought, { type: "text", text: "x" })).toBe(3);
  });

  test("within a result count for the result", async () => {
    const simulator = await start();
    const call = { type: "tool_use" as const, id: "toolu_1", name: "f", input: {} };
    const result = (inner: object): Body => ({
      model: "our-model",
      max_tokens: 10,
      tools: [{ name: "f", input_schema: { type: "object" } }],
      messages: [
        { role: "user", content: long },
        { role: "assistant", content: [call] },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "toolu_1",
              content: [{ type: "text", text: long, ...inner }],
            },
          ],
        },
      ],
    });
    const { written5m } = parts(await send(simulator, result({ cache_control })));
    expect(written5m).toBeGreaterThan(100);
    expect(parts(await send(simulator, result({ cache_control }))).read).toBe(written5m);
    expect(parts(await send(simulator, result({}))).read).toBe(0);
  });
});

describe("what a request writes", () => {
  const step: Step = { blocks: 3, marks: { 3: "5m" }, expected: { read: 0 } };

  // Each has a marker of its own, so that only the first writes the prefix that all of them begin with.
  const longer = bodyOf({ blocks: 5, marks: { 5: "5m" }, expected: { read: 0 } });
  const after = bodyOf({ blocks: 4, marks: { 4: "5m" }, expected: { read: 3 } });

  test("can be read once its answer has begun, not while the model makes up its mind", async () => {
    const { reached, gate, open: answer } = gated();
    const simulator = await start({
      mind: async ({ max_tokens }) => {
        if (max_tokens === 11) await gate();
        return { content: [] };
      },
    });
    const slow = send(simulator, { ...bodyOf(step), max_tokens: 11 });
    await reached;
    expect(parts(await send(simulator, longer))).toMatchObject({ read: 0 });
    answer();
    expect(parts(await slow)).toMatchObject({ read: 0, written5m: sizes[3] });
    expect(parts(await send(simulator, after))).toMatchObject({ read: sizes[3] });
  });

  test.each([true, false])("nor while the first token is waited for (streamed: %s)", async (stream) => {
    const { reached, gate, open: begin } = gated();
    let waits = 0;
    const simulator = await start({
      pace: { timeToFirstTokenMs: 1_000 },
      sleep: async () => {
        if (waits++ === 0) await gate();
      },
    });
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "sk-one", maxRetries: 0 });
    const slow = stream
      ? client.messages.stream(bodyOf(step)).finalMessage()
      : client.messages.create(bodyOf(step));
    await reached;
    expect(parts(await send(simulator, longer))).toMatchObject({ read: 0 });
    begin();
    expect(parts((await slow).usage)).toMatchObject({ written5m: sizes[3] });
    expect(parts(await send(simulator, after))).toMatchObject({ read: sizes[3] });
  });

  test("is not there if there was no answer", async () => {
    let fails = true;
    const simulator = await start({
      mind: () =>
        fails
          ? { status: 529, error: { type: "overloaded_error", message: "Overloaded" } }
          : { content: [{ type: "text", text: "Yes." }] },
    });
    await expect(send(simulator, bodyOf(step))).rejects.toThrow(/Overloaded/);
    fails = false;
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: 0, written5m: sizes[3] });
  });

  test("lives from when the request came, however long the answer took", async () => {
    const simulator = await start({
      mind: () => {
        seconds += 200;
        return { content: [] };
      },
    });
    await send(simulator, bodyOf(step));
    seconds = 299;
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: sizes[3] });
    seconds = 599;
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: 0 });
  });

  test("is there after a request for no tokens at all", async () => {
    const simulator = await start();
    const usage = await send(simulator, { ...bodyOf(step), max_tokens: 0 });
    expect(usage).toMatchObject({ output_tokens: 0, cache_creation_input_tokens: sizes[3] });
    expect(parts(await send(simulator, bodyOf(step)))).toMatchObject({ read: sizes[3] });
  });
});

/** A place to wait at, which tells when somebody has come. */
function gated(): { reached: Promise<void>; gate: () => Promise<void>; open: () => void } {
  let come: () => void = () => {};
  let open: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    come = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const gate = (): Promise<void> => {
    come();
    return opened;
  };
  return { reached, gate, open };
}
