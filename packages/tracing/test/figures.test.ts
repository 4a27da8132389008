import { expect, test } from "vitest";
import { duration, money, plural, size, usageFacts } from "../src/sinks/figures.js";
import { usage } from "./session-script.js";

test.each([
  [0, "$0"],
  [0.00004, "< $0.0001"],
  [0.00126, "$0.0013"],
  [0.5, "$0.5000"],
  [12.345, "$12.35"],
])("%d US dollars read %s", (usd, text) => {
  expect(money({ usd })).toBe(text);
});

test("an unknown cost is never shown as a number", () => {
  expect(money({ usd: null, unpriced: ["claude-new"] })).toBe("cost unknown");
});

test.each([
  [-5, "0 ms"],
  [12.4, "12 ms"],
  [812, "0.8 s"],
  [2900, "2.9 s"],
  [59_000, "59.0 s"],
  [125_000, "2 min 5 s"],
])("%d milliseconds read %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test("sizes are those of UTF-8", () => {
  expect([size(""), size("é"), size("x".repeat(1234)), size("x".repeat(3_400_000))]).toEqual([
    "0 B",
    "2 B",
    "1.2 kB",
    "3.4 MB",
  ]);
});

test("input counts what was cached, and says how much", () => {
  expect(usageFacts(usage(412, 63))).toEqual(["412 in", "63 out"]);
  expect(usageFacts(usage(120, 36, 1800))).toEqual(["1,920 in (1,800 cached)", "36 out"]);
});

test("one is not many", () => {
  expect([plural(1, "step"), plural(2, "step"), plural(1234, "token")]).toEqual([
    "1 step",
    "2 steps",
    "1,234 tokens",
  ]);
});
