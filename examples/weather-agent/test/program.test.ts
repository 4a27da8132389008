import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createSimulator } from "@lockstitch/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cities } from "../src/climate-table.js";
import { DEFAULT_MODEL } from "../src/command-line.js";
import { OFFLINE_NOTE } from "../src/offline-weather.js";
import { closedUrl, type OpenMeteoServer, startOpenMeteoServer } from "./open-meteo-server.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

/** The compiled program: `tsc -b` comes first. */
const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

let server: OpenMeteoServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Variables = Record<string, string>;

interface Streams {
  readonly stdin?: "ignore" | "pipe";
  /** A pipe is read; a number is an open file. */
  readonly stdout?: "pipe" | number;
}

function startProgram(
  words: readonly string[],
  variables: Variables,
  { stdin = "ignore", stdout = "pipe" }: Streams = {},
) {
  // Nothing is inherited: a key in the developer's environment must not make a test talk to Claude.
  const child = spawn(process.execPath, [program, ...words], {
    // Nor the time zone, by which it may be another month there than here.
    env: { WEATHER_API_URL: closedUrl, TZ: "UTC", ...variables },
    stdio: [stdin, stdout, "pipe"],
  });
  const ended = Promise.all([once(child, "close"), wordsOf(child.stdout), wordsOf(child.stderr)]).then(
    ([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr }),
  );
  return { child, ended };
}

/** Nothing of a stream that is no pipe, or that nobody reads any more. */
async function wordsOf(stream: Readable | null): Promise<string> {
  return stream === null ? "" : text(stream).catch(() => "");
}

function runProgram(words: readonly string[], variables: Variables = {}) {
  return startProgram(words, variables).ended;
}

/** One line on standard error after all that was told of the run, and no stack. */
function lastLine(stderr: string): string | undefined {
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr.trimEnd().split("\n").at(-1);
}

const begunIn = new Date().getUTCMonth();

/** What the offline answer has to contain: the typical high of this month, or of the one in which these tests began. */
function typicalHigh(name: string): RegExp {
  const city = cities.find((known) => known.name === name);
  const highs = [begunIn, new Date().getUTCMonth()].map((month) => city?.high[month]);
  return new RegExp(`(?<![-\\d])(${highs.join("|")}) °C`);
}

describe("the program, without a key and without a network", () => {
  it("answers from the tools' results and says that they are no forecast", async () => {
    const { code, stdout, stderr } = await runProgram(["How", "warm is it in", "Oslo?"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(typicalHigh("Oslo"));
    expect(stdout).toContain(OFFLINE_NOTE);
    expect(stderr).toContain("No ANTHROPIC_API_KEY: using the built-in simulator");
    expect(stderr).toContain("find_place");
    expect(stderr).toContain("current_weather");
  });

  it("has a question of its own, about two places", async () => {
    const { code, stdout, stderr } = await runProgram([]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(typicalHigh("Lisbon"));
    expect(stdout).toMatch(typicalHigh("Oslo"));
  });

  it("prints one JSON object with --json", async () => {
    const { code, stdout, stderr } = await runProgram([
      "--json",
      "--model",
      "claude-sonnet-5-5",
      "Rain in Tokyo tomorrow?",
    ]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      question: "Rain in Tokyo tomorrow?",
      answer: expect.stringContaining(OFFLINE_NOTE),
      steps: 3,
      usage: expect.objectContaining({ output_tokens: expect.any(Number) }),
      model: "claude-sonnet-5-5",
      simulated: true,
    });
    // Nothing was spent, and nothing looks as if it had been.
    expect(stderr).not.toContain("$");
  });

  it("takes the line that is piped in as the question", async () => {
    const { child, ended } = startProgram([], {}, { stdin: "pipe" });
    child.stdin?.end("How warm is it in Rome?\n");
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(typicalHigh("Rome"));
  });

  it("does not wait for a pipe that nobody writes to, not even to end", async () => {
    const { child, ended } = startProgram([], {}, { stdin: "pipe" });
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(typicalHigh("Lisbon"));
    child.stdin?.destroy();
  });

  it("does not look at a pipe where the question is given", async () => {
    const { child, ended } = startProgram(["How warm is it in Oslo?"], {}, { stdin: "pipe" });
    child.stdin?.write("How warm is it in Rome?\n");
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(typicalHigh("Oslo"));
    child.stdin?.destroy();
  });

  it("ends with 1 and without a word where nobody reads the answer any more", async () => {
    const { child, ended } = startProgram(["How warm is it in Oslo?"], {});
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(lastLine(stderr)).toMatch(/end_turn/);
  });

  it("goes on where nobody reads what it tells of the run", async () => {
    const { child, ended } = startProgram(["How warm is it in Oslo?"], {});
    child.stderr?.destroy();
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(typicalHigh("Oslo"));
  });

  it.skipIf(!existsSync("/dev/full"))("ends with 1 and one line where the disk is full", async () => {
    for (const words of [["How warm is it in Oslo?"], ["--help"]]) {
      const full = openSync("/dev/full", "w");
      const { code, stderr } = await startProgram(words, {}, { stdout: full }).ended;
      closeSync(full);
      expect(code).toBe(1);
      expect(lastLine(stderr)).toBe("Nothing printed: standard output can't be written to (ENOSPC).");
    }
  });

  it("answers although a place is unknown", async () => {
    const { code, stdout, stderr } = await runProgram(["What is the weather in Atlantis?"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("Atlantis");
  });
});

describe("the program", () => {
  it("shows the weather of now where the service answers", async () => {
    server = await startOpenMeteoServer(({ pathname }) =>
      pathname === "/v1/search"
        ? { body: { results: [{ name: "Oslo", country: "Norway", latitude: 59.91, longitude: 10.75 }] } }
        : {
            body: {
              current: {
                time: "2026-11-22T15:00",
                weather_code: 75,
                temperature_2m: -3.7,
                apparent_temperature: -9.2,
                relative_humidity_2m: 91,
                wind_speed_10m: 20.5,
              },
            },
          },
    );
    const { code, stdout, stderr } = await runProgram(["How warm is it in Oslo right now?"], {
      WEATHER_API_URL: server.url,
    });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("-3.7 °C");
    expect(stdout).not.toContain("offline");
  });

  it("prints what a stranger wrote without obeying it", async () => {
    const country = "Norway\u001b[2J\u0007";
    server = await startOpenMeteoServer(() => ({
      body: { results: [{ name: "Oslo", country, latitude: 59.91, longitude: 10.75 }] },
    }));
    for (const options of [[], ["--json"]]) {
      const { code, stdout } = await runProgram([...options, "Where is Oslo?"], {
        WEATHER_API_URL: server.url,
      });
      expect(code).toBe(0);
      expect(stdout).toContain("Norway");
      expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    }
  });

  it("prints its usage with --help", async () => {
    const { code, stdout, stderr } = await runProgram(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Usage: npm start");
  });

  it.each([["--celsius"], ["--model", ""]])("ends with 2 and its usage on %j", async (option, ...value) => {
    const { code, stdout, stderr } = await runProgram([option, ...value, "Oslo?"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(option);
    expect(stderr).toContain("Usage: npm start");
  });

  it("talks to the API when there is a key, wherever ANTHROPIC_BASE_URL says", async () => {
    const simulator = await createSimulator({ apiKey: "right" });
    const variables = { ANTHROPIC_API_KEY: "right", ANTHROPIC_BASE_URL: simulator.url };
    const { code, stdout, stderr } = await runProgram(["--json", "How warm is it in Oslo?"], variables);
    await simulator.close();
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain("ANTHROPIC_API_KEY");
    expect(JSON.parse(stdout)).toMatchObject({
      simulated: false,
      model: DEFAULT_MODEL,
      cost: { usd: expect.any(Number) },
    });
    expect(stderr).toMatch(/^● end_turn .* · \$[\d.]+/m);
    expect(simulator.requests.length).toBe(3);
  });

  it("ends with 1 and says so when the key is refused", async () => {
    const simulator = await createSimulator({ apiKey: "right" });
    const variables = { ANTHROPIC_AUTH_TOKEN: "wrong", ANTHROPIC_BASE_URL: simulator.url };
    const { code, stdout, stderr } = await runProgram(["Oslo?"], variables);
    await simulator.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^No answer: .*refused the key/m);
    expect(stderr).not.toContain("wrong");
  });

  it("ends with 1 and one helpful line when Claude can't be reached", async () => {
    const { code, stdout, stderr } = await runProgram(["Oslo?"], {
      ANTHROPIC_API_KEY: "sk-ant-secret",
      ANTHROPIC_BASE_URL: closedUrl,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^No answer: .*unset ANTHROPIC_API_KEY/m);
    expect(stderr).not.toContain("simulator,");
    expect(stderr).not.toContain("sk-ant-secret");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("ends cleanly with 130 on Ctrl-C while a tool is running", async () => {
    let interrupt = () => {};
    server = await startOpenMeteoServer(() => {
      interrupt();
      return "hang";
    });
    const { child, ended } = startProgram(["How warm is it in Oslo?"], { WEATHER_API_URL: server.url });
    interrupt = () => child.kill("SIGINT");
    const { code, signal, stdout, stderr } = await ended;
    expect({ code, signal, stdout }).toEqual({ code: 130, signal: null, stdout: "" });
    expect(stderr).toMatch(/\nInterrupted\.\n$/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
