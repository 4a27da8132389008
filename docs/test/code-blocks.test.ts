import { describe, expect, it } from "vitest";
import { type CodeBlock, codeBlocks, documents } from "./markdown.js";
import { typeCheck } from "./type-check.js";

/** The compiler looks at the sources of all packages too, and this may be a busy machine. */
const timeout = 300_000;

const typeScript = documents()
  .flatMap(codeBlocks)
  .filter(({ language }) => ["ts", "typescript"].includes(language));

function block(code: string): CodeBlock {
  return { path: "docs/made-up.md", line: 7, language: "ts", code };
}

describe("the code blocks of the documentation", () => {
  it(`compile, all ${typeScript.length} of them`, { timeout }, async () => {
    expect(typeScript.length).toBeGreaterThan(0);
    expect(await typeCheck(typeScript)).toEqual([]);
  });

  it("would be found out if one were broken, by file and line", { timeout }, async () => {
    const sound = block(
      'import { run } from "lockstitch";\nexport const text = (await run({}, "Hello")).text;',
    );
    const wrongName = block('import { ran } from "lockstitch";\nran();');
    const wrongType = block(
      'import { run } from "lockstitch";\n\nawait run({ maxTokens: "many" }, "Hello");',
    );
    const problems = await typeCheck([sound, wrongName, wrongType]);
    expect(problems.filter((problem) => problem.startsWith("docs/made-up.md"))).toEqual([
      expect.stringMatching(/^docs\/made-up\.md:7:10: error TS2305: .*'ran'/),
      expect.stringMatching(/^docs\/made-up\.md:9:13: error TS2322: /),
    ]);
  });
});

describe("codeBlocks", () => {
  const found = (lines: readonly string[]) => codeBlocks({ path: "a.md", text: lines.join("\n") });

  it("finds a block with its language, its code and the line that it begins at", () => {
    expect(found(["Text", "```ts", "const a = 1;", "", "const b = 2;", "```", "More"])).toEqual([
      { path: "a.md", line: 3, language: "ts", code: "const a = 1;\n\nconst b = 2;" },
    ]);
  });

  it("does not end a block at a shorter fence, or at one of the other kind", () => {
    expect(found(["````md", "```ts", "~~~", "```", "````", "~~~sh", "ls", "~~~"])).toEqual([
      { path: "a.md", line: 2, language: "md", code: "```ts\n~~~\n```" },
      { path: "a.md", line: 7, language: "sh", code: "ls" },
    ]);
  });

  it("takes a list's indentation off, and no more", () => {
    expect(found(["- An item:", "", "  ```ts", "  if (a)", "    b();", "  ```"])).toEqual([
      { path: "a.md", line: 4, language: "ts", code: "if (a)\n  b();" },
    ]);
  });

  it("takes a fence that is never closed to the end of the document", () => {
    expect(found(["```ts", "const a = 1;"])).toEqual([
      { path: "a.md", line: 2, language: "ts", code: "const a = 1;" },
    ]);
  });
});
