import fc from "fast-check";
import { expect, it } from "vitest";
import { headAndTail } from "../../src/handy/command/head-and-tail.js";

it("keeps all of a short text, and of a long one the first and the last half, however it comes in pieces", () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "\n"), maxLength: 40 }));
  fc.assert(
    fc.property(pieces, fc.integer({ min: 2, max: 60 }), (texts, maxBytes) => {
      const kept = headAndTail(maxBytes);
      for (const text of texts) kept.add(text);
      const whole = texts.join("");
      const head = Math.ceil(maxBytes / 2);
      const tail = maxBytes - head;
      const missing = whole.length - maxBytes;
      expect(kept.text()).toBe(
        missing <= 0
          ? whole
          : `${whole.slice(0, head)}\n[cut: ${missing} bytes are left out here]\n${whole.slice(-tail)}`,
      );
    }),
  );
});

it("cuts no character in two", () => {
  const kept = headAndTail(7);
  kept.add("üüüüüüüü€");
  expect(kept.text()).toBe("üü\n[cut: 12 bytes are left out here]\n€");
});
