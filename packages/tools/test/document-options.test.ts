import { run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { document, MediaError, tool } from "@lockstitch/tools";
import { describe, expect, test } from "vitest";

const bytes = new TextEncoder().encode("Buy milk.");
const source = { type: "text", media_type: "text/plain", data: "Buy milk." };

describe("the options of document()", () => {
  test.each<[string, unknown, RegExp]>([
    [
      "a misspelt one",
      { citation: true },
      /document\(\) has no option "citation".*title, context, citations/,
    ],
    ["null", null, /options of document\(\) must be an object/],
    ["a text", "A note", /options of document\(\) must be an object/],
    ["a list", [], /options of document\(\) must be an object/],
    ["a title that is no text", { title: 5 }, /title of a document must be a text/],
    ["a title that is null", { title: null }, /title of a document must be a text.*[Ll]eave it out/],
    ["a context that is no text", { context: {} }, /context of a document must be a text/],
    ["citations in words", { citations: "yes" }, /citations of a document must be true or false/],
  ])("%s is refused in words, before anything is read", async (_what, options, words) => {
    const error = await document("/no/such/file", options as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MediaError);
    expect(String(error)).toMatch(words);
  });

  test("a title that the API has no room for is cut, between two characters", async () => {
    const title = `${"x".repeat(498)}🙂🙂🙂`;
    expect(await document(bytes, { title })).toEqual({
      type: "document",
      source,
      title: `${"x".repeat(498)}🙂…`,
    });
    const fits = `${"x".repeat(499)}🙂`;
    expect(await document(bytes, { title: fits })).toEqual({ type: "document", source, title: fits });
  });

  test("an empty title or context, as of a page without one, is left out", async () => {
    expect(await document(bytes, { title: "", context: "" })).toEqual({ type: "document", source });
    expect(await document(bytes, { title: " ", context: "x" })).toEqual({
      type: "document",
      source,
      title: " ",
      context: "x",
    });
  });
});

const long = `${"x".repeat(498)}🙂🙂🙂`;
const wrong: readonly (readonly [what: string, given: object, sent: object])[] = [
  ["an empty title", { title: "", context: "c" }, { context: "c" }],
  ["a title of more than 500 characters", { title: long }, { title: `${"x".repeat(498)}🙂…` }],
  ["an empty context", { title: "t", context: "" }, { title: "t" }],
];

test.each(wrong)(
  "of a block that a tool wrote by hand, %s is made to fit, for the API refuses it",
  async (_what, given, sent) => {
    const block = { type: "document", source, ...given };
    const claude = scripted([[toolUse("note")], "Done."]);
    await run({ tools: [tool({ name: "note", description: "A note.", run: () => block })] }, "Go.", {
      claude,
    });
    expect(claude.requests[1]?.messages.at(-1)?.content).toMatchObject([
      { content: [{ type: "document", source, ...sent }] },
    ]);
    expect(JSON.stringify(claude.requests[1])).not.toContain('""');
  },
);

test.each(wrong)("of what is said, %s is refused in words", async (_what, given) => {
  const block = { type: "document", source, ...given };
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: [block] };
  for (const said of [block, result])
    await expect(run({}, [said] as never, { claude: scripted([]) })).rejects.toThrow(
      /(title|context) must be a text (of 1 to 500 characters|that is not empty), or null/,
    );
});

test("and what fits stays as it is, null too", async () => {
  const right = { type: "document", source, title: "🙂".repeat(500), context: "c" };
  const claude = scripted(["Done.", "Done."]);
  for (const block of [right, { ...right, title: null, context: null }])
    await run({}, [block] as never, { claude });
  expect(claude.requests[0]?.messages).toMatchObject([{ content: [right] }]);
});
