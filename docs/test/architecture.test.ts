import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const git = (...words: string[]) =>
  execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim().split("\n");

it("ARCHITECTURE.md has one line for every source file of the packages, and none for a file that is gone", () => {
  const files = git("ls-files", "--cached", "--others", "--exclude-standard", "packages/*/src/*.ts").filter(
    (file) => git("ls-files", "--deleted", file)[0] !== file,
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
