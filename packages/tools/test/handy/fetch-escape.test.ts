import { fetchTool } from "@lockstitch/tools/handy";
import { describe, expect, it } from "vitest";
import { serving } from "./fetch-driver.js";
import { answerOf, callTool, refusalOf } from "./support.js";

/** Never asks the network, and so fails a test that would. */
const nowhere = async (): Promise<readonly string[]> => {
  throw new Error("no network here");
};

const notPublic = /is not on the public internet/;

describe("fetch_url, told to leave the public internet,", () => {
  it.each([
    ...[
      "http://127.0.0.1/",
      "http://127.1/",
      "http://2130706433/",
      "http://0x7f000001/",
      "http://0177.0.0.1/",
    ],
    ...["http://0x7f.1/", "http://127.0.0.1./", "http://0/", "http://⑫⑦.0.0.1/", "http://127。0。0。1/"],
    ...["http://10.0.0.1/", "http://192.168.1.1/", "http://172.20.0.1/", "http://100.64.0.1/"],
    ...["http://169.254.169.254/latest/meta-data/", "http://0xa9fea9fe/", "http://168.63.129.16/"],
    ...["http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"],
    ...[
      "http://[64:ff9b::7f00:1]/",
      "http://[2002:7f00:1::]/",
      "http://[fe80::1]/",
      "http://[fd00:ec2::254]/",
    ],
    ...["http://224.0.0.1/", "http://255.255.255.255/", "https://[ff02::1]/"],
  ])("refuses %s", async (url) => {
    expect(await refusalOf(fetchTool({ lookup: nowhere }), { url })).toMatch(notPublic);
  });

  it.each([
    ["file:///etc/passwd", /file: can't be fetched/],
    ["ftp://example.com/", /ftp: can't be fetched/],
    ["data:text/plain,hello", /data: can't be fetched/],
    ["javascript:alert(1)", /javascript: can't be fetched/],
    ["ws://example.com/", /ws: can't be fetched/],
    ["http://user@example.com/", /user name or a password/],
    ["http://:password@example.com/", /user name or a password/],
    ["http://example.com@127.0.0.1/", /user name or a password/],
    ["http://example.com:22/", /Port 22 can't be asked, only 80 and 443/],
    ["https://example.com:8443/", /Port 8443 can't be asked/],
    ["http://example.com:99999/", /That is no URL/],
    ["http://[fe80::1%25eth0]/", /That is no URL/],
    ["//example.com/", /That is no URL/],
    ["/etc/passwd", /That is no URL/],
    ["", /That is no URL/],
    [`http://example.com/${"a".repeat(9_000)}`, /longer than 8192/],
  ])("refuses %s", async (url, words) => {
    expect(await refusalOf(fetchTool({ lookup: nowhere }), { url })).toMatch(words);
  });

  it("refuses a name of this machine's own, by the operating system's lookup too", async () => {
    expect(await refusalOf(fetchTool(), { url: "http://localhost/" })).toMatch(notPublic);
  });

  it.each([
    [["10.0.0.1"]],
    [["127.0.0.1", "10.0.0.1"]],
    [["8.8.8.8", "::ffff:127.0.0.1"]],
    [["127.0.0.1", "not an address"]],
    [["127.0.0.1", ""]],
  ])("refuses a name whose addresses are %j before it asks any of them", async (addresses) => {
    const { url, tool, hits } = await serving((_request, response) => void response.end("inside"));
    expect(await refusalOf(tool({ lookup: async () => addresses }), { url })).toMatch(notPublic);
    expect(hits).toEqual([]);
  });

  it("says that there is no host where a name has no address", async () => {
    const url = "http://site.test/";
    expect(await refusalOf(fetchTool({ lookup: nowhere }), { url })).toMatch(/There is no host site\.test/);
    expect(await refusalOf(fetchTool({ lookup: async () => [] }), { url })).toMatch(
      /There is no host site\.test/,
    );
  });

  it("asks the very address that was checked, whatever the name means a moment later", async () => {
    const { url, tool, hits } = await serving((_request, response) => void response.end("checked"));
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    const asked: string[] = [];
    const rebinding = tool({
      lookup: async (host) => {
        asked.push(host);
        return answers.shift() ?? [];
      },
    });
    expect(await callTool(rebinding, { url })).toMatch(/checked$/);
    expect([asked, hits]).toEqual([["site.test"], ["/"]]);
    expect(await refusalOf(rebinding, { url })).toMatch(notPublic);
    expect(hits).toEqual(["/"]);
  });

  it("can't be shown another address by a lookup that changes its answer after the check", async () => {
    const { url, tool } = await serving((_request, response) => void response.end("checked"));
    const turns = ["127.0.0.1"];
    const answer = [""];
    Object.defineProperty(answer, 0, { get: () => turns.shift() ?? "10.0.0.1" });
    expect(await callTool(tool({ lookup: async () => answer }), { url })).toMatch(/checked$/);
  });

  it("asks loopback only where a test allows it, and then nothing else that is private", async () => {
    const { port, tool } = await serving((_request, response) => void response.end("inside"));
    const url = `http://127.0.0.1:${port}/`;
    expect(await refusalOf(tool({ allowLoopback: false }), { url })).toMatch(notPublic);
    expect(await callTool(tool(), { url })).toMatch(/inside$/);
    expect(await refusalOf(tool(), { url: `http://10.0.0.1:${port}/` })).toMatch(notPublic);
    expect(await refusalOf(tool(), { url: `http://[::ffff:127.0.0.1]:${port}/` })).toMatch(notPublic);
  });
});

describe("fetch_url, redirected,", () => {
  it("follows up to five redirects, and not one more", async () => {
    const { url, tool, hits } = await serving((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end("arrived");
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect(await callTool(tool(), { url: `${url}/5` })).toMatch(/^HTTP 200, .*\/0\n\narrived$/);
    hits.length = 0;
    expect(await refusalOf(tool(), { url: `${url}/6` })).toMatch(/more than 5 redirects/);
    expect(hits).toHaveLength(6);
  });

  it.each([
    ["http://10.0.0.1:PORT/", notPublic],
    ["//169.254.169.254:PORT/", notPublic],
    ["http://inner.test:PORT/", notPublic],
    ["http://site.test:22/", /Port 22/],
    ["http://user:word@site.test:PORT/", /user name or a password/],
    ["file:///etc/passwd", /file: can't be fetched/],
    ["http://[", /That is no URL/],
  ])("checks %s as it would check the first", async (location, words) => {
    const { url, port, tool, hits } = await serving((_request, response) => {
      response.writeHead(307, { location: location.replace("PORT", String(port)) }).end();
    });
    const lookup = async (host: string) => [host === "inner.test" ? "192.168.0.1" : "127.0.0.1"];
    expect(await refusalOf(tool({ lookup }), { url })).toMatch(words);
    expect(hits).toEqual(["/"]);
  });

  it("stays with the hosts that are allowed", async () => {
    const { url, port, tool, hits } = await serving((request, response) => {
      if (request.url === "/") response.end("home");
      else response.writeHead(301, { location: `http://other.test:${port}/` }).end();
    });
    const limited = tool({ hosts: ["SITE.test", "*.site.test"] });
    expect(await callTool(limited, { url: `${url}/` })).toMatch(/home$/);
    expect(await callTool(limited, { url: `http://a.b.site.test.:${port}/` })).toMatch(/home$/);
    hits.length = 0;
    for (const host of ["other.test", "evilsite.test", "site.test.evil.test"])
      expect(await answerOf(limited, { url: `http://${host}:${port}/` })).toMatch(
        /can't be asked, only site\.test/,
      );
    expect(hits).toEqual([]);
    expect(await refusalOf(limited, { url: `${url}/away` })).toMatch(
      /redirects elsewhere\. other\.test can't be asked/,
    );
    expect(hits).toEqual(["/away"]);
  });
});
