import { run } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { stateOf } from "../src/state-of.js";
import { simulated } from "./simulated.js";

/** An API that no longer has a file, once it is deleted, and says so in these words. */
async function play(words: (id: string) => string = (id) => `File not found: ${id}`) {
  const deleted: string[] = [];
  const { options, statuses } = await simulated(({ messages }) => {
    const id = deleted.find((one) => JSON.stringify(messages).includes(`"${one}"`));
    return id === undefined
      ? { content: "Seen." }
      : { status: 404, error: { type: "not_found_error", message: words(id) } };
  });
  return {
    options,
    deleted,
    statuses,
    content: async () => (await stateOf(options.store, "s")).messages[0]?.content,
  };
}

const text = (words: string) => ({ type: "text" as const, text: words });
const of = (type: "image" | "document", id: string) => ({ type, source: { type: "file", file_id: id } });
const said = (...blocks: readonly object[]) => [...blocks, text("Look.")] as Parameters<typeof run>[1];

describe("a file that is deleted at the API", () => {
  it("gives way to a note, other files stay, and the session goes on", async () => {
    const { options, deleted, statuses, content } = await play();
    await run({}, said(of("image", "file_01"), of("image", "file_011"), of("document", "file_01")), options);
    deleted.push("file_01");
    expect(await run({}, "And?", options)).toMatchObject({ reason: "end_turn" });
    expect(await run({}, "Sure?", options)).toMatchObject({ reason: "end_turn" });
    expect(statuses()).toEqual([200, 404, 200, 200]);
    expect(await content()).toEqual([
      text("[cut: an image: the API no longer has its file.]"),
      of("image", "file_011"),
      text("[cut: a document: the API no longer has its file.]"),
      text("Look."),
    ]);
  });

  it("does so one by one where several are", async () => {
    const { options, deleted, statuses } = await play();
    await run({}, said(of("image", "file_01"), of("image", "file_02")), options);
    deleted.push("file_01", "file_02");
    expect(await run({}, "And?", options)).toMatchObject({ reason: "end_turn" });
    expect(statuses()).toEqual([200, 404, 404, 200]);
  });

  it.each(["model: claude-file_01", "Not Found", "container: container_file_01 not found"])(
    "stays where it is something else that was not found: %s",
    async (words) => {
      const { options, deleted, statuses, content } = await play(() => words);
      await run({}, said(of("image", "file_01")), options);
      deleted.push("file_01");
      await expect(run({}, "And?", options)).rejects.toMatchObject({ status: 404 });
      expect(statuses()).toEqual([200, 404]);
      expect(await content()).toEqual([of("image", "file_01"), text("Look.")]);
    },
  );
});
