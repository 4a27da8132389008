import { existsSync, readdirSync, readFileSync } from "node:fs";
import type {
  Message,
  MessageCreateParams,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/messages";

/** Traffic of the real API, recorded by others. It lies beside the project, not in it, so it may be missing. */
const folder = new URL("../../../../shared/recordings/", import.meta.url);
export const areThere: boolean = existsSync(folder);
export const unlessMissing: string = areThere ? "" : " (skipped: there are no recordings beside the project)";

/** What betas a request named was not recorded: those that its fields need. */
export const recordedBetas: readonly string[] = ["structured-outputs-2025-11-13", "compact-2026-01-12"];

export interface RecordedExchange {
  /** The conversation it is of, and its place in there. */
  readonly name: string;
  readonly endpoint: string;
  readonly request: MessageCreateParams;
  readonly status: number;
  /** What came back, as text: JSON or events. */
  readonly body: string;
  readonly isStream: boolean;
  /** Some were cut off by those who recorded them. */
  readonly isWhole: boolean;
}

/** Every recorded `POST` to the Messages API and its neighbours, in order. */
export function recordedExchanges(): readonly RecordedExchange[] {
  if (!areThere) return [];
  return lines(new URL("http-exchanges.jsonl", folder)).map((line) => {
    const { path, i, url, request, status, json, sse, raw, headers } = JSON.parse(line);
    return {
      name: `${path} ${i}`,
      endpoint: new URL(url).pathname,
      request,
      status,
      body: sse ?? (raw === undefined ? JSON.stringify(json) : Buffer.from(raw, "base64").toString("utf8")),
      isStream: String(headers["content-type"]).startsWith("text/event-stream"),
      isWhole: raw === undefined || raw.length < 2_000,
    };
  });
}

/** Streams recorded event by event, by the name of their file. */
export function recordedStreams(): readonly (readonly [string, readonly RawMessageStreamEvent[]])[] {
  return files(".chunks.txt").map((name) => [
    name,
    lines(new URL(name, chunks)).map((line) => JSON.parse(line) as RawMessageStreamEvent),
  ]);
}

/** Messages recorded whole, by the name of their file. */
export function recordedMessages(): readonly (readonly [string, Message])[] {
  return files(".json").map((name) => [name, JSON.parse(readFileSync(new URL(name, chunks), "utf8"))]);
}

const chunks = new URL("sse-chunks/", folder);

function files(ending: string): readonly string[] {
  return areThere ? readdirSync(chunks).filter((name) => name.endsWith(ending)) : [];
}

function lines(file: URL): readonly string[] {
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

/** The events of a stream, as they went over the wire. */
export function eventsIn(sse: string): RawMessageStreamEvent[] {
  return sse
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line): RawMessageStreamEvent => JSON.parse(line.slice(6)));
}

/** A message out of its events, as plainly as can be. */
export function assemble(events: readonly RawMessageStreamEvent[]): Message {
  const first = events[0];
  if (first?.type !== "message_start") throw new Error("no message_start");
  const message = structuredClone(first.message);
  const json = new Map<number, string>();
  for (const event of events) {
    if (event.type === "content_block_start")
      message.content[event.index] = structuredClone(event.content_block);
    if (event.type === "message_delta") {
      const { type: _, delta, usage, ...rest } = event;
      Object.assign(message, rest, delta, { usage: { ...message.usage, ...usage } });
    }
    if (event.type !== "content_block_delta") continue;
    addDelta(message.content[event.index] as unknown as Record<string, unknown>, event.delta);
    if (event.delta.type === "input_json_delta")
      json.set(event.index, (json.get(event.index) ?? "") + event.delta.partial_json);
  }
  for (const [index, text] of json) {
    if (text !== "") (message.content[index] as { input?: unknown }).input = JSON.parse(text);
  }
  return message;
}

function addDelta(block: Record<string, unknown>, delta: object): void {
  for (const [name, value] of Object.entries(delta)) {
    if (name === "type" || name === "partial_json") continue;
    if (name === "citation") block.citations = [...((block.citations as unknown[]) ?? []), value];
    else if (name === "signature" || typeof value !== "string") block[name] = value;
    else block[name] = `${block[name] ?? ""}${value}`;
  }
}
