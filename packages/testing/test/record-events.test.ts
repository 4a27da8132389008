import { BrokenStreamError, type StreamEvent } from "@lockstitch/core";
import { record, scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../src/record/redact.js";
import { redactEvents } from "../src/record/redact-events.js";
import { ask, said, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();

describe("a stream without its secrets", () => {
  it("keeps the number of a stream's pieces, and leaves those without a secret as they are", () => {
    const delta = (text: string) =>
      ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }) as const;
    const json = (partial_json: string) =>
      ({ type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json } }) as const;
    const redactor = createRedactor(['a "b"'], {});
    const textOf = (events: readonly unknown[]) => events.map((event) => (event as { delta: object }).delta);
    expect(
      textOf(redactEvents([delta("key sk-"), delta("ant-abc"), delta("defg!")], redactor)),
    ).toMatchObject([{ text: "key [re" }, { text: "dacted]" }, { text: "!" }]);
    expect(redactEvents([delta("no "), delta("secret")], redactor)).toEqual([delta("no "), delta("secret")]);
    const input = redactEvents([json('{"x":"a '), json('\\"b\\""'), json(',"y":1}')], redactor);
    expect(
      JSON.parse(
        textOf(input)
          .map((it) => (it as { partial_json: string }).partial_json)
          .join(""),
      ),
    ).toEqual({
      x: "[redacted]",
      y: 1,
    });
    const cutOff = redactEvents([json('{"x":"sk-a'), json("nt-123")], redactor);
    expect(JSON.stringify(cutOff)).not.toMatch(/sk-a|nt-123/);
  });

  const secret = "Zq8-hunter2-hunter2-Value-77";
  const start = { type: "message_start", message: { model: "m", content: [] } };
  const opened = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
  const text = (piece: string) => ({
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: piece },
  });
  const input = (piece: string) => ({
    type: "content_block_delta",
    index: 1,
    delta: { type: "input_json_delta", partial_json: piece },
  });
  const redacted = (events: readonly object[]) =>
    JSON.stringify(redactEvents(events as StreamEvent[], createRedactor([secret], {})));

  it("keeps no secret that lacks its end where the stream broke", () => {
    for (let length = 4; length < secret.length; length++) {
      const cut = secret.slice(0, length);
      expect(redacted([start, opened, text(`key ${cut.slice(0, 2)}`), text(cut.slice(2))])).not.toContain(
        cut.slice(2),
      );
      expect(redacted([start, input(`{"a":"${cut.slice(0, 3)}`), input(cut.slice(3))])).not.toContain(
        cut.slice(3),
      );
    }
  });

  it("keeps none where the stream broke and was begun again, nor puts the texts of both together", () => {
    const cut = secret.slice(0, -1);
    const again = [start, opened, text("Hello."), { type: "content_block_stop", index: 0 }];
    const events = redacted([start, opened, text(`key ${cut}`), ...again]);
    expect(events).not.toContain(cut);
    expect(events).toContain("Hello.");
    const [before, after] = [secret.slice(0, 3), secret.slice(3)];
    expect(redacted([start, opened, text(before), start, opened, text(after)])).toContain(after);
  });

  it("leaves the beginning of a secret at the end of a block that is whole", () => {
    const whole = [start, opened, text("key Zq8-hunt"), { type: "content_block_stop", index: 0 }];
    expect(redacted(whole)).toContain("key Zq8-hunt");
  });

  it("is what is written down of a call that broke", async () => {
    const breaking = scripted([
      (_request, { emit }) => {
        for (const event of [start, opened, text(`key ${secret.slice(0, -1)}`)]) emit(event as StreamEvent);
        return new BrokenStreamError("cut");
      },
    ]);
    await ask(record(breaking, folder.path("a.jsonl"), { redact: [secret] }), said("Hi"));
    expect(folder.read("a.jsonl")).not.toContain("hunter2");
  });
});
