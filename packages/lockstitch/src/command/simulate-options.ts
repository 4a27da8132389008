import { parseArgs } from "node:util";
import type { Pace, SimulatedRateTier, SimulatorOptions } from "@lockstitch/testing";
import { loadScript } from "./simulate-script.js";

const words = {
  port: { type: "string" },
  script: { type: "string" },
  faults: { type: "string" },
  "rate-limits": { type: "string" },
  pace: { type: "string" },
  key: { type: "string" },
  seed: { type: "string" },
  "retired-models": { type: "boolean" },
} as const;

/** The words of `lockstitch simulate`, as the simulator wants them. @throws Error that says which of them can't be meant. */
export async function simulatorOptions(args: readonly string[]): Promise<SimulatorOptions> {
  const { values } = parseArgs({ args: [...args], options: words });
  const { parseFaults } = await import("@lockstitch/testing");
  return {
    ...given(values.port, (port) => ({ port: parsePort(port) })),
    ...given(values.faults, (faults) => ({ faults: parseFaults(faults) })),
    // The simulator refuses a tier that there is not, and names those that there are.
    ...given(values["rate-limits"], (tier) => ({ rateLimits: tier as SimulatedRateTier })),
    ...given(values.pace, (pace) => ({ pace: parsePace(pace) })),
    ...given(values.key, (key) => ({ apiKey: parseKey(key) })),
    ...given(values.seed, (seed) => ({ seed })),
    ...(values["retired-models"] === true ? { retiredModels: true } : {}),
    ...(values.script === undefined ? {} : { mind: await loadScript(values.script) }),
  };
}

function given(value: string | undefined, options: (value: string) => SimulatorOptions): SimulatorOptions {
  return value === undefined ? {} : options(value);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new RangeError(
      `--port is ${JSON.stringify(text)}; it must be a number from 0 (any free port) to 65535.`,
    );
  return port;
}

function parseKey(text: string): string {
  if (text === "") throw new RangeError("--key is empty; leave it out to take any key.");
  if (!/^[\x21-\x7e]+$/.test(text))
    throw new RangeError(
      "--key has white space or a character beyond ASCII in it, and nobody can send that in a header.",
    );
  return text;
}

const paceNames: ReadonlyMap<string, keyof Pace> = new Map([
  ["first", "timeToFirstTokenMs"],
  ["tokens", "tokensPerSecond"],
  ["chunk", "chunkCharacters"],
]);

/** `first=400,tokens=80,chunk=12`: milliseconds to the first token, tokens a second, characters in each piece. */
function parsePace(text: string): Pace {
  const parts = text.split(",").map((part): [keyof Pace, number] => {
    const [name = "", number = "", ...more] = part.trim().split("=");
    const field = paceNames.get(name);
    if (field === undefined || !/^\d+(\.\d+)?$/.test(number) || more.length > 0) {
      throw new RangeError(
        `--pace has ${JSON.stringify(part)}; it takes first=<milliseconds>, tokens=<a second> and chunk=<characters>, e.g. first=400,tokens=80.`,
      );
    }
    return [field, Number(number)];
  });
  return Object.fromEntries(parts);
}
