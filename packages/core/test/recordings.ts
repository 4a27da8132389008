import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type Anthropic from "@anthropic-ai/sdk";

/** Real traffic with the API, recorded by others. It lies beside the repository, not in it. */
const folder: URL = new URL("../../../../shared/recordings/", import.meta.url);

/** Tests that need the recordings skip where this is false. */
export const found: boolean = existsSync(folder);
const why = `there is no ${fileURLToPath(folder)}, so no recorded traffic was tried`;
/** Ends the title of a test that skips. */
export const absent: string = found ? "" : ` (SKIPPED: ${why})`;
// A reporter may leave out the titles of skipped tests.
if (!found) console.warn(`Skipped: ${why}.`);

/** An event of a stream as it was recorded; nothing is assumed of it but that it has a type. */
export type RecordedEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface RecordedStream {
  readonly name: string;
  /** The body as it came over the wire; the chunk files, which hold bare events, are written as one. */
  readonly body: string;
  readonly events: readonly RecordedEvent[];
}

export interface RecordedMessage {
  readonly name: string;
  readonly message: Anthropic.Message;
}

export interface Exchange {
  readonly request: Anthropic.MessageCreateParams;
  /** As far as it was recorded: some bodies were cut after 1,500 bytes. */
  readonly body: string;
  readonly isStream: boolean;
  /** The request that follows in the same conversation. */
  readonly next: Anthropic.MessageCreateParams | undefined;
}

export interface Conversation {
  readonly name: string;
  readonly exchanges: readonly Exchange[];
}

interface Row {
  readonly repo: string;
  readonly path: string;
  readonly i: number;
  readonly method: string;
  readonly url: string;
  readonly request: Anthropic.MessageCreateParams;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: object;
  readonly sse?: string;
  /** Base64 of the body's first 1,500 bytes, where it holds more than ASCII. */
  readonly raw?: string;
}

const rows: readonly Row[] = lines("http-exchanges.jsonl").map((line) => JSON.parse(line) as Row);

export const exchangeCount: number = rows.length;

const posts: readonly Row[] = rows.filter(
  ({ method, url }) => method.toLowerCase() === "post" && /\/v1\/messages(\?|$)/.test(url),
);
const calls: readonly Row[] = posts.filter(({ status }) => status === 200);

/** Calls that the API refused. */
export const errors: readonly { readonly name: string; readonly status: number; readonly body: string }[] =
  posts
    .filter(({ status }) => status !== 200)
    .map((row) => ({ name: nameOf(row), status: row.status, body: bodyOf(row) }));

const recordedStreams: readonly RecordedStream[] = calls
  .filter((row) => row.sse !== undefined || (row.raw !== undefined && isStream(row)))
  .map((row) => ({ name: nameOf(row), body: bodyOf(row), events: parseBody(bodyOf(row)) }));

/** Streams that arrived whole. A chunk file may hold the replies of several calls, one after the other: each is a stream. */
export const streams: readonly RecordedStream[] = [
  ...recordedStreams.filter(({ events }) => isWholeStream(events)),
  ...files(".chunks.txt").flatMap(readChunks),
];

/** Replies of several calls in one chunk file: each goes on from the one before and the tool results in between. */
export const chains: readonly { readonly name: string; readonly replies: readonly RecordedStream[] }[] =
  files(".chunks.txt")
    .map((name) => ({ name, replies: readChunks(name) }))
    .filter(({ replies }) => replies.length > 1);

/** Streams whose end the recorder did not keep. */
export const cutStreams: readonly RecordedStream[] = recordedStreams.filter(
  ({ events }) => !isWholeStream(events),
);

/** Replies that were recorded as one whole JSON message. */
export const messages: readonly RecordedMessage[] = [
  ...calls.flatMap((row) => {
    const body = isStream(row) ? undefined : parseWhole(bodyOf(row));
    return body === undefined ? [] : [{ name: nameOf(row), message: body as Anthropic.Message }];
  }),
  ...files(".json").map((file) => ({
    name: file,
    message: JSON.parse(read(`sse-chunks/${file}`)) as Anthropic.Message,
  })),
];

/** What one recorded test sent and got, in order. */
export const conversations: readonly Conversation[] = [...new Set(calls.map(({ path }) => path))].map(
  (path) => {
    const own = calls.filter((row) => row.path === path).sort((a, b) => a.i - b.i);
    const exchanges = own.map((row, index) => ({
      request: row.request,
      body: bodyOf(row),
      isStream: isStream(row),
      next: own[index + 1]?.request,
    }));
    return { name: shortName(path), exchanges };
  },
);

/** The events of a body, read without any of the code under test. Every recorded event has its data on one line. */
export function parseBody(body: string): RecordedEvent[] {
  return body.split("\n\n").flatMap((block) => {
    const data = block.split("\n").find((line) => line.startsWith("data:"));
    const event = data === undefined ? undefined : parseWhole(data.slice("data:".length));
    return event === undefined ? [] : [event as RecordedEvent];
  });
}

/** The message as a stream began it. */
export function startOf(events: readonly RecordedEvent[]): Anthropic.Message {
  return events.find(({ type }) => type === "message_start")?.message as Anthropic.Message;
}

/** Events as the body of a stream. */
export function toBody(events: readonly RecordedEvent[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** Rows for `it.each`, whose `%s` prints a name in full. */
export function named<Item extends { readonly name: string }>(items: readonly Item[]): [string, Item][] {
  return items.map((item) => [item.name, item]);
}

/** The JSON of a text, or `undefined` where the text is cut. */
export function parseWhole(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

export function isWholeStream(events: readonly RecordedEvent[]): boolean {
  return events.at(-1)?.type === "message_stop";
}

function isStream({ headers, sse }: Row): boolean {
  return sse !== undefined || headers["content-type"]?.startsWith("text/event-stream") === true;
}

function bodyOf({ sse, json, raw }: Row): string {
  return sse ?? (raw === undefined ? JSON.stringify(json) : Buffer.from(raw, "base64").toString());
}

function readChunks(file: string): RecordedStream[] {
  const events = lines(`sse-chunks/${file}`).map((line) => JSON.parse(line) as RecordedEvent);
  const replies: RecordedEvent[][] = [[]];
  for (const event of events) {
    replies.at(-1)?.push(event);
    if (event.type === "message_stop") replies.push([]);
  }
  return replies
    .filter((reply) => reply.length > 0)
    .map((reply, index) => ({ name: `${file} #${index + 1}`, body: toBody(reply), events: reply }));
}

function nameOf({ path, i }: Row): string {
  return `${shortName(path)} #${i + 1}`;
}

/** The last part of a path says what was recorded, e.g. `test_tools`. */
function shortName(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
}

function files(ending: string): string[] {
  if (!found) return [];
  return readdirSync(new URL("sse-chunks/", folder))
    .filter((file) => file.endsWith(ending))
    .sort();
}

function lines(path: string): string[] {
  return read(path)
    .split("\n")
    .filter((line) => line.trim() !== "");
}

function read(path: string): string {
  return found ? readFileSync(new URL(path, folder), "utf8") : "";
}
