import { describe, expect, it } from "vitest";
import { printable, printableJson } from "../src/printable.js";

const hostile = "\u001b[2J\u0007\u009b31m\u007f\r\u202eback\u2028";

describe("what is printed", () => {
  it("can't command a terminal: signs stand for control characters", () => {
    expect(printable(hostile)).toBe("␛[2J␇\ufffd31m␡␍\ufffdback\ufffd");
  });

  it("keeps its lines, tabs and every letter", () => {
    expect(printable("São Paulo:\t26 °C\r\n- 雨 🌧\n")).toBe("São Paulo:\t26 °C\n- 雨 🌧\n");
  });

  it("says the same as JSON, in nothing but harmless characters", () => {
    const json = printableJson({ answer: `${hostile}\n` });
    expect(JSON.parse(json)).toEqual({ answer: `${hostile}\n` });
    expect(json).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  });
});
