import type { IncomingMessage } from "node:http";
import { type Duplex, pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { ToolError } from "@lockstitch/core";

/** The beginning of a body. */
export interface Body {
  readonly bytes: Buffer;
  /** There was more. */
  readonly cut: boolean;
}

/**
 * Reads a response's body up to `maxBytes`, unpacked, then lets go of the connection. No more is ever unpacked than that and one
 * piece, whatever the packed bytes would grow to.
 */
export async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Body> {
  try {
    return await gather(unpacked(response, maxBytes), maxBytes);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ToolError) throw error;
    throw new ToolError("The reply broke off, or is packed wrongly. Try again, or another page.");
  } finally {
    response.destroy();
  }
}

async function gather(source: Readable, maxBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), cut: size > maxBytes };
}

function unpacked(response: IncomingMessage, maxBytes: number): Readable {
  const encoding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const unpack = unpackers.get(encoding);
  if (encoding === "identity" || encoding === "") return response;
  // One within another could grow a thousandfold, twice.
  if (unpack === undefined) throw new ToolError("The reply is packed in a way that can't be read.");
  const stream = unpack();
  // What breaks is told by the stream, which is read.
  pipeline(
    response,
    (chunks: AsyncIterable<Buffer>) => bounded(chunks, maxBytes + slack),
    stream,
    () => {},
  );
  return stream;
}

/** Packed bytes that are on their way beyond those that are shown, and what packing adds at worst. */
const slack = 1_000_000;

/** Packed bytes may unpack to nothing, for ever: so these are counted too. */
async function* bounded(chunks: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > most) throw new Error("far more was packed than was unpacked");
    yield chunk;
  }
}

const unpackers: ReadonlyMap<string, () => Duplex> = new Map<string, () => Duplex>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);
