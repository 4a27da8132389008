import { lookup as lookupAtSystem } from "node:dns/promises";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { run, ToolDefinitionError } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { type FetchToolOptions, fetchTool } from "@lockstitch/tools/handy";
import { describe, expect, it } from "vitest";
import { listening, serving } from "./fetch-driver.js";
import { callTool, refusalOf } from "./support.js";

const loose = (options: object): FetchToolOptions => options as FetchToolOptions;

describe("the lookup of fetch_url", () => {
  it("may give addresses as Node's own lookup does", async () => {
    const { url, tool } = await serving((_request, response) => void response.end("hello"));
    const given = [{ address: "127.0.0.1", family: 4 }];
    expect(await callTool(tool({ lookup: async () => given }), { url })).toMatch(/hello$/);
    const atSystem = tool({ lookup: () => lookupAtSystem("127.0.0.1", { all: true }) });
    expect(await callTool(atSystem, { url })).toMatch(/hello$/);
    const inside = tool({ lookup: async () => [...given, { address: "10.0.0.1", family: 4 }] });
    expect(await refusalOf(inside, { url })).toMatch(/is not on the public internet/);
  });

  it("is read once: what changes its answer later changes nothing", async () => {
    const { url, tool } = await serving((_request, response) => void response.end("hello"));
    const turns = ["127.0.0.1"];
    const answer = [
      {
        get address() {
          return turns.shift() ?? "10.0.0.1";
        },
      },
    ];
    expect(await callTool(tool({ lookup: async () => answer }), { url })).toMatch(/hello$/);
  });

  it.each([
    ["one object", { address: "127.0.0.1", family: 4 }],
    ["one text", "127.0.0.1"],
    ["nothing", undefined],
    ["numbers", [2130706433]],
    ["holes", [undefined]],
    ["lists", [["127.0.0.1"]]],
    ["objects without an address", [{ host: "127.0.0.1" }]],
  ])("is named as what is wrong where it gives %s", async (_what, answer) => {
    const { url, tool, hits } = await serving((_request, response) => void response.end("hello"));
    const wrong = tool(loose({ lookup: async () => answer }));
    expect(await refusalOf(wrong, { url })).toBe(
      "The address of site.test can't be checked: this tool's lookup gave no list of addresses. Nobody was asked. Tell whoever set the tool up.",
    );
    expect(hits).toEqual([]);
  });
});

describe("fetch_url, of a server that means harm,", () => {
  it("gives up on packed bytes that unpack to nothing, without end", async () => {
    const nothing = Buffer.concat(Array.from({ length: 1_000 }, () => gzipSync("")));
    let sent = 0;
    const { url, tool } = await serving((_request, response) => {
      response.setHeader("content-type", "text/plain").setHeader("content-encoding", "gzip");
      const more = (): void => {
        while (!response.destroyed && response.write(nothing)) sent += nothing.length;
      };
      response.on("drain", more);
      more();
    });
    expect(await refusalOf(tool(), { url })).toMatch(/broke off, or is packed wrongly/);
    expect(sent).toBeLessThan(20_000_000);
  });

  it("shows a packed page whole that is no smaller than it would be unpacked", async () => {
    const page = Array.from({ length: 79_000 }, (_, index) =>
      String.fromCharCode(33 + ((index * index * 7) % 90)),
    ).join("");
    const { url, tool } = await serving((_request, response) => {
      response.setHeader("content-type", "text/plain").setHeader("content-encoding", "gzip");
      response.end(gzipSync(page, { level: 0 }));
    });
    expect(await callTool(tool(), { url })).toBe(`HTTP 200, text/plain, ${url}/\n\n${page}`);
  });

  it.each([
    ["text/html, https://bank.test/", "HTTP 200, "],
    ["text/html\thttps://bank.test/", "HTTP 200, "],
    [`text/${"a".repeat(500)}`, "HTTP 200, "],
    ["TEXT/HTML ; charset=utf-8", "HTTP 200, text/html, "],
  ])("takes no other words for the type of a page: %j", async (type, head) => {
    const { url, tool } = await serving((_request, response) => {
      response.setHeader("content-type", type).end("hello");
    });
    expect(await callTool(tool(), { url })).toBe(`${head}${url}/\n\nhello`);
  });

  it("follows no switch to another protocol", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\nsecret",
        ),
      );
    });
    const port = await listening(server);
    const tool = fetchTool({ allowLoopback: true, ports: [port], lookup: async () => ["127.0.0.1"] });
    expect(await refusalOf(tool, { url: `http://site.test:${port}/` })).toMatch(/broke the connection off/);
  });

  it("refuses a head that does not end", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      const more = (): void => {
        while (!socket.destroyed && socket.write(`x-${"a".repeat(1_000)}: b\r\n`));
      };
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n");
        socket.on("drain", more);
        more();
      });
    });
    const port = await listening(server);
    const tool = fetchTool({ allowLoopback: true, ports: [port], lookup: async () => ["127.0.0.1"] });
    expect(await refusalOf(tool, { url: `http://site.test:${port}/` })).toMatch(/did not answer/);
  });

  it.each([
    ["never says anything", () => {}],
    ["says one letter after the other", (write: (text: string) => void) => write("a")],
    [
      "says again and again that it will answer",
      (write: (text: string) => void) => write("HTTP/1.1 103 Early Hints\r\n\r\n"),
    ],
  ])("is given up after its time, in a run, where the server %s", async (_what, say) => {
    let isOver = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    const closed: Promise<unknown>[] = [];
    const server = createServer((socket) => {
      socket.on("error", () => {});
      closed.push(new Promise((resolve) => socket.once("close", resolve)));
      socket.once("data", () => {
        if (say.length > 0) {
          if (!String(say).includes("103"))
            socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n");
          for (let count = 0; count < 10; count++) say((text) => void socket.write(text));
        }
        isOver();
      });
    });
    const port = await listening(server);
    const tool = fetchTool({
      allowLoopback: true,
      ports: [port],
      lookup: async () => ["127.0.0.1"],
      timeoutMs: 5_000,
    });
    // The clock stands still until the server has said all that it says.
    const slept: number[] = [];
    const environment = {
      ...{ now: () => 0, random: () => 0.5, id: () => "id" },
      sleep: async (milliseconds: number) => {
        slept.push(milliseconds);
        await over;
      },
    };
    const claude = scripted([[toolUse("fetch_url", { url: `http://site.test:${port}/` })], "Done."]);
    const { messages } = await run({ tools: [tool] }, "Go.", { claude, environment });
    expect(slept).toContain(5_000);
    expect(JSON.stringify(messages[2])).toMatch(/5000 ms/);
    await Promise.all(closed);
  });
});

/** A list whose first place holds nothing, which `map` and `every` pass over. */
function withHole(second: unknown): readonly unknown[] {
  const list: unknown[] = [];
  list[1] = second;
  return list;
}

describe("fetchTool", () => {
  it("refuses hosts, ports and a lookup that can't be meant, or would refuse everything", () => {
    const wrong = [
      ...[{ hosts: [] }, { hosts: "example.com" }, { hosts: [5] }],
      ...[{ hosts: withHole("example.com") }, { ports: withHole(80) }],
      ...[
        { ports: [] },
        { ports: [0] },
        { ports: [65_536] },
        { ports: ["80"] },
        { ports: 80 },
        { ports: [1.5] },
      ],
      ...[{ lookup: "127.0.0.1" }, { allowLoopback: "no" }],
    ];
    for (const options of wrong) expect(() => fetchTool(loose(options))).toThrow(ToolDefinitionError);
    expect(() => fetchTool(loose({ lookup: "127.0.0.1" }))).toThrow(
      /leave it out for the operating system's/,
    );
    expect(() => fetchTool(loose({ allowLoopback: "no" }))).toThrow(/must be true or false/);
    expect(fetchTool({ hosts: ["example.com"], ports: [8_080] }).name).toBe("fetch_url");
  });

  it("stays with the hosts and ports that it was made with", async () => {
    const { url, port, tool } = await serving((_request, response) => void response.end("hello"));
    const [hosts, ports] = [["other.test"], [80]];
    const made = tool({ hosts, ports });
    hosts[0] = "site.test";
    ports[0] = port;
    expect(await refusalOf(made, { url })).toMatch(/can't be asked/);
  });
});
