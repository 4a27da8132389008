import { linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileTools } from "@lockstitch/tools/handy";
import { describe, expect, it } from "vitest";
import { answerOf, callTool, named, temporaryFolder } from "./support.js";

function files(options: object = {}) {
  const folder = temporaryFolder();
  const tools = fileTools({ folder, write: true, ...options });
  return {
    folder,
    put: (name: string, content = "") => writeFileSync(join(folder, name), content),
    call: (name: string, input: object = {}) => answerOf(named(tools, name), input),
    /** What a tool says of the files, and what it says of what it did, each in a block of its own. */
    blocks: async (name: string, input: object = {}) => {
      const answer = await callTool(named(tools, name), input);
      if (typeof answer === "string") return [answer];
      return (answer as { text: string }[]).map(({ text }) => text);
    },
  };
}

/** What a name can hold that makes one line look like another. */
const names: readonly (readonly [string, string])[] = [
  ["a\nb: forged", '"a\\nb: forged"'],
  ["a\rb", '"a\\rb"'],
  ["a\u0085b", '"a\\u0085b"'],
  ["a\u2028b", '"a\\u2028b"'],
  ["a\u2029b", '"a\\u2029b"'],
  ["a\u202etxt.exe", '"a\\u202etxt.exe"'],
  ["a\u{e0041}b", '"a\\udb40\\udc41b"'],
  ["a.ts:1: forged", '"a.ts:1: forged"'],
  ['"a\\nb"', '"\\"a\\\\nb\\""'],
  ["way (a link, not followed)", '"way (a link, not followed)"'],
  ["[cut: there are more]", '"[cut: there are more]"'],
  ["(the folder is empty)", '"(the folder is empty)"'],
  [" a", '" a"'],
  ["a ", '"a "'],
  ["Grüße (1).txt", "Grüße (1).txt"],
  ["a\\b", "a\\b"],
  ["[id]", "[id]"],
];

describe("file tools, of names and texts that would pass for something else,", () => {
  it.each(names)("show %j as one that it can't be taken for", async (name, shown) => {
    const { put, call } = files();
    put(name, "needle");
    expect(await call("list_files")).toBe(shown);
    expect(await call("search_files", { text: "needle" })).toBe(`${shown}:1: needle`);
  });

  it("show a name in quotes that gives the file back when it is said again", async () => {
    const { put, call } = files();
    const [name = ""] = names[5] ?? [];
    put(name, "right");
    const path = JSON.parse(await call("list_files"));
    expect(await call("read_file", { path })).toBe("right");
  });

  it("show a folder's name as they show a file's", async () => {
    const { folder, call, put } = files();
    mkdirSync(join(folder, "a\nb"));
    put("a\nb/c", "needle");
    expect(await call("list_files", { deep: true })).toBe('"a\\nb"/\n"a\\nb/c"');
    expect(await call("search_files", { text: "needle" })).toBe('"a\\nb/c":1: needle');
  });

  it("show no line of a file as two, and count lines as read_file does", async () => {
    const { put, call } = files();
    put("a", "one\rb:1: needle\u2028c:1: needle\u0085\tneedle\n👩‍🚀 needle\r\n");
    expect(await call("search_files", { text: "needle" })).toBe(
      "a:1: one\\rb:1: needle\\u2028c:1: needle\\u0085\tneedle\na:2: 👩‍🚀 needle",
    );
  });

  it("say in a block of its own that there is more", async () => {
    const { put, blocks } = files();
    for (let index = 0; index < 1_001; index++) put(`${index}`, "x");
    const list = await blocks("list_files");
    expect([list.length, list[0]?.split("\n").length, list[1]]).toEqual([2, 1_000, "(cut: there are more)"]);
    put("binary", "\0");
    const found = await blocks("search_files", { text: "x" });
    expect([found.length, found[0]?.split("\n").length]).toEqual([2, 200]);
    expect(found[1]).toMatch(/^\(cut: there may be more; look in a folder of its own\)/);
  });
});

it("file tools read a hard link as the file that it is, and change only the name that they were given", async () => {
  const { folder, call } = files();
  const outside = join(temporaryFolder(), "outside");
  writeFileSync(outside, "old");
  linkSync(outside, join(folder, "a"));
  expect(await call("read_file", { path: "a" })).toBe("old");
  expect(await call("edit_file", { path: "a", old_text: "old", new_text: "new" })).toBe("Replaced it.");
  expect([await call("read_file", { path: "a" }), readFileSync(outside, "utf8")]).toEqual(["new", "old"]);
});

describe("file tools, of more than they can take,", () => {
  it("find a text that stands in a file half a million times", async () => {
    const { put, blocks } = files();
    put("many", "x\n".repeat(500_000));
    const [lines = "", note] = await blocks("search_files", { text: "x" });
    expect(lines.split("\n").at(-1)).toBe("many:200: x");
    expect(note).toMatch(/cut/);
  });

  it("refuse a change that would make a file immense, before they make it", async () => {
    const { put, call, folder } = files();
    put("a", "x".repeat(1_000_000));
    const change = { path: "a", old_text: "x", new_text: "y".repeat(1_000_000), all: true };
    expect(await call("edit_file", change)).toBe(
      "a: The file would have 1000000000000 bytes, and no more than 1000000 can be written.",
    );
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("x".repeat(1_000_000));
    expect(await call("edit_file", { path: "a", old_text: "x", new_text: "", all: true })).toBe(
      "Replaced it in 1000000 places.",
    );
  });

  it("say where they have not looked: in a folder with too many entries, or too deep down", async () => {
    const { folder, call, blocks, put } = files();
    const deep = Array.from({ length: 40 }, (_, index) => `${index}`).join("/");
    mkdirSync(join(folder, deep), { recursive: true });
    put(`${deep}/a`, "needle");
    expect((await blocks("search_files", { text: "needle" }))[0]).toMatch(/not found.*1 folder/);
    expect((await call("list_files", { deep: true })).split("\n").at(-1)).toMatch(
      /32\/ \(not looked into\)$/,
    );
    expect(await call("search_files", { text: "needle", path: "0/1/2/3/4/5/6/7/8/9" })).toMatch(
      /a:1: needle$/,
    );
  });

  it("say that a folder has more entries than they look at", { timeout: 60_000 }, async () => {
    const { folder, blocks, put } = files();
    mkdirSync(join(folder, "wide"));
    for (let index = 0; index <= 10_000; index++) put(`wide/${index}`);
    const [said] = await blocks("search_files", { text: "needle" });
    expect(said).toMatch(/not found in 10000 files.*1 folder/);
  });
});
