import { once } from "node:events";
import { createServer } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { ToolDefinitionError } from "@lockstitch/core";
import { fetchTool } from "@lockstitch/tools/handy";
import { describe, expect, it } from "vitest";
import { listening, serving } from "./fetch-driver.js";
import { callTool, refusalOf } from "./support.js";

describe("fetch_url", () => {
  it("gives a text as it is, below its status, type and final address", async () => {
    const { url, tool } = await serving((_request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8").end("<p>Grüße</p>");
    });
    expect(await callTool(tool(), { url: `${url}/a?b#c` })).toBe(
      `HTTP 200, text/html, ${url}/a?b#c\n\n<p>Grüße</p>`,
    );
  });

  it("asks by the host's name, with nothing that would tell who asks", async () => {
    let asked: object = {};
    const { url, port, tool } = await serving((request, response) => {
      asked = { method: request.method, ...request.headers };
      response.end();
    });
    await callTool(tool(), { url });
    expect(asked).toEqual({
      method: "GET",
      host: `site.test:${port}`,
      connection: "close",
      accept: expect.any(String),
      "accept-encoding": "gzip, deflate, br",
      "user-agent": "lockstitch",
    });
  });

  it("decodes the charset that the server names, and UTF-8 where nobody knows that one", async () => {
    const { url, tool } = await serving((request, response) => {
      response.setHeader("content-type", `text/plain; charset="${request.url?.slice(1)}"`);
      response.end(request.url === "/none" ? "ü" : Buffer.from([0xfc]));
    });
    expect(await callTool(tool(), { url: `${url}/ISO-8859-1` })).toMatch(/ü$/);
    expect(await callTool(tool(), { url: `${url}/none` })).toMatch(/ü$/);
  });

  it("cuts a body at its limit, says so, and lets go of a server that would never end", async () => {
    let isClosed: Promise<unknown> = Promise.resolve();
    const { url, tool } = await serving((request, response) => {
      response.setHeader("content-type", "text/plain");
      if (request.url === "/zstd") response.setHeader("content-encoding", "zstd");
      isClosed = once(response, "close");
      const more = (): void => {
        while (response.write("x".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    });
    const page = String(await callTool(tool({ maxBytes: 1_000 }), { url }));
    expect(page).toMatch(/\n\nx{1000}\n\[cut: the first 1000 bytes are shown\]$/);
    await isClosed;
    await refusalOf(tool(), { url: `${url}/zstd` });
    await isClosed;
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ] as const)("unpacks %s, and no more of a bomb than it shows", async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(200_000_000, "x"));
    const { url, tool } = await serving((_request, response) => {
      response.setHeader("content-type", "text/plain").setHeader("content-encoding", encoding).end(bomb);
    });
    const before = process.memoryUsage().rss;
    const page = String(await callTool(tool(), { url }));
    expect(page).toMatch(/x\n\[cut: the first 80000 bytes are shown\]$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  it("refuses packing within packing, packing that it doesn't know, and packing that is broken", async () => {
    const { url, tool } = await serving((request, response) => {
      response.setHeader("content-type", "text/plain");
      response.setHeader("content-encoding", decodeURIComponent(request.url?.slice(1) ?? "")).end("no");
    });
    for (const encoding of ["gzip, gzip", "zstd", "constructor"])
      expect(await refusalOf(tool(), { url: `${url}/${encoding}` })).toMatch(
        /packed in a way that can't be read/,
      );
    expect(await refusalOf(tool(), { url: `${url}/gzip` })).toMatch(/broke off, or is packed wrongly/);
  });

  it("refuses what is no text, and a body without a type that turns out to be none", async () => {
    const { url, tool } = await serving((request, response) => {
      if (request.url === "/image") response.setHeader("content-type", "image/png");
      response.end(request.url === "/plain" ? "text" : "\0");
    });
    expect(await refusalOf(tool(), { url: `${url}/image` })).toMatch(/is image\/png, not text/);
    expect(await refusalOf(tool(), { url: `${url}/other` })).toMatch(/is not text/);
    expect(await callTool(tool(), { url: `${url}/plain` })).toMatch(/text$/);
  });

  it("tells an error of the server with the beginning of what it says", async () => {
    const { url, tool } = await serving((_request, response) => {
      response.writeHead(404, { "content-type": "text/plain" }).end("No such page. ".repeat(1_000));
    });
    const words = await refusalOf(tool(), { url });
    expect(words).toMatch(/^HTTP 404, text\/plain, .*\n\nNo such page\./);
    expect(words.length).toBeLessThan(2_200);
  });

  it("ends with the call's signal, while it waits for a name, for an answer and for the rest of a body", async () => {
    const { url, tool } = await serving((request, response) => {
      if (request.url === "/body") response.setHeader("content-type", "text/plain").write("half");
      abort.abort(new Error("enough"));
    });
    let abort = new AbortController();
    const tries = [
      tool({
        lookup: () => {
          abort.abort(new Error("enough"));
          return new Promise(() => {});
        },
      }),
      tool(),
      tool(),
    ];
    for (const [index, page] of ["name", "answer", "body"].entries()) {
      abort = new AbortController();
      const call = callTool(tries[index] as (typeof tries)[0], { url: `${url}/${page}` }, abort.signal);
      await expect(call).rejects.toThrow("enough");
    }
    await expect(callTool(tool(), { url }, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });

  it("says that nobody answers, or that the answer broke off, without naming an address", async () => {
    // No system gives this port to whoever asks for any: nothing listens there.
    const options = { allowLoopback: true, ports: [2], lookup: async () => ["127.0.0.1"] };
    expect(await refusalOf(fetchTool(options), { url: "http://site.test:2/" })).toBe(
      "site.test:2 did not answer: it refuses connections.",
    );
    const half = await serving((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain", "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    expect(await refusalOf(half.tool(), { url: half.url })).toMatch(/broke off/);
  });

  it("speaks TLS with the address that was checked, by the host's own name", async () => {
    let hello = "";
    const server = createServer((socket) => {
      socket.once("data", (data) => {
        hello = data.toString("latin1");
        socket.destroy();
      });
      socket.on("error", () => {});
    });
    const port = await listening(server);
    const tool = fetchTool({ allowLoopback: true, ports: [port], lookup: async () => ["127.0.0.1"] });
    expect(await refusalOf(tool, { url: `https://site.test:${port}/` })).toMatch(/broke the connection off/);
    expect(hello).toContain("site.test");
  });
});

describe("fetchTool", () => {
  it("may run early and again, within a time that the run keeps", () => {
    expect(fetchTool()).toMatchObject({ name: "fetch_url", effects: "none", timeoutMs: 20_000 });
    expect(fetchTool({ timeoutMs: 5 })).toMatchObject({ timeoutMs: 5 });
  });

  it.each([
    ["example.com.", "http://example.com/"],
    ["EXAMPLE.com", "http://example.com./"],
    ["*.Bücher.example.", "http://a.xn--bcher-kva.example/"],
    ["2001:DB8:0:0::1", "http://[2001:db8::1]/"],
    ["0x7f.1", "http://127.0.0.1/"],
  ])("knows the host %s as a URL writes it", async (host, url) => {
    const tool = fetchTool({ hosts: [host], lookup: async () => [] });
    expect(await refusalOf(tool, { url })).toMatch(/There is no host|not on the public internet/);
    expect(await refusalOf(tool, { url: "http://b.example/" })).toMatch(/^b\.example can't be asked, only /);
  });

  it("refuses an option that can't be meant", () => {
    const wrong = [
      ...["a%b", "a\\b", "*.1.2.3.4", ".", "*.", "fe80::1%eth0", "1:2:3"].map((host) => ({ hosts: [host] })),
      { hosts: ["https://example.com"] },
      { hosts: ["example.com:80"] },
      { hosts: ["a.*.com"] },
      { maxBytes: -1 },
      { timeoutMs: 0.5 },
      { allow: [] },
    ];
    for (const options of wrong) expect(() => fetchTool(options)).toThrow(ToolDefinitionError);
  });
});
