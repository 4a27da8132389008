import type { IncomingMessage } from "node:http";
import { invalidRequest, tooLarge } from "./api-errors.js";
import type { ErrorReply } from "./mind.js";

/** https://platform.claude.com/docs/en/api/overview#request-size-limits */
const maxBodyBytes = 32 * 1024 * 1024;

export type Body =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly refusal: ErrorReply };

/**
 * Reads a request's body to its end and parses it. A body over the limit is read on and thrown away, because a
 * client that is still sending would see a broken pipe in place of the 413.
 */
export async function readBody(incoming: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > maxBodyBytes) return { ok: false, refusal: tooLarge };
  return parseBody(Buffer.concat(chunks));
}

/** Parses JSON as strictly as the API does, which refuses half of a surrogate pair where `JSON.parse` accepts it. */
function parseBody(bytes: Uint8Array): Body {
  const text = decode(bytes);
  if (text === undefined) return notJson("it is not valid UTF-8");
  if (isTooDeep(text)) return notJson(`nested more than ${maxDepth} deep`);
  const lone = findLoneSurrogate(text);
  if (lone !== undefined) return notJson(`no low surrogate in string: ${position(text, lone)}`);
  try {
    return { ok: true, text, value: JSON.parse(text) };
  } catch (error) {
    return notJson(error instanceof Error ? error.message : String(error));
  }
}

/** A byte order mark is kept: JSON does not know it. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Deeper than any request means to go, and not as deep as to exhaust the stack of who looks through it. */
const maxDepth = 500;

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index);
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

/** The offset of the quote that closes a string, or of the end where none does. Pictures make long strings. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function notJson(reason: string): Body {
  return { ok: false, refusal: invalidRequest(`The request body is not valid JSON: ${reason}`) };
}

/** The offset of the first escaped surrogate without its other half, as `JSON.stringify` writes a cut emoji. */
function findLoneSurrogate(text: string): number | undefined {
  let high: RegExpExecArray | undefined;
  for (const sequence of text.matchAll(/\\(?:u([0-9a-f]{4})|[^u])/gi)) {
    const code = Number.parseInt(sequence[1] ?? "0", 16);
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    const follows = high !== undefined && sequence.index === high.index + 6;
    if (isLow !== follows || (high !== undefined && !isLow)) return high?.index ?? sequence.index;
    high = code >= 0xd800 && code <= 0xdbff ? sequence : undefined;
  }
  return high?.index;
}

function position(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  return `line ${lines.length} column ${(lines.at(-1)?.length ?? 0) + 1} (char ${offset})`;
}
