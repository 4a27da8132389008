import { existsSync, readFileSync } from "node:fs";
import type {
  Message,
  MessageCreateParams,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/messages";
import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { findModel } from "../src/simulator/catalogue.js";
import { streamEvents } from "../src/simulator/stream.js";
import { judgeCountRequest } from "../src/simulator/validate/validate.js";

/** Traffic of the real API, recorded by others. It lies beside the project, not in it, so it may be missing. */
const recordings = new URL("../../../../shared/recordings/http-exchanges.jsonl", import.meta.url);
const isThere = existsSync(recordings);
const unlessMissing = isThere ? "" : " (skipped: there are no recordings beside the project)";

interface Exchange {
  readonly path: string;
  readonly i: number;
  readonly url: string;
  readonly status: number;
  readonly request: MessageCreateParams;
  readonly sse?: string;
}

const all: Exchange[] = isThere
  ? readFileSync(recordings, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];
const to = (url: string, wanted: number): Exchange[] =>
  all.filter((exchange) => exchange.url.split("?")[0]?.endsWith(url) && exchange.status === wanted);
const exchanges = to("/v1/messages", 200);

describe.skipIf(!isThere)(`recorded traffic${unlessMissing}`, () => {
  test("there is some", () => {
    expect(exchanges.length).toBeGreaterThan(150);
    expect(streams().length).toBeGreaterThan(50);
  });

  test("every request that the API answered is taken by the validator", () => {
    // What beta a request named was not recorded, only that some fields need one.
    const surroundings = { version: "2023-06-01", betas: ["files-api-2025-04-14"], findModel };
    const refused = exchanges
      .map(({ path, i, request }) => ({ path, i, problem: refuseMessageRequest(request, surroundings) }))
      .filter(({ problem }) => problem !== undefined);
    expect(refused).toEqual([]);
  });

  test("requests without fields of a beta are taken without a beta", () => {
    const betaFields = ["context_management", "output_format"];
    const plain = exchanges.filter(({ request }) => !betaFields.some((field) => field in request));
    expect(plain.length).toBeGreaterThan(150);
    const surroundings = { version: "2023-06-01", betas: [], findModel };
    expect(plain.flatMap(({ request }) => refuseMessageRequest(request, surroundings) ?? [])).toEqual([]);
  });

  test("every prompt that the API counted is taken, too", () => {
    const counted = to("/v1/messages/count_tokens", 200);
    expect(counted.length).toBeGreaterThan(0);
    const surroundings = { version: "2023-06-01", betas: [], findModel };
    for (const { request } of counted) expect(judgeCountRequest(request, surroundings)).toBeUndefined();
  });

  test("the request that the API refused is refused in the same words", () => {
    const [{ request } = { request: {} }, ...others] = to("/v1/messages", 400);
    expect(others).toEqual([]);
    // The text was taken out of the recording, not its length, of which the API's answer tells.
    const long = JSON.parse(JSON.stringify(request).replaceAll("<MASSIVE_TEXT>", "long ".repeat(200_000)));
    expect(refuseMessageRequest(long, { version: "2023-06-01", betas: [], findModel })).toMatch(
      /^prompt is too long: \d+ tokens > 200000 maximum$/,
    );
  });

  test("every recorded stream, put together and cut again, gives the same message", () => {
    for (const events of streams()) {
      const message = assemble(events);
      expect(assemble([...streamEvents(message)] as RawMessageStreamEvent[])).toEqual(message);
    }
  });

  test("the simulator's events have no field that the API's don't have", () => {
    const real = fieldsOf(streams().flat());
    const ours = fieldsOf(
      streams().flatMap((events) => [...streamEvents(assemble(events))] as RawMessageStreamEvent[]),
    );
    for (const [type, fields] of ours)
      expect([type, [...fields].filter((field) => !real.get(type)?.has(field))]).toEqual([type, []]);
  });
});

function streams(): RawMessageStreamEvent[][] {
  return exchanges.flatMap(({ sse }) => {
    if (sse === undefined) return [];
    const data = sse.split("\n").filter((line) => line.startsWith("data: "));
    return [data.map((line): RawMessageStreamEvent => JSON.parse(line.slice(6)))];
  });
}

function fieldsOf(events: readonly RawMessageStreamEvent[]): Map<string, Set<string>> {
  const fields = new Map<string, Set<string>>();
  const note = (type: string, value: object): void => {
    const known = fields.get(type) ?? new Set();
    for (const name of Object.keys(value)) known.add(name);
    fields.set(type, known);
  };
  for (const event of events) {
    note(event.type, event);
    if (event.type === "message_start") note("message", event.message);
    if (event.type === "content_block_start") note(`block ${event.content_block.type}`, event.content_block);
    if (event.type === "content_block_delta") note(`delta ${event.delta.type}`, event.delta);
    if (event.type === "message_delta") note("final delta", event.delta);
    if (event.type === "message_delta") note("final usage", event.usage);
  }
  return fields;
}

/** A message out of its events, as plainly as can be. */
function assemble(events: readonly RawMessageStreamEvent[]): Message {
  const first = events[0];
  if (first?.type !== "message_start") throw new Error("no message_start");
  const message = structuredClone(first.message);
  const json = new Map<number, string>();
  for (const event of events) {
    if (event.type === "content_block_start")
      message.content[event.index] = structuredClone(event.content_block);
    if (event.type === "message_delta")
      Object.assign(message, event.delta, { usage: { ...message.usage, ...event.usage } });
    if (event.type !== "content_block_delta") continue;
    const block = message.content[event.index] as unknown as Record<string, unknown>;
    const { delta } = event;
    if (delta.type === "text_delta") block.text = `${block.text}${delta.text}`;
    if (delta.type === "thinking_delta") block.thinking = `${block.thinking}${delta.thinking}`;
    if (delta.type === "signature_delta") block.signature = delta.signature;
    if (delta.type === "citations_delta")
      block.citations = [...((block.citations as unknown[]) ?? []), delta.citation];
    if (delta.type === "input_json_delta")
      json.set(event.index, (json.get(event.index) ?? "") + delta.partial_json);
  }
  for (const [index, text] of json) {
    if (text !== "") (message.content[index] as { input?: unknown }).input = JSON.parse(text);
  }
  return message;
}
