import { execFileSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run, type Tool } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import { scripted, toolUse } from "@lockstitch/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { encodeLine } from "../src/file/record.js";
import { afterAKill, all, begin, freshStore, said } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

const page = readFileSync(new URL("../../../docs/file-store.md", import.meta.url), "utf8");

/** The commands of the page, each with the output that stands under it. */
const commands = [...page.matchAll(/```sh\n(.*?)\n```\n(?:\n```text\n(.*?)\n```)?/gs)].map(
  ([, command = "", output]) => ({
    command,
    output,
  }),
);

const hasJq = (() => {
  try {
    execFileSync("jq", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

const here = dirname(temporaryDirectory());
const directory = join(here, ".lockstitch");
const shell = (command: string, cwd = here) => execFileSync("sh", ["-c", command], { cwd, encoding: "utf8" });

const getWeather: Tool = {
  name: "get_weather",
  effects: "none",
  parse: (input) => input,
  run: () => "4 °C",
};

beforeAll(async () => {
  const claude = scripted([[toolUse("get_weather", { location: "Oslo" })], "Wear a warm coat."]);
  await run({ tools: [getWeather] }, "What should I wear?", {
    claude,
    store: fileStore(directory),
    session: "weather",
  });
  // The directory is let go of a moment after the run. Until then, its index may be half written.
  await vi.waitFor(() => expect(readdirSync(join(directory, "lock"))[0]).toMatch(/released$/), 10_000);
}, 30_000);

describe.skipIf(!hasJq)("the commands of docs/file-store.md", () => {
  it("are all of them run here", () => {
    expect(commands).toHaveLength(4);
  });

  for (const { command, output } of commands) {
    it(`say what the page says: ${command}`, () => {
      const said = shell(command);
      expect(said.trimEnd()).not.toBe("");
      // The page shows where the output begins.
      if (output !== undefined) expect(said.startsWith(output)).toBe(true);
    });
  }

  it("pass over torn ends, what was written too late, and what stands twice, as the store itself does", async () => {
    const parent = dirname(temporaryDirectory());
    const torn = join(parent, ".lockstitch");
    const log = await begin(freshStore(torn), "s");
    await log.append([said("on disk: ä")], { barrier: true });
    await log.append([said("not known to be on disk")]);
    const heir = freshStore(torn, {}, afterAKill);
    const next = await heir.open("s", "me");
    // The owner before was only asleep, and writes on.
    const late = JSON.stringify({ session: "s", seq: 4, at: 7, type: "late" });
    appendFileSync(join(torn, "00000001.jsonl"), `${encodeLine(`"e":${late}}`)}{"c":"1234\xff`);
    await next.append([said("by the heir")], { barrier: true });
    appendFileSync(join(torn, "00000002.jsonl"), '{"c":"5678');
    const raw = readFileSync(join(torn, "00000001.jsonl"), "utf8");
    expect(raw.match(/"seq":/g)).toHaveLength(4);
    const shown = shell(commands.at(-1)?.command ?? "", parent)
      .trimEnd()
      .split("\n");
    const events = await all(heir.read("s"));
    expect(events).toHaveLength(4);
    expect(shown.map((line) => JSON.parse(line))).toEqual(
      events.map(({ session, seq, type }) => [session, seq, type]),
    );
  });
});

describe("the files that docs/file-store.md names", () => {
  it("are those in the directory", () => {
    expect(readdirSync(directory).sort()).toEqual(["00000001.index", "00000001.jsonl", "inbox", "lock"]);
    expect(page).toContain("00000001.jsonl");
    for (const [line] of page.matchAll(/^\| `(\{"c".*?)` \|/gm))
      expect(line).toMatch(/"(segment|e|writer)":/);
  });

  it("have lines as the page describes them", () => {
    const lines = readFileSync(join(directory, "00000001.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines[0]).toMatch(
      /^\{"c":"[0-9a-f]{8}","segment":\{"format":1,"number":1,"epoch":1,"at":\d+,"ends":\{\}\}\}$/,
    );
    expect(lines[1]).toMatch(
      /^\{"c":"[0-9a-f]{8}","n":2,"e":\{"session":"weather","seq":1,"at":\d+,"type":"session.start",/,
    );
  });
});
