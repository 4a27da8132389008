import type { Input, ResultBlock, Tool, ToolCall } from "@lockstitch/core";
import { type document, image, type OutputOf, tool } from "@lockstitch/tools";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod-v3";
import { z as z34 } from "zod-v3/v4";
import * as mini34 from "zod-v3/v4-mini";

const base = { name: "probe", description: "A probe." } as const;
const toDate = (text: string) => new Date(text);
type Trip = { city: string; nights: number; day: Date; note?: string | undefined };

test("run's input is what the schema gives, defaults and transforms applied", () => {
  const trip = tool({
    ...base,
    input: z.object({
      city: z.string(),
      nights: z.number().default(2),
      day: z.iso.date().transform((text) => new Date(text)),
      note: z.string().optional(),
    }),
    run: (input, call) => {
      expectTypeOf(input).toEqualTypeOf<Trip>();
      expectTypeOf(call).toEqualTypeOf<ToolCall>();
    },
  });
  expectTypeOf(trip).toEqualTypeOf<Tool<Trip>>();
});

test("the same holds for zod/mini, zod 3, and the zod 4 within zod 3", () => {
  tool({
    ...base,
    input: mini.object({ city: mini.string(), nights: mini._default(mini.number(), 2) }),
    run: (input) => expectTypeOf(input).toEqualTypeOf<{ city: string; nights: number }>(),
  });
  tool({
    ...base,
    input: z3.object({
      city: z3.string(),
      nights: z3.number().default(2),
      day: z3.string().transform((text) => new Date(text)),
    }),
    run: (input) => expectTypeOf(input).toEqualTypeOf<{ city: string; nights: number; day: Date }>(),
  });
  tool({
    ...base,
    input: z34.object({ city: z34.string(), nights: z34.number().default(2) }),
    run: (input) => expectTypeOf(input).toEqualTypeOf<{ city: string; nights: number }>(),
  });
  tool({
    ...base,
    input: mini34.object({ city: mini34.string() }),
    run: (input) => expectTypeOf(input).toEqualTypeOf<{ city: string }>(),
  });
});

test("the same holds for valibot, arktype, and a plain JSON Schema with a parse", () => {
  tool({
    ...base,
    input: toStandardJsonSchema(
      v.object({
        city: v.string(),
        nights: v.optional(v.number(), 2),
        day: v.pipe(v.string(), v.transform(toDate)),
      }),
    ),
    run: (input) => expectTypeOf(input).toEqualTypeOf<{ city: string; nights: number; day: Date }>(),
  });
  tool({
    ...base,
    input: type({ city: "string", nights: "number = 2", day: type("string").pipe(toDate) }),
    run: (input) => expectTypeOf(input).toEqualTypeOf<{ city: string; nights: number; day: Date }>(),
  });
  const plain = tool({
    ...base,
    input: {
      jsonSchema: { type: "object", properties: { city: { type: "string" } } },
      parse: (input) => {
        expectTypeOf(input).toEqualTypeOf<unknown>();
        return { city: String(input) };
      },
    },
    run: (input) => expectTypeOf(input).toEqualTypeOf<{ city: string }>(),
  });
  expectTypeOf(plain).toEqualTypeOf<Tool<{ city: string }>>();
  tool({
    ...base,
    input: { jsonSchema: { type: "object" }, parse: async () => ({ n: 1 }) },
    run: ({ n }) => expectTypeOf(n).toEqualTypeOf<number>(),
  });
  // @ts-expect-error a plain JSON Schema checks nothing by itself: it needs a parse
  tool({ ...base, input: { jsonSchema: { type: "object" } }, run: () => "" });
});

test("image and document make blocks that an input and a tool's result take", async () => {
  expectTypeOf<Awaited<ReturnType<typeof image>>>().toExtend<ResultBlock>();
  expectTypeOf<[Awaited<ReturnType<typeof document>>]>().toExtend<Input>();
  // @ts-expect-error a number is no file
  await image(5).catch(() => undefined);
});

test("unions, records, recursion, refinements and async transforms keep their types", () => {
  const Folder = z.object({
    name: z.string(),
    get folders() {
      return z.array(Folder);
    },
  });
  tool({
    ...base,
    input: z
      .object({
        shape: z.discriminatedUnion("kind", [
          z.object({ kind: z.literal("a"), n: z.number() }),
          z.object({ kind: z.literal("b") }),
        ]),
        scores: z.record(z.string(), z.number()),
        folder: Folder,
        later: z.string().transform(async (text) => text.length),
      })
      .refine(() => true),
    run: ({ shape, scores, folder, later }) => {
      expectTypeOf(shape).toEqualTypeOf<{ kind: "a"; n: number } | { kind: "b" }>();
      expectTypeOf(scores).toEqualTypeOf<Record<string, number>>();
      expectTypeOf(folder.folders[0]?.folders[0]?.name).toEqualTypeOf<string | undefined>();
      expectTypeOf(later).toEqualTypeOf<number>();
    },
  });
});

test("run may be a method, async or not, and may leave its parameters out", () => {
  tool({
    ...base,
    input: z.object({ city: z.string() }),
    async run({ city }, { signal }) {
      expectTypeOf(city).toEqualTypeOf<string>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return city;
    },
  });
  tool({ ...base, input: z.object({ city: z.string() }), run: () => "Sunny" });
});

test("a tool without input gives run an empty object", () => {
  const now = tool({ ...base, run: (input) => expectTypeOf(input).toEqualTypeOf<Record<string, never>>() });
  expectTypeOf(now).toEqualTypeOf<Tool<Record<string, never>>>();
});

test("tools of different inputs stand side by side in an agent's tools", () => {
  const one = tool({ ...base, input: z.object({ city: z.string() }), run: ({ city }) => city });
  const two = tool({ ...base, input: z3.object({ n: z3.number() }), run: ({ n }) => n });
  const three = tool({ ...base, run: () => "" });
  const byHand: Tool<{ x: number }> = { name: "x", parse: () => ({ x: 1 }), run: ({ x }) => x };
  const tools: readonly Tool[] = [one, two, three, byHand];
  expectTypeOf(tools).toExtend<readonly Tool<unknown>[]>();
});

test("what is left out or mistyped is an error", () => {
  // @ts-expect-error a tool needs a description: the model chooses by it
  tool({ name: "probe", run: () => "" });
  // @ts-expect-error a bare shape is no schema
  tool({ ...base, input: { city: z.string() }, run: () => "" });
  // @ts-expect-error there is no such effect
  tool({ ...base, effects: "some", run: () => "" });
  tool({
    ...base,
    input: z.object({ city: z.string() }),
    // @ts-expect-error the schema has no country
    run: ({ country }) => country,
  });
  // @ts-expect-error parse comes from the schema
  tool({ ...base, run: () => "", parse: () => ({}) });
});

test("OutputOf names the type of a schema's values", () => {
  const schema = z.object({ nights: z.number().default(2) });
  expectTypeOf<OutputOf<typeof schema>>().toEqualTypeOf<{ nights: number }>();
});
