import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { document, image, MediaError } from "@lockstitch/tools";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "media-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("an address may hold a key, so no error repeats it, nor what caused the error", () => {
  test.each<[string, string | URL]>([
    ["of a file, badly written", new URL("file:///a%2Fb.png?key=SECRET")],
    ["of another scheme, with a password", "ftp://me:SECRET@files.test/a.png"],
    ["of a bucket", "s3://bucket/a.png?token=SECRET"],
    ["without slashes", "blob:SECRET"],
    ["behind a space", " s3://bucket/a.png?token=SECRET"],
    ["behind a mark that nobody sees", "\u200b\ufeffhttps://bucket.test/a.png?key=SECRET"],
    ["in quotes", '"https://bucket.test/a.png?key=SECRET"'],
    ["without a scheme", "//bucket.test/a.png?key=SECRET"],
    ["too long for a name", `s3://bucket/${"x".repeat(5_000)}?key=SECRET`],
    ["that can't be a path", "weird:\0SECRET"],
    ["that is none", "https://[SECRET"],
    ["as data", "data:image/png;base64,SECRET"],
    ["of a file", new URL("file:///no/such/a.png?key=SECRET#SECRET")],
    ["of a file, in words", "file:///no/such/a.png?key=SECRET"],
    ["with http", "http://me:SECRET@x.test/a.png"],
  ])("one %s", async (_what, source) => {
    for (const read of [image, document]) {
      const error = await read(source).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(MediaError);
      expect(inspect(error, { depth: 9, maxStringLength: null })).not.toContain("SECRET");
    }
  });

  test("says what it begins with, and the way out", async () => {
    await expect(image("s3://bucket/a.png?token=SECRET")).rejects.toThrow(
      /begins with s3: can't be shown.*https: or file: URL, a path or bytes/,
    );
    await expect(image("blob:SECRET")).rejects.toThrow(
      /^What was given can't be read: there is no such file/,
    );
  });

  test("an https: URL with a space around it is that URL", async () => {
    expect(await image(" https://bucket.test/a.png?key=1\n")).toEqual({
      type: "image",
      source: { type: "url", url: "https://bucket.test/a.png?key=1" },
    });
  });

  test.skipIf(process.platform === "win32")(
    "a file may be called nearly like one, and a path is told",
    async () => {
      const path = join(folder, "note:1.txt");
      writeFileSync(path, "Buy milk.");
      expect(await document(path)).toMatchObject({ source: { data: "Buy milk." } });
      await expect(image(path)).rejects.toThrow(/note:1\.txt is no image/);
      await expect(image(join(folder, "none.png"))).rejects.toThrow(/none\.png can't be read/);
    },
  );
});
