import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const packages = new URL("packages/", root);
const sources = (name: string) => new URL(`${name}/src/`, packages);

it("ARCHITECTURE.md has one line for every source file of the packages, and none for a file that is gone", () => {
  const files = readdirSync(packages)
    .filter((name) => existsSync(sources(name)))
    .flatMap((name) =>
      readdirSync(sources(name), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => `packages/${name}/src/${file}`),
    );
  let room = "";
  const listed: string[] = [];
  for (const line of readFileSync(new URL("ARCHITECTURE.md", root), "utf8").split("\n")) {
    room = /^## (packages\/[a-z]+)/.exec(line)?.[1] ?? room;
    const file = /^\| `(src\/[^`]+)`\s*\|/.exec(line)?.[1];
    if (file !== undefined) listed.push(`${room}/${file}`);
  }
  expect(listed.sort()).toEqual(files.sort());
});
