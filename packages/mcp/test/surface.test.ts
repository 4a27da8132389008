import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as mcp from "../src/index.js";

it("has these names and no others", () => {
  expect(Object.keys(mcp).sort()).toEqual(["McpError", "mcpTools", "serveMcp"]);
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
