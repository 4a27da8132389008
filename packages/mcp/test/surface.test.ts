import { readdirSync, readFileSync } from "node:fs";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, it } from "vitest";
import * as mcp from "../src/index.js";
import { version } from "../src/version.js";
import { listen } from "./support.js";

it("has these names and no others", () => {
  expect(Object.keys(mcp).sort()).toEqual(["McpError", "mcpTools", "serveMcp"]);
});

it("says the version that its package has, to servers and to clients", async () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  expect(version).toBe((JSON.parse(read("../package.json")) as { version: string }).version);
  const said: unknown[] = [];
  const url = await listen(async (request) => {
    said.push(await request.clone().json());
    return new Response(null, { status: 404 });
  });
  await expect(mcp.mcpTools({ name: "x", url })).rejects.toThrow();
  expect(JSON.stringify(said)).toContain(`"name":"lockstitch","version":"${version}"`);
  const { fetch } = mcp.serveMcp({}, { description: "Knows things." });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(await listen(fetch))));
  expect(client.getServerVersion()).toEqual({ name: "ask", version });
  await client.close();
});

it("loads the protocol's code, and Node's modules, only where they are used", () => {
  const folder = new URL("../src/", import.meta.url);
  const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
  const imports = sources.flatMap((source) => source.match(/^import .* from ".*"/gm) ?? []);
  expect(imports.filter((line) => /modelcontextprotocol|node:/.test(line)).length).toBeGreaterThan(0);
  expect(
    imports.filter((line) => /modelcontextprotocol|node:/.test(line) && !/^import type /.test(line)),
  ).toEqual([]);
});
