import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cells, clip, neutralise, oneLine, shorten } from "../src/sinks/terminal-text.js";

const bell = String.fromCharCode(7);
const esc = String.fromCharCode(0x1b);
const csi = String.fromCharCode(0x9b);

describe("neutralise", () => {
  test.each([
    ["a colour", `${esc}[31mred${esc}[0m`, "␛[31mred␛[0m"],
    ["a title and its bell", `${esc}]0;owned${bell}`, "␛]0;owned␇"],
    ["a clipboard write", `${esc}]52;c;cm0gLXJm${esc}\\`, "␛]52;c;cm0gLXJm␛\\"],
    ["an eight-bit command", `${csi}2J`, "\ufffd2J"],
    ["a backspace and a delete", "ab\b\u007f", "ab␈␡"],
    ["a carriage return that would overwrite the line", "safe\revil", "safe␍evil"],
    ["text that would be shown backwards", "a\u202egpj.exe\u2069", "a\ufffdgpj.exe\ufffd"],
    ["half a character", "a\ud83d", "a\ufffd"],
    ["what is only unusual", "naïve 東京 👩‍🚀 ø\u0301", "naïve 東京 👩‍🚀 ø\u0301"],
  ])("%s", (_what, text, shown) => {
    expect(neutralise(text)).toBe(shown);
  });

  test("leaves no control character of any text, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 200 }), (text, columns) => {
        for (const shown of [neutralise(text), oneLine(text), shorten(text, columns), clip(text, columns)]) {
          expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });
});

describe("cells", () => {
  test.each([
    ["", 0],
    ["Oslo", 4],
    ["→ 59.9…", 7],
    ["東京", 4],
    ["ｗｉｄｅ", 8],
    ["한국", 4],
    ["👍", 2],
    ["👩‍🚀", 2],
    ["👍🏽", 2],
    ["🇳🇴", 2],
    ["❤️", 2],
    ["e\u0301", 1],
    ["a\u200bb", 2],
  ])("of %j are %i", (text, width) => {
    expect(cells(text)).toBe(width);
  });
});

describe("shorten", () => {
  test("leaves alone what fits", () => {
    expect(shorten('{"name":"Oslo"}', 15)).toBe('{"name":"Oslo"}');
    expect(shorten("東京", 4)).toBe("東京");
    expect(shorten("", 16)).toBe("");
  });

  test("cuts what does not and says how big the whole is, in bytes", () => {
    expect(shorten("x".repeat(41), 40)).toBe(`${"x".repeat(32)}… (41 B)`);
    expect(shorten("x".repeat(12_345), 40)).toBe(`${"x".repeat(29)}… (12.3 kB)`);
    expect(shorten("é".repeat(2_000_000), 20)).toBe(`${"é".repeat(10)}… (4.0 MB)`);
  });

  test("never cuts through a wide character, an emoji of several or a combined letter", () => {
    expect(shorten("東京東京東京東京東京", 17)).toBe("東京東京… (30 B)");
    expect(shorten("👩‍🚀".repeat(10), 16)).toBe("👩‍🚀👩‍🚀👩‍🚀… (110 B)");
    expect(shorten("e\u0301".repeat(30), 12)).toBe("e\u0301e\u0301e\u0301e\u0301… (90 B)");
  });

  test("puts many lines on one", () => {
    expect(shorten("  one\n\ttwo\r\n  three\n", 40)).toBe("one two three");
  });

  test("sees a short beginning of a long text for what it is", () => {
    expect(shorten(`one${" ".repeat(10_000)}two`, 20)).toBe("one… (10.0 kB)");
  });

  test("shows no half of a character where it stops reading", () => {
    expect(shorten(`one${" ".repeat(156)}👍 and more`, 20)).toBe("one… (172 B)");
  });

  test("keeps to the width, wherever there is room for the size", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 400 }),
        fc.integer({ min: 16, max: 60 }),
        (text, columns) => {
          expect(cells(shorten(text, columns))).toBeLessThanOrEqual(columns);
          expect(cells(clip(text, columns))).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
