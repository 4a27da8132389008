import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createSimulator } from "@lockstitch/testing";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { cities } from "../src/climate-table.js";
import { DEFAULT_MODEL } from "../src/command-line.js";
import { OFFLINE_NOTE } from "../src/offline-weather.js";
import { closedUrl, type OpenMeteoServer, startOpenMeteoServer } from "./open-meteo-server.js";

/** The compiled program: `tsc -b` comes first. */
const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

let nowhere: string;
beforeAll(async () => {
  nowhere = await closedUrl();
});

let server: OpenMeteoServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Variables = Record<string, string>;

function startProgram(words: readonly string[], variables: Variables) {
  // Nothing is inherited: a key in the developer's environment must not make a test talk to Claude.
  const child = spawn(process.execPath, [program, ...words], {
    env: { WEATHER_API_URL: nowhere, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr }),
  );
  return { child, ended };
}

function runProgram(words: readonly string[], variables: Variables = {}) {
  return startProgram(words, variables).ended;
}

/** This month's typical high: what the offline answer has to contain. */
function typicalHigh(name: string): string {
  const city = cities.find((known) => known.name === name);
  return `${city?.high[new Date().getMonth()]} °C`;
}

describe("the program, without a key and without a network", () => {
  it("answers from the tools' results and says that they are no forecast", async () => {
    const { code, stdout, stderr } = await runProgram(["How", "warm is it in", "Oslo?"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(typicalHigh("Oslo"));
    expect(stdout).toContain(OFFLINE_NOTE);
    expect(stderr).toContain("No ANTHROPIC_API_KEY: using the built-in simulator");
    expect(stderr).toContain("find_place");
    expect(stderr).toContain("current_weather");
  });

  it("has a question of its own, about two places", async () => {
    const { code, stdout, stderr } = await runProgram([]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(typicalHigh("Lisbon"));
    expect(stdout).toContain(typicalHigh("Oslo"));
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
      cost: expect.objectContaining({ usd: expect.any(Number) }),
      model: "claude-sonnet-5-5",
      simulated: true,
    });
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

  it("prints its usage with --help", async () => {
    const { code, stdout, stderr } = await runProgram(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Usage: npm start");
  });

  it("ends with 2 and its usage on an unknown option", async () => {
    const { code, stdout, stderr } = await runProgram(["--celsius", "Oslo?"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("--celsius");
    expect(stderr).toContain("Usage: npm start");
  });

  it("talks to the API when there is a key, wherever ANTHROPIC_BASE_URL says", async () => {
    const simulator = await createSimulator({ apiKey: "right" });
    const variables = { ANTHROPIC_API_KEY: "right", ANTHROPIC_BASE_URL: simulator.url };
    const { code, stdout, stderr } = await runProgram(["--json", "How warm is it in Oslo?"], variables);
    await simulator.close();
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain("ANTHROPIC_API_KEY");
    expect(JSON.parse(stdout)).toMatchObject({ simulated: false, model: DEFAULT_MODEL });
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
      ANTHROPIC_BASE_URL: nowhere,
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
