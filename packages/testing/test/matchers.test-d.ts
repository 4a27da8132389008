import type { Result } from "@lockstitch/core";
import type { AgentMatchers, matchers } from "@lockstitch/testing/vitest";
import { describe, expect, expectTypeOf, it } from "vitest";

describe("the types of the matchers", () => {
  it("stand beside vitest's own, with .not", () => {
    const result = {} as Result;
    expectTypeOf(expect(result).toHaveCalledTool).parameters.toEqualTypeOf<[name: string, input?: unknown]>();
    expectTypeOf(expect(result).toHaveCalledTools).parameter(0).toEqualTypeOf<readonly string[]>();
    expectTypeOf(expect(result).toHaveSaid).parameter(0).toEqualTypeOf<string | RegExp>();
    expectTypeOf(expect(result).not.toHaveEndedWith).parameters.toEqualTypeOf<[reason: string]>();
    expectTypeOf(expect(result).toHaveCostLessThan).parameters.toEqualTypeOf<[usd: number]>();
    expectTypeOf(expect(result).toHaveUsedAtMostTokens(1)).toEqualTypeOf<void>();
    expectTypeOf(expect(result).toBe).toBeFunction();
  });

  it("refuse what can't be meant", () => {
    const result = {} as Result;
    // @ts-expect-error a tool has a name
    expect(result).toHaveCalledTool(/get/);
    // @ts-expect-error names, in order
    expect(result).toHaveCalledTools("get_weather");
    // @ts-expect-error dollars are a number
    expect(result).toHaveCostLessThan("1");
    // @ts-expect-error there is no such matcher
    expect(result).toHaveCalledNobody();
  });

  it("there is a matcher for every type, and the other way round", () => {
    expectTypeOf<keyof typeof matchers>().toEqualTypeOf<keyof AgentMatchers>();
  });
});
