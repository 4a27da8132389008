import Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError, claude } from "@lockstitch/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accumulate } from "./accumulate.ts";
import { absent, found, named, type RecordedStream, streams } from "./recordings.ts";

/** The property tests draw from these; the spliced one means no message. */
const whole = streams.filter(({ name }) => !name.startsWith("spliced"));

const endings = ["\n", "\r\n", "\r"] as const;
type Ending = (typeof endings)[number];

/** Runs of each property; its streams, cuts and insertions are drawn anew in each. */
const runs = 300;

/** How the body of a response comes to an end. */
type End = "closed" | "reset";

/** What comes out of a response whose body arrives in just these pieces. */
function receive(pieces: readonly Uint8Array[], end: End = "closed"): Promise<Anthropic.Message> {
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[next++];
      if (piece !== undefined) controller.enqueue(piece);
      else if (end === "closed") controller.close();
      else controller.error(new TypeError("terminated"));
    },
  });
  const fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
  const client = new Anthropic({ apiKey: "test-key", fetch, logLevel: "off" });
  const signal = new AbortController().signal;
  const request = { model: "m", max_tokens: 1, messages: [{ role: "user" as const, content: "Hi" }] };
  return claude({ client })(request, { signal, emit() {} });
}

/** The bytes between the positions, of which some may be out of range or there twice. */
function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const inside = positions.filter((position) => position > 0 && position < bytes.length);
  const edges = [...new Set([0, ...inside, bytes.length])].sort((a, b) => a - b);
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

function bytesOf(body: string, ending: Ending = "\n"): Uint8Array {
  return new TextEncoder().encode(body.replaceAll("\n", ending));
}

/** Every position inside a character, or inside a line ending. */
function seams(bytes: Uint8Array): number[] {
  return [...bytes.keys()].filter((index) => {
    const byte = bytes[index] ?? 0;
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    return isContinuation || (byte === 0x0a && bytes[index - 1] === 0x0d);
  });
}

const anyStream = () => fc.constantFrom(...whole);
const anyEnding = fc.constantFrom(...endings);
const anyCuts = (length: number) =>
  fc.oneof(
    fc.uniqueArray(fc.nat({ max: length }), { maxLength: 60 }),
    fc.integer({ min: 1, max: 400 }).map((size) => [...everyNth(length, size)]),
  );

function* everyNth(length: number, size: number): Generator<number> {
  for (let position = size; position < length; position += size) yield position;
}

/** What the protocol lets stand between two events, or within one, and what means nothing for the message. */
const between = [
  ": keep-alive\n\n",
  ":\n",
  "\n\n",
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: not_invented_yet\ndata: {"type":"not_invented_yet","index":0}\n\n',
  "retry: 3000\n\n",
] as const;
const within = [": a comment in an event\n", "id: 7\n"] as const;

const insertions = fc.array(
  fc.record({ at: fc.nat(), between: fc.constantFrom(...between), within: fc.constantFrom("", ...within) }),
  { maxLength: 12 },
);
type Insertions = typeof insertions extends fc.Arbitrary<infer Value> ? Value : never;

function insert({ body }: RecordedStream, inserted: Insertions): string {
  const events = body.split(/(?<=\n\n)/);
  for (const { at, between, within } of inserted) {
    const index = at % events.length;
    events[index] = between + (events[index] ?? "").replace("\ndata:", `\n${within}data:`);
  }
  return events.join("");
}

/** Where the line that ends the message ends; up to there it is unfinished. */
function lastMoment(bytes: Uint8Array, ending: Ending): number {
  const line = bytesOf(`event: message_stop\ndata: `, ending).length;
  const start = Buffer.from(bytes).lastIndexOf("event: message_stop");
  return Buffer.from(bytes).indexOf("}", start + line) + 1;
}

describe("the bytes of a recorded stream", () => {
  it.skipIf(!found)(`are tried for every recording${absent}`, () => {
    expect(whole).toHaveLength(73 + 50);
  });

  it.each(named(whole))("may arrive one by one: %s", async (_name, { body, events }) => {
    const bytes = bytesOf(body);
    expect(await receive(cut(bytes, [...bytes.keys()]))).toEqual(accumulate(events));
  });

  it.skipIf(!found).each(endings.map((ending) => [JSON.stringify(ending), ending] as const))(
    "may be cut inside every character and line ending, where lines end with %s",
    async (_name, ending) => {
      for (const { name, body, events } of whole) {
        const bytes = bytesOf(body, ending);
        const positions = seams(bytes);
        const reply = await receive(cut(bytes, [...positions, ...positions.map((position) => position + 1)]));
        expect(reply, name).toEqual(accumulate(events));
      }
    },
  );

  it.skipIf(!found)(
    "mean the same however they are cut, lines end, and whatever stands between",
    async () => {
      const arrival = fc
        .record({ stream: anyStream(), ending: anyEnding, inserted: insertions, mark: fc.boolean() })
        .chain(({ stream, ending, inserted, mark }) => {
          const bytes = bytesOf((mark ? "\ufeff" : "") + insert(stream, inserted), ending);
          return fc.record({
            stream: fc.constant(stream),
            pieces: anyCuts(bytes.length).map((positions) => cut(bytes, positions)),
          });
        });
      await fc.assert(
        fc.asyncProperty(arrival, async ({ stream, pieces }) => {
          expect(await receive(pieces)).toEqual(accumulate(stream.events));
        }),
        { numRuns: runs },
      );
    },
  );
});

describe("a recorded stream that ends too early", () => {
  const broken = async (pieces: readonly Uint8Array[], end: End) => {
    const outcome = await receive(pieces, end).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(BrokenStreamError);
  };

  it.skipIf(!found)("is broken wherever it is cut off, closed or reset", async () => {
    const arrival = fc
      .record({ stream: anyStream(), ending: anyEnding, inserted: insertions })
      .chain(({ stream, ending, inserted }) => {
        const bytes = bytesOf(insert(stream, inserted), ending);
        const kept = fc.nat({ max: lastMoment(bytes, ending) }).map((length) => bytes.subarray(0, length));
        return fc.record({
          pieces: kept.chain((rest) => anyCuts(rest.length).map((positions) => cut(rest, positions))),
          end: fc.constantFrom<End>("closed", "reset"),
        });
      });
    await fc.assert(
      fc.asyncProperty(arrival, ({ pieces, end }) => broken(pieces, end)),
      { numRuns: runs },
    );
  });

  it.skipIf(!found).each(endings.map((ending) => [JSON.stringify(ending), ending] as const))(
    "is broken at every single byte of a short one, where lines end with %s",
    async (_name, ending) => {
      const [short] = whole.filter(({ name }) => name === "test_tools #2");
      const bytes = bytesOf(short?.body ?? "", ending);
      const last = lastMoment(bytes, ending);
      expect(last).toBeGreaterThan(1_500);
      for (let length = 0; length <= last; length++) await broken([bytes.subarray(0, length)], "closed");
      expect(await receive([bytes])).toMatchObject({ stop_reason: "end_turn" });
    },
  );
});
