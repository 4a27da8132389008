import { existsSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { anchors, type Document, documents, type Link, links, root } from "./markdown.js";

/** What is wrong with the links of `checked`, which may lead to any of the project's files. */
function problems(checked: readonly Document[], project: readonly Document[]): readonly string[] {
  const headings = new Map(project.map((document) => [document.path, anchors(document)]));
  return checked.flatMap(links).flatMap((link) => {
    const problem = problemOf(link, headings);
    return problem === undefined ? [] : [`${link.path}:${link.line}: ${link.target}: ${problem}`];
  });
}

function problemOf(
  { path, target }: Link,
  headings: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) return undefined;
  const [file = "", fragment = ""] = decodeURIComponent(target).split("#");
  const place = file === "" ? path : posix.join(file.startsWith("/") ? "." : posix.dirname(path), file);
  if (place.startsWith("..")) return "leads out of the repository";
  const anchorsThere = headings.get(place);
  if (anchorsThere === undefined && !existsSync(`${root}/${place}`)) return "there is no such file";
  if (fragment === "" || anchorsThere === undefined || anchorsThere.has(fragment)) return undefined;
  return "there is no such heading";
}

describe("the links of the documentation", () => {
  it("lead to files and headings that exist", () => {
    const project = documents();
    expect(project.flatMap(links).length).toBeGreaterThan(0);
    expect(problems(project, project)).toEqual([]);
  });

  it("would be found out if they did not, by file and line", () => {
    const text = [
      "# A heading",
      "[good](#a-heading) [bad](#another) [file](../package.json) [folder](../packages/core)",
      "[missing](none.md) ![image](none.png 'titled')",
      "[outside](../../none.md) [web](https://example.com/x) [mail](mailto:a@example.com)",
      "`[code](none.md)`",
      "```",
      "[code](none.md)",
      "```",
      "[reference]: none.md#a-heading",
    ].join("\n");
    const document = { path: "docs/made-up.md", text };
    expect(problems([document], [document])).toEqual([
      "docs/made-up.md:2: #another: there is no such heading",
      "docs/made-up.md:3: none.md: there is no such file",
      "docs/made-up.md:3: none.png: there is no such file",
      "docs/made-up.md:4: ../../none.md: leads out of the repository",
      "docs/made-up.md:9: none.md#a-heading: there is no such file",
    ]);
  });
});

describe("anchors", () => {
  it("are made of headings as GitHub makes them", () => {
    const headings = [
      "# What's new?",
      "## `run()` & co",
      "## [A link](x.md)",
      "## Twice",
      "## Twice",
      "```",
      "# code",
      "```",
    ];
    const found = anchors({ path: "a.md", text: headings.join("\n") });
    expect([...found]).toEqual(["whats-new", "run--co", "a-link", "twice", "twice-1"]);
  });
});
