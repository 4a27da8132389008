import { AgentError, emptyState, type Permit, type PermitAnswer, strictest } from "@lockstitch/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askPermit } from "../src/permission/permit.js";

const call = { toolUseId: "toolu_1", name: "pay", input: {}, parsed: {} };
const judge = (permit: Permit) => askPermit(permit, call, emptyState("s"));
const verdict = (permit: Permit) => judge(permit).verdict;

const broken: readonly Permit[] = [
  () => JSON.parse("{"),
  () => "maybe" as never,
  (async () => "allow") as never,
  (async () => JSON.parse("{")) as never,
];
const permitArbitrary: fc.Arbitrary<Permit> = fc.oneof(
  fc
    .constantFrom<PermitAnswer>("allow", "ask", "deny", { verdict: "ask", rule: "why" })
    .map((said) => () => said),
  fc.constantFrom(...broken),
);

describe("strictest", () => {
  it("denies what one denies, asks about what one asks about, and else allows", () => {
    expect(
      verdict(
        strictest(
          () => "allow",
          () => "ask",
          () => "deny",
        ),
      ),
    ).toBe("deny");
    expect(
      verdict(
        strictest(
          () => "ask",
          () => "allow",
        ),
      ),
    ).toBe("ask");
    expect(verdict(strictest(() => "allow"))).toBe("allow");
    expect(verdict(strictest())).toBe("allow");
  });

  it("says why with the words of the first that decides", () => {
    const permit = strictest(
      () => ({ verdict: "ask", rule: "a person" }),
      () => "deny",
      () => ({ verdict: "deny", rule: "not today" }),
      () => ({ verdict: "deny", rule: "never" }),
    );
    expect(judge(permit)).toEqual({ verdict: "deny", rule: "not today" });
  });

  it("denies where one of them throws or answers anything else", () => {
    for (const permit of broken) expect(verdict(strictest(() => "allow", permit))).toBe("deny");
  });

  it("gives the same verdict in any order, in any grouping, and however often one is named", () => {
    fc.assert(
      fc.property(permitArbitrary, permitArbitrary, permitArbitrary, (a, b, c) => {
        expect(verdict(strictest(a, b))).toBe(verdict(strictest(b, a)));
        expect(judge(strictest(strictest(a, b), c))).toEqual(judge(strictest(a, strictest(b, c))));
        expect(judge(strictest(a, a))).toEqual(judge(a));
        expect(judge(strictest(strictest(), a))).toEqual(judge(a));
      }),
    );
  });

  it("refuses what is no function", () => {
    expect(() => strictest("deny" as never)).toThrow(AgentError);
  });
});
