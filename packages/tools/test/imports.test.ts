import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));

function importedBySource(): Set<string> {
  const names = readdirSync(source).filter((name) => name.endsWith(".ts"));
  const files = names.map((file) => readFileSync(join(source, file), "utf8"));
  // `import type` leaves nothing behind.
  const statements = files.flatMap((text) => [
    ...text.matchAll(/^(?:import|export)(?! type)[^;]*? from "([^"]+)"/gm),
  ]);
  return new Set(statements.map((found) => found[1] as string).filter(isNoSibling));
}

/** A file beside it. What is in a folder, like the handy tools, is an entry point of its own. */
function isNoSibling(name: string): boolean {
  return !/^\.\/[^/]+$/.test(name);
}

/** Every file that loading `name` loads, by the CommonJS build, which has the same graph. */
function loadedBy(name: string): Set<string> {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, inner] of readFileSync(file, "utf8").matchAll(/require\("([^"]+)"\)/g)) {
      visit(createRequire(file).resolve(inner as string));
    }
  };
  visit(createRequire(join(source, "index.ts")).resolve(name));
  return seen;
}

test("importing the package loads the core of zod, and not the rest of it", () => {
  const names = importedBySource();
  expect([...names].sort()).toEqual(["@lockstitch/core", "zod-to-json-schema", "zod/v3", "zod/v4/core"]);
  const files = ["zod-to-json-schema", "zod/v3", "zod/v4/core"].flatMap((name) => [...loadedBy(name)]);
  const folders = new Set(files.map((file) => dirname(file).replaceAll("\\", "/").split("/zod/")[1]));
  expect(folders).toContain("v4/core");
  expect(folders).not.toContain("v4/classic");
  expect(folders).not.toContain("v4/mini");
});
