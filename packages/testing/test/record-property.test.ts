import type { Claude } from "@lockstitch/core";
import { readCassette, record, replay } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { ask, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();

const json = (text: string) => JSON.stringify(text).slice(1, -1);
const everyByte = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

/** How a secret may be written. Written here anew, not taken from what is tested. */
const forms: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => json(secret),
  (secret) => json(json(secret)),
  (secret) => encodeURIComponent(secret),
  (secret) => encodeURIComponent(secret).replaceAll(/%../g, (byte) => byte.toLowerCase()),
  (secret) => encodeURIComponent(encodeURIComponent(secret)),
  (secret) => new URLSearchParams({ q: secret }).toString().slice(2),
  everyByte,
  (secret) => everyByte(secret).toUpperCase(),
  (secret) => Buffer.from(secret).toString("hex"),
  (secret) => Buffer.from(secret).toString("hex").toUpperCase(),
  (secret) => Buffer.from(secret).toString("base64"),
  (secret) => Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  (secret) => Buffer.from(secret).toString("base64url"),
  (secret) => encodeURIComponent(Buffer.from(secret).toString("base64")),
];

function cutAt(text: string, places: readonly number[]): readonly string[] {
  const sorted = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => text.slice(from, sorted[index] ?? text.length));
}

/** Says a text, and calls a tool with it, both in pieces. */
function speaking(text: string, places: readonly number[]): Claude {
  return async ({ model }, { emit }) => {
    const usage = { input_tokens: 1, output_tokens: 1 };
    const input = { note: text, list: [text] };
    const content = [
      { type: "text", text },
      { type: "tool_use", id: "toolu_1", name: "look", input },
    ];
    const message = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model,
      stop_reason: "tool_use",
      usage,
    };
    const send = (event: object) => emit(event as Parameters<typeof emit>[0]);
    const delta = (index: number, piece: object) =>
      send({ type: "content_block_delta", index, delta: piece });
    for (const piece of cutAt(text, places)) delta(0, { type: "text_delta", text: piece });
    for (const piece of cutAt(JSON.stringify(input), places))
      delta(1, { type: "input_json_delta", partial_json: piece });
    send({ type: "content_block_stop", index: 1, content_block: content[1] });
    return { ...message, content } as never;
  };
}

/** What anybody reads who puts the pieces together. */
function streamed(file: string): readonly string[] {
  return [0, 1].map((index) =>
    readCassette(file)
      .flatMap(({ events }) => events)
      .map((event) =>
        event.type === "content_block_delta" && event.index === index ? Object.values(event.delta)[1] : "",
      )
      .join(""),
  );
}

const secret = fc.oneof(
  fc.string({ minLength: 8, maxLength: 30 }),
  fc.string({ unit: "grapheme", minLength: 8, maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('"', "\\", "/", "\n", "%", "+", " ", "é", "😀", "a", "0"),
    minLength: 8,
    maxLength: 20,
  }),
);

describe("any secret, written in any way and cut anywhere", () => {
  it("is not in the file, and the recording is replayed all the same", async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        secret,
        fc.array(fc.nat({ max: forms.length - 1 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.boolean(),
        async (known, written, places, isGiven) => {
          // Such a one is a plain word or stands in what replaces it.
          fc.pre(known.trim() === known && new Set(known).size > 1 && !"[redacted]".includes(known));
          const file = folder.path(`${++made}.jsonl`);
          const all = [...new Set(forms.map((form) => form(known)))];
          const text = `Take ${written.map((index) => forms[index]?.(known)).join(" ~ ")} !`;
          const request = {
            system: text,
            metadata: { user_id: text },
            messages: [{ role: "user" as const, content: text }],
          };
          if (!isGiven) vi.stubEnv("TEST_SECRET", known);
          const claude = record(speaking(text, places), file, isGiven ? { redact: [known] } : {});
          await ask(claude, request);
          vi.unstubAllEnvs();
          const texts = [folder.read(`${made}.jsonl`), ...streamed(file)];
          for (const form of all)
            for (const one of texts) expect(one.includes(form), `${form} in ${one}`).toBe(false);
          const { error, message } = await ask(replay(file), request);
          expect(error).toBeUndefined();
          expect(message).toMatchObject({ content: [{ type: "text" }, { name: "look" }] });
        },
      ),
      { numRuns: 150 },
    );
  });
});
