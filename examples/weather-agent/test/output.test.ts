import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { OutputError, print } from "../src/output.js";

function broken(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, settle) => settle(Object.assign(new Error(code), { code })),
  });
}

describe("printing", () => {
  it("is over when everything is written", async () => {
    let written = "";
    const output = new Writable({
      write: (chunk, _encoding, settle) => {
        written += chunk;
        settle();
      },
    });
    await print("Rain.\n", output);
    expect(written).toBe("Rain.\n");
  });

  it.each([
    ["ENOSPC", false],
    ["EPIPE", true],
  ])(
    "rejects with its own error on %s, and tells a reader who is gone from a failure",
    async (code, isReaderGone) => {
      const printed = print("Rain.\n", broken(code));
      await expect(printed).rejects.toBeInstanceOf(OutputError);
      await expect(printed).rejects.toMatchObject({ isReaderGone, message: expect.stringContaining(code) });
    },
  );
});
