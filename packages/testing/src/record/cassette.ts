import { readFileSync } from "node:fs";
import type Anthropic from "@anthropic-ai/sdk";
import { type ModelRequest, messageOf, type StreamEvent, type Wait } from "@lockstitch/core";
import type { Exchange } from "../simulator/minds/recording-mind.js";
import { faultOfCall } from "./check-call.js";
import { CassetteError } from "./errors.js";
import { isObject } from "./is-object.js";
import type { RecordedError } from "./recorded-error.js";

/** The first line of every cassette. A newer version may add fields, which older ones ignore; what they can't ignore raises the number. */
export interface CassetteHeader {
  readonly format: "lockstitch.cassette";
  readonly version: 1;
}

export const header: CassetteHeader = { format: "lockstitch.cassette", version: 1 };

/** A line of a cassette: one call of a Claude function, with what came of it. */
export type CassetteCall = {
  /** Its place in the order of asking, from 1; lines stand in the order of answering. Older cassettes have none. */
  readonly asked?: number;
  /** Whose call it was; a subagent's begins with that of the session above it and a colon. Older cassettes have none. */
  readonly session?: string;
  readonly request: ModelRequest;
  /** Everything that was emitted, in order, without its timing. */
  readonly events: readonly (StreamEvent | Wait)[];
} & ({ readonly message: Anthropic.Message } | { readonly error: RecordedError });

/**
 * The calls of a cassette, in the order in which they were asked; of an older one, in which they were answered. A last line that a
 * crash cut off is left out.
 * Throws `CassetteError` for a file that is not there or no cassette, and for one of a version that this one can't read.
 */
export function readCassette(file: string): readonly CassetteCall[] {
  return wholeLines(readText(file), file)
    .slice(1)
    .map((line, index) => parseCall(line, `${file}, line ${index + 2}`))
    .map((call, index) => ({ call, place: call.asked ?? index + 1 }))
    .sort((a, b) => a.place - b.place)
    .map(({ call }) => call);
}

/** How many calls were asked for so far, by what stands in these lines. */
export function askedIn([_header, ...lines]: readonly string[]): number {
  return lines.reduce((most, line, index) => {
    const asked = parse(line)?.asked;
    return Math.max(most, index + 1, typeof asked === "number" ? asked : 0);
  }, 0);
}

/** A cassette as the `recordingMind` of a simulator plays it: what failed without an answer of the API is left out. */
export function exchangesOf(calls: readonly CassetteCall[]): readonly Exchange[] {
  return calls.flatMap((call): readonly Exchange[] => {
    if ("message" in call) return [{ request: call.request, reply: { message: call.message } }];
    const { status, type, apiMessage, details, headers, message } = call.error;
    if (status === undefined) return [];
    const error = { type: type ?? "api_error", message: apiMessage ?? message, details };
    return [
      { request: call.request, reply: { status, error, ...(headers === undefined ? {} : { headers }) } },
    ];
  });
}

/** The lines that were written whole, the header among them. Throws `CassetteError` where that is not one. */
export function wholeLines(text: string, file: string): readonly string[] {
  // An editor may have put a byte order mark before it, which JSON does not know.
  const lines = text.replace(/^\ufeff/, "").split("\n");
  // After the last line break: nothing, a line that was never finished, or one whose line break an editor took away.
  if (parse(lines.at(-1) ?? "") === undefined) lines.pop();
  checkHeader(lines[0], file);
  return lines;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CassetteError(
      `The recording ${file} can't be read (${messageOf(error)}). Make it with record(claude, file).`,
      { cause: error },
    );
  }
}

function checkHeader(line: string | undefined, file: string): void {
  const { format, version } = (line === undefined ? undefined : parse(line)) ?? {};
  if (format !== header.format)
    throw new CassetteError(
      `${file} is no recording: its first line is not that of a cassette. Nothing was changed.`,
    );
  if (typeof version !== "number")
    throw new CassetteError(
      `${file}, line 1 must have the number ${header.version} as its version, and has ${JSON.stringify(version) ?? "none"}. Somebody changed the file; record it again.`,
    );
  if (version !== header.version)
    throw new CassetteError(
      `${file} is a cassette of version ${String(version)}, and this is made for version ${header.version}. Use a newer @lockstitch/testing, or record it again.`,
    );
}

function parseCall(line: string, place: string): CassetteCall {
  const call = parse(line);
  const fault = faultOfCall(call);
  if (fault !== undefined)
    throw new CassetteError(
      `${place} is not a recorded call: ${fault}. Somebody changed the file; record it again.`,
    );
  return { events: [], ...call } as unknown as CassetteCall;
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
