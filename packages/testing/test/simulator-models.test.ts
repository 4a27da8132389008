import Anthropic from "@anthropic-ai/sdk";
import type { Model } from "@anthropic-ai/sdk/resources/messages";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { createSimulator, type SimulatedModel, type Simulator, type SimulatorOptions } from "../src/index.js";
import { findModel } from "../src/simulator/catalogue.js";
import { knownModels } from "../src/simulator/known-models.js";

const open: Simulator[] = [];

async function clientOf(options: SimulatorOptions = {}): Promise<Anthropic> {
  const simulator = await createSimulator({ mind: () => hello, ...options });
  open.push(simulator);
  return new Anthropic({ baseURL: simulator.url, apiKey: "sk-test", maxRetries: 0 });
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const hello = { content: [{ type: "text" as const, text: "Hello." }] };
const question = { max_tokens: 100, messages: [{ role: "user" as const, content: "Hello" }] };

const ours: SimulatedModel = {
  id: "our-model-1",
  aliases: ["our-model"],
  displayName: "Our Model",
  createdAt: "2027-01-01T00:00:00Z",
  contextWindow: 1_000,
  maxOutputTokens: 500,
  minimumCacheTokens: 10,
};

describe("the catalogue", () => {
  test("knows every model that the SDK names", () => {
    // The type has them all, and any other string; what is missing here is an error of the compiler.
    const named = [
      ...["claude-fable-5-2", "claude-mythos-5-2", "claude-haiku-5-5", "claude-sonnet-5-5"],
      ...["claude-fable-5-1", "claude-opus-5-5", "claude-mythos-5-1", "claude-sonnet-5", "claude-fable-5"],
      ...["claude-mythos-5", "claude-opus-5", "claude-opus-4-8", "claude-opus-4-7", "claude-mythos-preview"],
      ...["claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5", "claude-haiku-4-5-20251001"],
      ...["claude-opus-4-5", "claude-opus-4-5-20251101", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"],
    ] as const;
    type Known = (typeof named)[number];
    expectTypeOf<Exclude<LiteralsOf<Model>, Known>>().toEqualTypeOf<never>();
    expect(named.filter((id) => findModel(id) === undefined)).toEqual([]);
  });

  test("has each id and alias once", () => {
    const ids = knownModels.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test.each([
    ["claude-haiku-5-5", 512],
    ["claude-opus-5", 512],
    ["claude-opus-4-8", 1_024],
    ["claude-sonnet-5", 1_024],
    ["claude-sonnet-4-6", 1_024],
    ["claude-sonnet-4-5", 1_024],
    ["claude-opus-4-7", 2_048],
    ["claude-opus-4-6", 4_096],
    ["claude-opus-4-5", 4_096],
    ["claude-haiku-4-5", 4_096],
  ])("%s caches from %i tokens on", (id, tokens) => {
    expect(findModel(id)?.minimumCacheTokens).toBe(tokens);
  });

  test.each([
    [
      "claude-fable-5-2",
      "forced_tool_choice",
      "thinking_disabled",
      "thinking_budget",
      "thinking_out_of_place",
    ],
    [
      "claude-opus-5-5",
      "forced_tool_choice",
      "thinking_disabled",
      "thinking_budget",
      "thinking_out_of_place",
    ],
    ["claude-sonnet-5-5", "forced_tool_choice", "thinking_disabled", "thinking_budget"],
    ["claude-haiku-5-5", "thinking_budget", "thinking_out_of_place", "sampling"],
    ["claude-fable-5", "thinking_disabled", "thinking_budget"],
    ["claude-opus-4-7", "thinking_budget", "sampling", "prefill"],
    ["claude-opus-4-6", "prefill", "thinking_between_tools"],
    ["claude-haiku-4-5", "thinking_adaptive"],
  ])("%s refuses %s and what else it must", (id, ...refusals) => {
    expect(findModel(id)?.refuses).toEqual(expect.arrayContaining(refusals));
  });

  test.each([
    ["claude-sonnet-5-5", "thinking_between_tools"],
    ["claude-haiku-5-5", "forced_tool_choice"],
    ["claude-haiku-5-5", "thinking_disabled"],
    ["claude-opus-5", "thinking_disabled"],
    ["claude-opus-5", "forced_tool_choice"],
    ["claude-opus-4-6", "thinking_budget"],
    ["claude-haiku-4-5", "prefill"],
  ] as const)("%s does not refuse %s", (id, refusal) => {
    expect(findModel(id)?.refuses).not.toContain(refusal);
  });

  test("lets a model of the caller's stand in for a known one", () => {
    const small = { ...ours, id: "claude-haiku-5-5" };
    expect(findModel("claude-haiku-5-5", [small])).toBe(small);
    const dated = { ...ours, id: "claude-haiku-4-5-20251001", aliases: [] };
    expect(findModel("claude-haiku-4-5", [dated])).toBe(dated);
    expect(findModel("claude-opus-5-5", [small])?.displayName).toBe("Claude Opus 5.5");
    expect(findModel("claude-of-tomorrow", [small])).toBeUndefined();
  });
});

type LiteralsOf<Name> = Name extends string ? (string extends Name ? never : Name) : never;

describe("POST /v1/messages", () => {
  test("answers under the id that an alias means", async () => {
    const client = await clientOf();
    const message = await client.messages.create({ ...question, model: "claude-haiku-4-5" });
    expect(message.model).toBe("claude-haiku-4-5-20251001");
  });

  test.each(["claude-of-tomorrow", "claude-3-opus-20240229", "claude-3-5-haiku-latest"])(
    "has no %s, in the API's words",
    async (model) => {
      const client = await clientOf();
      const error = await client.messages.create({ ...question, model }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(Anthropic.NotFoundError);
      expect(error.error.error).toEqual({ type: "not_found_error", message: `model: ${model}` });
      await expect(
        client.messages.countTokens({ messages: question.messages, model }),
      ).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    },
  );

  test("has retired models if it is told to keep them", async () => {
    const client = await clientOf({ retiredModels: true });
    const message = await client.messages.create({ ...question, model: "claude-3-5-haiku-latest" });
    expect(message.model).toBe("claude-3-5-haiku-20241022");
    await expect(client.messages.create({ ...question, model: "claude-of-tomorrow" })).rejects.toBeInstanceOf(
      Anthropic.NotFoundError,
    );
  });

  test("has the models it is given, with their limits", async () => {
    const client = await clientOf({ models: [ours] });
    const message = await client.messages.create({ ...question, model: "our-model" });
    expect(message.model).toBe("our-model-1");
    await expect(
      client.messages.create({ ...question, model: "our-model", max_tokens: 501 }),
    ).rejects.toThrow(/max_tokens: 501 > 500/);
  });
});

describe("GET /v1/models/{id}", () => {
  test("describes a model, by alias too", async () => {
    const client = await clientOf();
    expect(await client.models.retrieve("claude-haiku-4-5")).toMatchObject({
      type: "model",
      id: "claude-haiku-4-5-20251001",
      display_name: "Claude Haiku 4.5",
      created_at: "2025-10-15T00:00:00Z",
      line: "haiku",
      lifecycle: "active",
      deprecated_at: null,
      retires_at: null,
      max_input_tokens: 200_000,
      max_tokens: 64_000,
    });
  });

  test("says which ways of thinking and efforts a model takes", async () => {
    const client = await clientOf();
    const [opus, sonnet, haiku, oldest] = await Promise.all(
      ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5", "claude-2.1"].map((id) =>
        waysOf(client, id),
      ),
    );
    expect(opus).toEqual({
      thinks: true,
      types: ["adaptive"],
      efforts: ["high", "low", "max", "medium", "xhigh"],
    });
    expect(sonnet?.types).toEqual(["adaptive", "between_tools"]);
    expect(haiku).toEqual({ thinks: true, types: ["disabled", "enabled"], efforts: [] });
    expect(oldest).toEqual({ thinks: false, types: ["disabled"], efforts: [] });
  });

  test("knows what is deprecated and what is retired", async () => {
    const [usual, keeping] = [await clientOf(), await clientOf({ retiredModels: true })];
    expect(await usual.models.retrieve("claude-sonnet-4-5")).toMatchObject({
      lifecycle: "deprecated",
      retires_at: "2026-11-30T00:00:00Z",
      deprecated_at: expect.any(String),
    });
    expect(await usual.models.retrieve("claude-2.1")).toMatchObject({ lifecycle: "retired", line: null });
    expect(await keeping.models.retrieve("claude-2.1")).toMatchObject({ lifecycle: "deprecated" });
  });

  test("has an error for a model that never was, in the API's words", async () => {
    const client = await clientOf();
    const error = await client.models.retrieve("claude of tomorrow").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error.error.error.message).toBe("model: claude of tomorrow");
  });

  test("wants a key and GET", async () => {
    const client = await clientOf();
    const url = `${client.baseURL}/v1/models/claude-haiku-5-5`;
    expect((await fetch(url, { headers: { "anthropic-version": "2026-10-21" } })).status).toBe(401);
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(405);
    expect((await fetch(`${client.baseURL}/v1/models/`)).status).toBe(404);
  });
});

async function waysOf(
  client: Anthropic,
  id: string,
): Promise<{ thinks: boolean | undefined; types: string[]; efforts: string[] }> {
  const { capabilities } = await client.models.retrieve(id);
  const { thinking, effort } = capabilities ?? {};
  const supported = (all: object = {}) =>
    Object.entries(all).flatMap(([name, way]) => (way?.supported === true ? [name] : []));
  return {
    thinks: thinking?.supported,
    types: supported(thinking?.types).sort(),
    efforts: supported(effort).sort(),
  };
}

describe("GET /v1/models", () => {
  test("gives every model that can be called, newest first, page by page", async () => {
    const client = await clientOf({ models: [ours] });
    const first = await client.models.list({ limit: 5 });
    expect(first.data.map(({ id }) => id).slice(0, 2)).toEqual(["our-model-1", "claude-fable-5-2"]);
    expect(first).toMatchObject({ has_more: true, first_id: "our-model-1", last_id: first.data[4]?.id });
    const all: Anthropic.ModelInfo[] = [];
    for await (const model of first) all.push(model);
    const known = knownModels.filter(({ retired }) => !retired).map(({ id }) => id);
    expect(all.map(({ id }) => id).sort()).toEqual(["our-model-1", ...known].sort());
    const days = all.map(({ created_at }) => created_at);
    expect(days).toEqual([...days].sort().reverse());
  });

  test("gives a model that stands in for another in its place, once", async () => {
    const client = await clientOf({ models: [{ ...ours, id: "claude-haiku-5-5" }] });
    const { data } = await client.models.list({ limit: 1_000 });
    expect(data.filter(({ id }) => id === "claude-haiku-5-5").map(({ display_name: name }) => name)).toEqual([
      "Our Model",
    ]);
  });

  test("goes back from a model", async () => {
    const client = await clientOf();
    const all = (await client.models.list({ limit: 1_000 })).data.map(({ id }) => id);
    const page = await client.models.list({ before_id: all[4] ?? "", limit: 3 });
    expect(page.data.map(({ id }) => id)).toEqual(all.slice(1, 4));
    expect(page.has_more).toBe(true);
    const rest = await client.models.list({ before_id: all[1] ?? "", limit: 3 });
    expect(rest).toMatchObject({ has_more: false, first_id: all[0], last_id: all[0] });
  });

  test("is empty after the last model", async () => {
    const client = await clientOf();
    const { last_id } = await client.models.list({ limit: 1_000 });
    const page = await client.models.list({ after_id: last_id ?? "" });
    expect(page).toMatchObject({ data: [], has_more: false, first_id: null, last_id: null });
  });

  test("gives 20 unless asked otherwise, and retired models if asked for them", async () => {
    const [usual, keeping] = [await clientOf(), await clientOf({ retiredModels: true })];
    const retired = await usual.models.list({ lifecycle: ["retired"] });
    expect(retired.data.map(({ lifecycle }) => lifecycle)).toEqual(retired.data.map(() => "retired"));
    expect(retired.data.length).toBeGreaterThan(10);
    expect((await usual.models.list()).data.map(({ lifecycle }) => lifecycle)).not.toContain("retired");
    expect((await keeping.models.list()).data).toHaveLength(20);
  });

  test.each([
    ["limit=0", "limit: Input should be greater than or equal to 1"],
    ["limit=1001", "limit: Input should be less than or equal to 1000"],
    ["limit=many", "limit: Input should be a valid integer"],
    ["lifecycle=young", "lifecycle: Input should be 'active', 'deprecated' or 'retired'"],
    ["after_id=claude-x", "after_id: Model not found: claude-x"],
    ["before_id=claude-x", "before_id: Model not found: claude-x"],
  ])("refuses %s", async (query, message) => {
    const client = await clientOf();
    const failing = client.get(`/v1/models?${query}`);
    await expect(failing).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(failing).rejects.toMatchObject({ error: { error: { message } } });
  });
});
