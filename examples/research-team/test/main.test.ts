import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Runs the built example as a user would, without a key. */
function play(...words: string[]) {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_AUTH_TOKEN: _token, ...env } = process.env;
  return spawnSync(process.execPath, [main, ...words], { encoding: "utf8", env });
}

it("has three researchers work at once, asks a person for one of them, and answers when all are done", () => {
  expect(play()).toMatchObject({
    stdout: `3 researchers at once
a person is asked: buy_report {"title":"Trams in numbers","usd":40}? yes
(Simulated.) 4,100 people a day take the bus up the hill. The main street is 14 metres wide, wide enough for two tracks. A tram line of this length costs 31 million, and 2 million a year.
lead: 2 model calls
researcher: 7 model calls
`,
    stderr: "",
    status: 0,
  });
});

it("answers without the report where the person says no", () => {
  const { stdout } = play("no");
  expect(stdout).toContain("? no\n");
  expect(stdout).toContain("What it costs is in a report that was not bought.");
});
