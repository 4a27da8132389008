import { readFileSync } from "node:fs";
import type { MessageCreateParams, RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { findModel } from "../src/simulator/catalogue.js";
import { cutIntoEvents } from "../src/simulator/event-stream.js";
import { judgeCountRequest } from "../src/simulator/validate/validate.js";
import { areThere, assemble, eventsIn, recordedBetas, unlessMissing } from "./recorded.js";

const recordings = new URL("../../../../shared/recordings/http-exchanges.jsonl", import.meta.url);

interface Exchange {
  readonly path: string;
  readonly i: number;
  readonly url: string;
  readonly status: number;
  readonly request: MessageCreateParams;
  readonly sse?: string;
}

const all: Exchange[] = areThere
  ? readFileSync(recordings, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];
const to = (url: string, wanted: number): Exchange[] =>
  all.filter((exchange) => exchange.url.split("?")[0]?.endsWith(url) && exchange.status === wanted);
const exchanges = to("/v1/messages", 200);

describe.skipIf(!areThere)(`recorded traffic${unlessMissing}`, () => {
  test("there is some", () => {
    expect(exchanges.length).toBeGreaterThan(150);
    expect(streams().length).toBeGreaterThan(50);
  });

  test("every request that the API answered is taken by the validator", () => {
    const surroundings = { version: "2023-06-01", betas: recordedBetas, findModel };
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
      expect(assemble([...cutIntoEvents(message)] as RawMessageStreamEvent[])).toEqual(message);
    }
  });

  test("the simulator's events have no field that the API's don't have", () => {
    const real = fieldsOf(streams().flat());
    const ours = fieldsOf(
      streams().flatMap((events) => [...cutIntoEvents(assemble(events))] as RawMessageStreamEvent[]),
    );
    for (const [type, fields] of ours)
      expect([type, [...fields].filter((field) => !real.get(type)?.has(field))]).toEqual([type, []]);
  });
});

function streams(): RawMessageStreamEvent[][] {
  return exchanges.flatMap(({ sse }) => (sse === undefined ? [] : [eventsIn(sse)]));
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
