import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ToolDefinitionError } from "@lockstitch/core";
import { fileTools } from "@lockstitch/tools/handy";
import { describe, expect, it } from "vitest";
import { anchoredFileTools } from "../../src/handy/files/file-tools.js";
import { type Anchor, holdRoot, usualAnchor } from "../../src/handy/files/held-folder.js";
import { walk } from "../../src/handy/files/walk.js";
import { answerOf, callTool, named, refusalOf, temporaryFolder } from "./support.js";

const anchors = [...new Set<Anchor>([usualAnchor, "paths"])];

describe.each(anchors)("file tools that go by %s", (anchor) => {
  const toolsOf = (folder: string, maxBytes?: number) => {
    const tools = anchoredFileTools(
      { folder, write: true, ...(maxBytes === undefined ? {} : { maxBytes }) },
      anchor,
    );
    const call = (name: string, input: unknown) => answerOf(named(tools, name), input);
    return {
      list: (input: object = {}) => call("list_files", input),
      read: (path: string, lines: object = {}) => call("read_file", { path, ...lines }),
      search: (input: object) => call("search_files", input),
      write: (path: string, content: string) => call("write_file", { path, content }),
      edit: (path: string, old_text: string, new_text: string, rest: object = {}) =>
        call("edit_file", { path, old_text, new_text, ...rest }),
    };
  };

  it("write a file with the folders on its way, read it, and list it", async () => {
    const folder = temporaryFolder();
    const { write, read, list } = toolsOf(folder);
    expect(await write("a/b/c.txt", "Grüße\n")).toBe("Wrote 8 bytes.");
    expect(readFileSync(join(folder, "a/b/c.txt"), "utf8")).toBe("Grüße\n");
    expect(await read("a/b/c.txt")).toBe("Grüße\n");
    expect(await read("./a//b\\c.txt")).toBe("Grüße\n");
    expect(await list()).toBe("a/");
    expect(await list({ path: "a", deep: true })).toBe("a/b/\na/b/c.txt");
    expect(await list({ path: "a/b" })).toBe("a/b/c.txt");
  });

  it("read by lines, and say in a block of its own where to go on", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.txt"), "1\n2\n3\n4");
    const { read } = toolsOf(folder);
    expect(JSON.parse(await read("a.txt", { offset: 2, limit: 2 }))).toEqual([
      { type: "text", text: "2\n3\n" },
      { type: "text", text: "(lines 2 to 3; go on with offset 4)" },
    ]);
    expect(await read("a.txt", { offset: 4 })).toBe("4");
    expect(await read("a.txt", { offset: 9 })).toContain("(the file has 4 lines, and none from 9 on)");
  });

  it("say that a file is empty", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.txt"), "");
    expect(await toolsOf(folder).read("a.txt")).toContain("(the file is empty)");
  });

  it("say that a file is binary instead of showing it", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "nul"), Buffer.from([65, 0, 66]));
    writeFileSync(join(folder, "latin"), Buffer.from([0x47, 0x72, 0xfc]));
    const { read, edit } = toolsOf(folder);
    for (const path of ["nul", "latin"]) {
      expect(await read(path)).toBe(
        `${path}: The file is binary, or its text is not UTF-8; it can't be shown or changed as text.`,
      );
      expect(await edit(path, "G", "H")).toMatch(/is binary/);
    }
    expect(readFileSync(join(folder, "latin"))).toEqual(Buffer.from([0x47, 0x72, 0xfc]));
  });

  it("show whole lines only, and cut a line that is longer than a page between two characters", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "lines"), "12345\n12345\n12345\n");
    writeFileSync(join(folder, "long"), `${"ü".repeat(20)}\nend\n`);
    const { read } = toolsOf(folder, 13);
    expect(JSON.parse(await read("lines"))[0].text).toBe("12345\n12345\n");
    expect(JSON.parse(await read("long"))).toEqual([
      { type: "text", text: "üüüüüü" },
      { type: "text", text: "(line 1 is too long to be shown whole; go on with offset 2)" },
    ]);
    expect(await read("long", { offset: 2 })).toBe("end\n");
  });

  it("look no further into a huge file than they must, and give up where that is too far", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "huge"), "first\n");
    truncateSync(join(folder, "huge"), 50_000_000_000);
    const { read, edit, search } = toolsOf(folder);
    expect(JSON.parse(await read("huge", { limit: 1 }))[0].text).toBe("first\n");
    expect(await read("huge", { offset: 3 })).toMatch(/larger than 268435456 bytes\. Ask for lines nearer/);
    expect(await edit("huge", "first", "last")).toMatch(/larger than 1000000 bytes\. .*read_file/);
    expect(await search({ text: "first" })).toMatch(/1 files were left out/);
  });

  it("refuse to write more than they may", async () => {
    const folder = temporaryFolder();
    const { write, edit } = toolsOf(folder, 4);
    expect(await write("a", "12345")).toMatch(/would have 5 bytes, and no more than 4/);
    expect(existsSync(join(folder, "a"))).toBe(false);
    expect(await write("a", "1234")).toBe("Wrote 4 bytes.");
    expect(await edit("a", "1", "11")).toMatch(/would have 5 bytes/);
  });

  it("replace a file whole, keep its mode, leave nothing else behind, and no hard link changes with it", async () => {
    const folder = temporaryFolder();
    const other = join(temporaryFolder(), "other");
    writeFileSync(join(folder, "run.sh"), "old");
    chmodSync(join(folder, "run.sh"), 0o4751);
    linkSync(join(folder, "run.sh"), other);
    await toolsOf(folder).write("run.sh", "new");
    expect(readFileSync(join(folder, "run.sh"), "utf8")).toBe("new");
    expect(statSync(join(folder, "run.sh")).mode & 0o7777).toBe(0o751);
    expect(readdirSync(folder)).toEqual(["run.sh"]);
    expect(readFileSync(other, "utf8")).toBe("old");
  });

  it("leave a file alone that can only be read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a"), "old", { mode: 0o444 });
    const { write, edit } = toolsOf(folder);
    expect(await write("a", "new")).toBe("a: The file can only be read.");
    expect(await edit("a", "old", "new")).toBe("a: The file can only be read.");
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("old");
  });

  it("replace a text that occurs once, and say what to do where it doesn't", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a"), "\ufeffone two two\r\nthree");
    const { edit } = toolsOf(folder);
    expect(await edit("a", "one", "$& 1")).toBe("Replaced it.");
    expect(await edit("a", "two", "2")).toMatch(/occurs more than once\. Give more of the text around it/);
    expect(await edit("a", "four", "4")).toMatch(/does not occur in the file\. Read the file again/);
    expect(await edit("a", "two\nthree", "2")).toMatch(/the line breaks: those of the file are "\\r\\n"/);
    expect(await edit("a", "two", "2", { all: true })).toBe("Replaced it in 2 places.");
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("\ufeff$& 1 2 2\r\nthree");
  });

  it("count a text that overlaps itself as often as it stands there", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a"), "xaaax");
    const { edit } = toolsOf(folder);
    expect(await edit("a", "aa", "b")).toMatch(/occurs more than once/);
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("xaaax");
    expect(await edit("a", "aa", "b", { all: true })).toBe("Replaced it.");
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("xbax");
  });

  it("lose no change of several that are made at once", async () => {
    const folder = temporaryFolder();
    const numbers = Array.from({ length: 12 }, (_, index) => `<${index}>`);
    writeFileSync(join(folder, "a"), numbers.join(""));
    const { edit } = toolsOf(folder);
    await Promise.all(numbers.map((number) => edit("a", number, `${number}!`)));
    expect(readFileSync(join(folder, "a"), "utf8")).toBe(numbers.map((number) => `${number}!`).join(""));
  });

  it("lose none where the tools of several agents change a file, by whatever names", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "notes"));
    const numbers = Array.from({ length: 30 }, (_, index) => `<${index}>`);
    writeFileSync(join(folder, "notes/a"), numbers.join(""));
    const [lead, researcher, within] = [folder, folder, join(folder, "notes")].map((one) => toolsOf(one));
    const edits = [
      (text: string) => lead?.edit("notes/a", text, `${text}!`),
      (text: string) => researcher?.edit("./notes\\a", text, `${text}!`),
      (text: string) => within?.edit("a", text, `${text}!`),
    ];
    const said = await Promise.all(numbers.map((number, index) => edits[index % 3]?.(number)));
    expect(new Set(said)).toEqual(new Set(["Replaced it."]));
    expect(readFileSync(join(folder, "notes/a"), "utf8")).toBe(
      numbers.map((number) => `${number}!`).join(""),
    );
  });

  it("change nothing more once the call that waits for its turn is aborted", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a"), "1 2 3");
    const tools = anchoredFileTools({ folder, write: true }, anchor);
    const aborted = new AbortController();
    const change = (old_text: string) =>
      callTool(named(tools, "edit_file"), { path: "a", old_text, new_text: "x" });
    const write = callTool.bind(undefined, named(tools, "write_file"), { path: "a", content: "lost" });
    const all = [change("1"), write(aborted.signal), change("3")];
    // By now all are called, and none has come to its end: that takes many turns.
    await new Promise((resolve) => setImmediate(resolve));
    aborted.abort(new Error("stopped"));
    expect(await Promise.allSettled(all)).toMatchObject([
      { status: "fulfilled" },
      { reason: { message: "stopped" } },
      { status: "fulfilled" },
    ]);
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("x 2 x");
  });

  it("find a text with its file and line, and pass over what is no text", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "node_modules"));
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "node_modules/a"), "needle");
    writeFileSync(join(folder, "src/a.ts"), "hay\r\na needle.*\r\n");
    writeFileSync(join(folder, "src/long"), `${"x".repeat(1_000)}needle.*${"y".repeat(1_000)}`);
    writeFileSync(join(folder, "binary"), "needle.*\0");
    const { search } = toolsOf(folder);
    const found = JSON.parse(await search({ text: "needle.*" }));
    expect(found[0].text).toMatch(/^src\/a\.ts:2: a needle\.\*\nsrc\/long:1: … x{100}needle\.\*y{192} …$/);
    expect(found[1].text).toMatch(/^1 files were/);
    expect(await search({ text: "needle", path: "node_modules" })).toBe("node_modules/a:1: needle");
    expect(await search({ text: "n.*e", path: "src" })).toMatch(/not found in 2 files/);
  });

  it("go on where a folder is deleted that they were about to look into, and not where all of it is", async () => {
    const folder = temporaryFolder();
    for (const path of ["a", "b/c", "d"]) mkdirSync(join(folder, path), { recursive: true });
    const top = await holdRoot(folder, anchor);
    const walked = async (path: string) => {
      const seen: string[] = [];
      for await (const entry of walk(top, "", true)) {
        seen.push(entry.path);
        if (entry.path === path) rmSync(join(folder, path), { recursive: true });
      }
      return seen;
    };
    expect(await walked("b")).toEqual(["a", "b", "d"]);
    rmSync(folder, { recursive: true });
    // Whoever holds a folder that is deleted sees it empty.
    if (anchor === "descriptors") expect(await walked("")).toEqual([]);
    else await expect(walked("")).rejects.toMatchObject({ code: "ENOENT" });
    await top.handle.close();
  });

  it("list no more than a thousand lines, and search no more than two hundred matches", async () => {
    const folder = temporaryFolder();
    for (let index = 0; index < 1_001; index++) writeFileSync(join(folder, `${index}`), "");
    writeFileSync(join(folder, "many"), "x\n".repeat(500));
    const { list, search } = toolsOf(folder);
    const [names, more] = JSON.parse(await list());
    expect([names.text.split("\n").length, more.text]).toEqual([1_000, "(cut: there are more)"]);
    const [matches, note] = JSON.parse(await search({ text: "x" }));
    expect([matches.text.split("\n").length, note.text.slice(0, 23)]).toEqual([
      200,
      "(cut: there may be more",
    ]);
  });

  it("list an empty folder as empty, and a name with a line break as one line", async () => {
    const folder = temporaryFolder();
    const { list } = toolsOf(folder);
    expect(await list()).toBe("(the folder is empty)");
    writeFileSync(join(folder, "a\nb"), "");
    expect(await list()).toBe('"a\\nb"');
  });
});

describe("fileTools", () => {
  it("gives tools that write only where that is asked for, each with its true effects", () => {
    const folder = temporaryFolder();
    const effects = (tools: ReturnType<typeof fileTools>) =>
      Object.fromEntries(tools.map((tool) => [tool.name, tool.effects]));
    const reading = { list_files: "none", read_file: "none", search_files: "none" };
    expect(effects(fileTools({ folder }))).toEqual(reading);
    expect(effects(fileTools({ folder, write: true }))).toEqual({
      ...reading,
      write_file: "idempotent",
      edit_file: "once",
    });
  });

  it("refuses a folder that isn't there, a file, a limit or a switch that is none, and an option that it doesn't know", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const wrong = [
      { folder: join(folder, "none") },
      { folder: join(folder, "file") },
      { folder, maxBytes: 0 },
      { folder, write: "yes" as never },
      { folder, write: null as never },
      { folder, readOnly: true },
    ];
    for (const options of wrong) expect(() => fileTools(options)).toThrow(ToolDefinitionError);
    for (const options of wrong.slice(0, 2)) expect(() => fileTools(options)).toThrow(/Give one that/);
    expect(() => fileTools({ folder, write: "yes" as never })).toThrow(
      "fileTools has write yes; it must be true or false. Leave it out for false.",
    );
    expect(() => fileTools({ folder, readOnly: true } as { folder: string })).toThrow(
      'fileTools() has no option "readOnly". The options are: folder, write, maxBytes.',
    );
  });

  it("says in words what is wrong, and nothing of where the folder is", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "file"), "");
    const read = named(fileTools({ folder }), "read_file");
    const said = await Promise.all(
      ["none", "none/a", "file/a", "src", "", "a".repeat(300), "\ud800"].map((path) =>
        refusalOf(read, { path }),
      ),
    );
    expect(said.slice(0, 5)).toEqual([
      "none: There is no such file or folder. list_files shows what there is.",
      "none/a: There is no such file or folder. list_files shows what there is.",
      "file/a: A part of the path that should be a folder is none: it is a file, or a symbolic link, and links are not followed.",
      "src: That is a folder, not a file. Name a file in it.",
      ": That is the folder itself. Name a file in it.",
    ]);
    expect(said[5]).toMatch(/A name in the path is too long\.$/);
    for (const sentence of said) expect(sentence).not.toContain(folder);
    for (const sentence of said) expect(sentence).not.toContain("/proc");
  });

  it("goes no further once its call is aborted", async () => {
    const folder = temporaryFolder();
    const write = named(fileTools({ folder, write: true }), "write_file");
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(callTool(write, { path: "a", content: "" }, signal)).rejects.toThrow("enough");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves no descriptor open", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "a/b"), { recursive: true });
    writeFileSync(join(folder, "a/b/c"), "x");
    const tools = fileTools({ folder, write: true });
    const everything = async () => {
      await answerOf(named(tools, "list_files"), { deep: true });
      await answerOf(named(tools, "search_files"), { text: "x" });
      await answerOf(named(tools, "read_file"), { path: "a/b/c", limit: 1 });
      await answerOf(named(tools, "read_file"), { path: "a/b/none" });
      await answerOf(named(tools, "write_file"), { path: "a/b/d", content: "x" });
      await answerOf(named(tools, "edit_file"), { path: "a/b/d", old_text: "none", new_text: "" });
    };
    await everything();
    const before = readdirSync("/proc/self/fd").length;
    for (let count = 0; count < 10; count++) await everything();
    expect(readdirSync("/proc/self/fd").length).toBeLessThan(before + 5);
  });
});
