import type { FileHandle } from "node:fs/promises";
import { ToolError } from "@lockstitch/core";

/**
 * The file's bytes in pieces, from the first, however many it says it holds: it may grow meanwhile.
 * Throws `ToolError` beyond `maxBytes`, with the way out.
 */
export async function* chunksOf(
  handle: FileHandle,
  maxBytes: number,
  wayOut: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(65_536), 0, 65_536, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    if (position > maxBytes) throw new ToolError(`The file is larger than ${maxBytes} bytes. ${wayOut}.`);
    yield buffer.subarray(0, bytesRead);
  }
}

export async function readWhole(handle: FileHandle, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // For who changes a file; a search passes it over.
  const wayOut = "Only smaller ones can be changed; read_file shows it by lines";
  for await (const chunk of chunksOf(handle, maxBytes, wayOut, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes as text, byte order mark and all. Throws `ToolError` for what is none. */
export function textOf(bytes: Uint8Array): string {
  try {
    if (!bytes.includes(0)) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Said below: it is the same to the model.
  }
  throw new ToolError("The file is binary, or its text is not UTF-8; it can't be shown or changed as text.");
}
