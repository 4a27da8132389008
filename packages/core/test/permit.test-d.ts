import {
  type InputPattern,
  type PatternOf,
  type Permit,
  type PermitRule,
  permitRules,
  type Reads,
  ruleOfTwo,
  strictest,
  type Tool,
} from "@lockstitch/core";
import { describe, expectTypeOf, it } from "vitest";

interface Payment {
  readonly usd: number;
  readonly to?: { readonly iban: string };
  readonly items: readonly string[];
}

describe("the types of permissions", () => {
  it("permissions are made and combined as one type", () => {
    expectTypeOf(
      strictest(permitRules({ allow: ["get_*"] }), ruleOfTwo([]), () => "ask"),
    ).toEqualTypeOf<Permit>();
    expectTypeOf<Permit>().returns.toExtend<string | { readonly verdict: string; readonly rule?: string }>();
  });

  it("a rule may say of which type its input is, and stands beside all others", () => {
    const dear: PermitRule = { tool: "pay", input: ({ usd }: Payment) => usd > 100 };
    const abroad = { to: { iban: /^(?!NO)/ }, usd: (usd) => usd > 5 } satisfies PatternOf<Payment>;
    const permit = permitRules({ deny: [dear, { input: abroad }, "drop_*"] });
    // @ts-expect-error a payment has no such field
    const misspelt = { usdd: 5 } satisfies PatternOf<Payment>;
    // @ts-expect-error a number is not looked for with a regular expression
    const wrong = { usd: /5/ } satisfies PatternOf<Payment>;
    // @ts-expect-error of a list only a predicate can say whether all must fit
    const list = { items: ["a"] } satisfies PatternOf<Payment>;
    expectTypeOf([permit, misspelt, wrong, list]).not.toBeNever();
  });

  it("a pattern of anything holds texts, numbers, expressions, predicates and objects of these", () => {
    expectTypeOf<{ a: { b: RegExp }; c: 5 }>().toExtend<InputPattern>();
    // @ts-expect-error a predicate answers at once
    permitRules({ deny: [{ input: async () => true }] });
    // @ts-expect-error there is no such verdict
    permitRules({ otherwise: "maybe" });
  });

  it("a tool says what it reads, and whether it acts", () => {
    expectTypeOf<NonNullable<Tool["reads"]>>().toEqualTypeOf<Reads | readonly Reads[]>();
    expectTypeOf<Tool["acts"]>().toEqualTypeOf<boolean | undefined>();
  });
});
