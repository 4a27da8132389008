import { AgentError, memoryStore, run, steer } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { expect, it } from "vitest";
import { fitResults, maxHistorySize, maxImagesOf, sizeOf } from "../src/pure/size.js";
import { handTool } from "./helpers.js";

const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Nearly ten million characters in base64. */
const largeImage = () => {
  const bytes = new Uint8Array(7_400_000);
  bytes.set(png);
  return bytes;
};

const imageOf = (length: number) => ({
  type: "image" as const,
  source: { type: "base64" as const, media_type: "image/png" as const, data: "A".repeat(length) },
});

it("results that are together too large for a request are left out, in order, with a note for the model", async () => {
  const photo = handTool("photo", largeImage);
  const calls = [1, 2, 3, 4].map(() => toolUse("photo"));
  const { messages } = await run({ tools: [photo] }, "Go.", { claude: scripted([calls, calls, "Done."]) });
  const contents = messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_result" ? [block.content] : [])),
  );
  const isShown = contents.map((content) => typeof content !== "string");
  expect(isShown).toEqual([true, true, false, false, false, false, false, false]);
  expect(contents[2]).toMatch(/^\[cut: a result of \d+ characters\. .* no room/);
  expect(sizeOf(messages)).toBeLessThan(maxHistorySize);
});

it("more images than a request takes are left out, in order, and of an input refused", async () => {
  const album = handTool("album", () => Array.from({ length: 60 }, () => imageOf(8)));
  const calls = [toolUse("album"), toolUse("album")];
  const model = "claude-haiku-4-5";
  const store = memoryStore();
  const options = { claude: scripted([calls, "Done.", "Fine."]), store, session: "s" };
  const { messages } = await run({ tools: [album], model }, "Go.", options);
  expect(messages[2]?.content).toMatchObject([
    { content: { length: 60 } },
    { content: /60 images. A request takes 100/ },
  ]);
  const many = [{ role: "user" as const, content: Array.from({ length: 41 }, () => imageOf(8)) }];
  await expect(run({ tools: [album], model }, many, options)).rejects.toThrow(/more than 100 images/);
  expect(await run({ tools: [album], model }, "And?", options)).toMatchObject({ text: "Fine." });
  expect(maxImagesOf("claude-opus-5-5")).toBe(600);
});

it("a short result is never left out", () => {
  const full = [{ role: "user" as const, content: [imageOf(maxHistorySize)] }];
  const results = ["short", "x".repeat(201)].map((content, index) => ({
    type: "tool_result" as const,
    tool_use_id: `toolu_${index}`,
    content,
    is_error: true,
  }));
  const fitted = fitResults(full, results, 100);
  expect(fitted[0]).toBe(results[0]);
  expect(fitted[1]).toMatchObject({ tool_use_id: "toolu_1", is_error: true, content: /^\[cut: / });
  expect(fitResults([], results, 100)).toEqual(results);
});

it("an input that its session has no room for is not taken, and the session goes on without it", async () => {
  const store = memoryStore();
  const large = { role: "user" as const, content: [imageOf(15_000_000)] };
  const claude = scripted(["Nice.", "Small."]);
  await run({}, [large], { claude, store, session: "s" });
  const refused = run({}, [large], { claude, store, session: "s" });
  await expect(refused).rejects.toThrow(AgentError);
  await expect(refused).rejects.toThrow(/150000\d\d characters.*not taken.*URLs/);
  expect(await run({}, "And this?", { claude, store, session: "s" })).toMatchObject({ text: "Small." });
});

it("what is said to a running agent is refused where there is no room for it", async () => {
  const store = memoryStore();
  const large = { role: "user" as const, content: [imageOf(15_000_000)] };
  let refused: unknown;
  const look = handTool("look", async (_input, { session }) => {
    await steer(store, session, "Hurry!");
    refused = await steer(store, session, [large]).catch((error: unknown) => error);
  });
  const options = { claude: scripted([[toolUse("look")], "Done."]), store, session: "s" };
  await run({ tools: [look] }, [large], options);
  expect(refused).toBeInstanceOf(AgentError);
});
