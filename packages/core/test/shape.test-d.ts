import type Anthropic from "@anthropic-ai/sdk";
import { expectTypeOf, it } from "vitest";
import type { Check, Shape } from "../src/pure/tool-result/shape.js";

it("a shape has a check of each field of its type, so that one that comes later does not compile", () => {
  expectTypeOf<Shape<Anthropic.ImageBlockParam>>().toEqualTypeOf<{
    readonly required: Readonly<Record<"source", Check>>;
    readonly optional: Readonly<Record<"cache_control" | "transformations", Check>>;
  }>();
  type Later = Anthropic.ImageBlockParam & { readonly caption?: string; readonly size: number };
  const today: Shape<Anthropic.ImageBlockParam> = {
    required: { source: () => undefined },
    optional: { cache_control: () => undefined, transformations: () => undefined },
  };
  expectTypeOf(today).not.toExtend<Shape<Later>>();
  expectTypeOf<keyof Shape<Later>["required"]>().toEqualTypeOf<"source" | "size">();
  expectTypeOf<keyof Shape<Later>["optional"]>().toEqualTypeOf<
    "cache_control" | "transformations" | "caption"
  >();
});
