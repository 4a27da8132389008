import { lstat, readFile, symlink, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { McpDefinition } from "../src/definition.js";
import { McpError } from "../src/index.js";
import { pinOf, type ServerPins } from "../src/pin.js";
import { type Pins, pinAnew } from "../src/pins.js";
import { createReview } from "../src/review.js";
import { temporaryFolder } from "./support.js";

const tool = (more: Partial<McpDefinition> = {}): McpDefinition => ({
  name: "a",
  inputSchema: { type: "object" },
  ...more,
});
const look = (pins: Pins, definition = tool()) => createReview("x", { pins }).look([definition]);
const newFile = async () => `${await temporaryFolder()}/pins.json`;

/** What a server's entry can hold that is no object of pins. */
const damages: readonly unknown[] = [null, [], 5, false, "", "pins"];
const refusal =
  /The pins of the server x are damaged.* Restore them, or delete those of x to pin its tools anew\./;

describe("pins of a server that are damaged are refused with the way out, never taken for none", () => {
  it.each(damages.map((damage) => [JSON.stringify(damage), damage]))("in a file: %s", async (_, damage) => {
    const pins = await newFile();
    const kept = JSON.stringify({ x: damage });
    await writeFile(pins, kept);
    const error = await look(pins).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(McpError);
    expect(String(error)).toMatch(refusal);
    expect(await readFile(pins, "utf8")).toBe(kept);
  });

  it.each([undefined, ...damages].map((damage) => [String(JSON.stringify(damage)), damage]))(
    "in a map: %s",
    async (_, damage) => {
      const pins = new Map([["x", damage as ServerPins]]);
      await expect(look(pins)).rejects.toThrow(refusal);
      expect([...pins]).toEqual([["x", damage]]);
    },
  );

  it("where they were damaged since they were read", async () => {
    const file = await newFile();
    await writeFile(file, '{"x":null}');
    for (const pins of [file, new Map([["x", null as unknown as ServerPins]])])
      await expect(pinAnew(pins, "x", new Map([["a", tool()]]))).rejects.toThrow(refusal);
    expect(await readFile(file, "utf8")).toBe('{"x":null}');
  });

  it("where one stands under another tool's name, or holds no definition of a tool", async () => {
    const nameless = await pinOf({ name: "a" } as McpDefinition);
    for (const kept of [{ b: await pinOf(tool()) }, { a: nameless }, { a: null }])
      await expect(look(new Map([["x", kept as ServerPins]]))).rejects.toThrow(/pin of ".".* is damaged/);
  });

  it("but a server that had no tools at first has none pinned", async () => {
    const pins = new Map<string, ServerPins>([["x", {}]]);
    await look(pins);
    expect(pins.get("x")).toEqual({});
  });
});

describe("a link to a file of pins that is not there yet", () => {
  it("stays a link, and its target is made", async () => {
    const folder = await temporaryFolder();
    const [target, link, outer, linked] = ["target.json", "link.json", "outer.json", "linked"].map(
      (name) => `${folder}/${name}`,
    ) as [string, string, string, string];
    await symlink(folder, linked);
    // Relative to where the link really is, and by way of another one.
    await symlink("target.json", link);
    await symlink("link.json", outer);
    await look(`${linked}/outer.json`);
    for (const path of [link, outer]) expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await lstat(target)).isFile()).toBe(true);
    expect(Object.keys(JSON.parse(await readFile(outer, "utf8")))).toEqual(["x"]);
  });

  it("is told of where it leads in a circle", async () => {
    const pins = await newFile();
    await symlink("pins.json", pins);
    await expect(look(pins)).rejects.toThrow(/can't be read: ELOOP/);
    await expect(pinAnew(pins, "x", new Map([["a", tool()]]))).rejects.toThrow(/ELOOP/);
  });
});
