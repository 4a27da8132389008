import { run } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { McpError, mcpTools } from "../src/index.js";
import { clashesOf, nameOf as givenName } from "../src/names.js";
import { isLegalServerName } from "../src/server.js";
import { callWith, rawServer, text } from "./support.js";

const nameOf = (server: string, tool: string): string => givenName(server, tool).name;

/** Code units, halves of characters among them, and often those that the scheme itself is made of. */
const anyText = fc
  .array(fc.oneof(fc.constantFrom(..."ab_-.0f"), fc.integer({ min: 0, max: 0xffff })), { maxLength: 80 })
  .map((units) =>
    units.map((unit) => (typeof unit === "string" ? unit : String.fromCharCode(unit))).join(""),
  );
const serverName = fc
  .string({ unit: fc.constantFrom(..."ab_-0"), minLength: 1, maxLength: 32 })
  .filter(isLegalServerName);

describe("nameOf", () => {
  it("begins with the server's name and two underscores, and then is the tool's", () => {
    expect(nameOf("github", "create_issue")).toBe("github__create_issue");
    expect(nameOf("github", "list-repos")).toBe("github__list-repos");
    expect(nameOf("git_hub", "_x_")).toBe("git_hub___x_");
  });

  it("stays the same from one version to the next: it stands in the frozen prefixes of sessions", () => {
    expect(nameOf("github", "files.read")).toBe("github__files_read_65896234");
    expect(nameOf("github", "größe")).toBe("github__gr__e_0e2f6da4");
    expect(nameOf("github", "")).toBe("github___811c9dc5");
    expect(nameOf("github", "long".repeat(20))).toBe(
      "github__longlonglonglonglonglonglonglonglonglonglonglon_5d6f2605",
    );
  });

  it("is one that the API takes, whatever the tool is called", () => {
    fc.assert(
      fc.property(serverName, anyText, (server, tool) => {
        expect(nameOf(server, tool)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      }),
    );
  });

  it("says whether it is another than the tool's own", () => {
    fc.assert(
      fc.property(serverName, anyText, (server, tool) => {
        const { name, isRenamed } = givenName(server, tool);
        expect(isRenamed).toBe(name !== `${server}__${tool}`);
      }),
    );
  });

  it("tells the server: two of another name never share one, not even where they mean to", () => {
    fc.assert(
      fc.property(serverName, anyText, (server, tool) => {
        const name = nameOf(server, tool);
        expect(name.slice(0, name.indexOf("__"))).toBe(server);
      }),
    );
  });

  it("is another for every other tool of a server, made up ones that look like its own names too", () => {
    const tools = fc.uniqueArray(anyText, { maxLength: 12 });
    fc.assert(
      fc.property(serverName, tools, (server, names) => {
        const all = [
          ...new Set([...names, ...names.map((name) => nameOf(server, name).slice(server.length + 2))]),
        ];
        expect(new Set(all.map((name) => nameOf(server, name))).size).toBe(all.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("two tools of one server whose hashes are the same", () => {
  // Found by trying: the one chance in four billion.
  const [one, other] = ["сдрда", "уежгв"] as const;

  it("are found", () => {
    expect(nameOf("x", one)).toBe(nameOf("x", other));
    expect(clashesOf("x", ["fine", one, "a.b", other, "a/b"])).toEqual([one, other]);
  });

  it("are left out, both, with a note, and the agent goes on with the others", async () => {
    const names = ["fine", one, other];
    const url = await rawServer({ tools: names.map((name) => ({ name, inputSchema: { type: "object" } })) });
    await using x = await mcpTools({ name: "x", url });
    expect(x.tools.map(({ name }) => name)).toEqual(["x__fine"]);
    expect(x.notes).toEqual(
      [one, other].map(
        (name) => `"${name}" of x is left out. Another of its tools would have the same name here.`,
      ),
    );
  });
});

describe("the tools of two servers", () => {
  const serverOf = async (name: string, tool: string) => {
    const url = await rawServer({ tools: [{ name: tool, inputSchema: { type: "object" } }] });
    return mcpTools({ name, url });
  };

  it("go side by side, where the names of one end as those of the other begin", async () => {
    await using one = await serverOf("a", "b_c");
    await using other = await serverOf("a_b", "c");
    const tools = [...one.tools, ...other.tools];
    expect(tools.map(({ name }) => name)).toEqual(["a__b_c", "a_b__c"]);
    const { text: said } = await run({ tools }, "Hi.", { claude: scripted(["Hello."]) });
    expect(said).toBe("Hello.");
  });

  it("are refused at once where the servers have one name, and so have two tools", async () => {
    await using one = await serverOf("files", "read");
    await using other = await serverOf("files", "read");
    const asked = scripted([]);
    const running = run({ tools: [...one.tools, ...other.tools] }, "Hi.", { claude: asked });
    await expect(running).rejects.toThrow(/Two tools are called "files__read".*rename one/);
  });

  it("keep their names when others come and go beside them: a session stands and falls with them", async () => {
    const names = async (...tools: string[]) => {
      const url = await rawServer({
        tools: tools.map((name) => ({ name, inputSchema: { type: "object" } })),
      });
      await using files = await mcpTools({ name: "files", url });
      return files.tools.map(({ name }) => name);
    };
    const before = await names("read.file", "größe", "x".repeat(80));
    const after = await names("read_file", "x".repeat(81), "größe", "read.file", "read/file", "x".repeat(80));
    expect(after).toEqual(expect.arrayContaining(before));
    expect(new Set(after).size).toBe(6);
  });
});

describe("a server's name", () => {
  it.each(["two words", "", "a__b", "a_", "_", "größe", "x".repeat(33), "a.b", "a\n"])(
    "is refused where the names of its tools could not begin with it: %j",
    async (name) => {
      const tried = mcpTools({ name, url: "http://127.0.0.1:9/" });
      await expect(tried).rejects.toThrow(McpError);
      await expect(tried).rejects.toThrow(/needs another name: 1 to 32 letters/);
    },
  );
});

describe("a tool whose name the API would not take", () => {
  it.each(["2025-06-18", "2026-07-28"] as const)(
    "is called by the server's own name all the same, and the notes tell what it is called here (%s)",
    async (protocol) => {
      const names = ["", " ", "a\nb", "files.read", "größe", "x".repeat(80), "сдрда"];
      const called: unknown[] = [];
      const call = ({ name }: Readonly<Record<string, unknown>>) => {
        called.push(name);
        return { content: text("read") };
      };
      const tools = names.map((name) => ({ name, inputSchema: { type: "object" } }));
      await using files = await mcpTools({ name: "x", url: await rawServer({ tools, call, protocol }) });
      for (const tool of files.tools) expect(await tool.run({}, callWith())).toEqual(text("read"));
      expect(called).toEqual(names);
      expect(files.notes).toHaveLength(names.length);
      expect(files.notes[3]).toBe(
        `"files.read" of x is called ${nameOf("x", "files.read")} here: names are short, legal and unlike all others.`,
      );
    },
  );
});
