import type { ToolResult } from "../../events.js";
import type { ResultBlock } from "../../tool-definition.js";
import { cutResult } from "./tool-result.js";

/** A tool of the agent's that reads on in results, and for which call it is asked. */
export interface Reader {
  readonly tool: string;
  readonly toolUseId: string;
  /** Characters that the session's log still has room for. */
  readonly room: number;
}

/** A result as the model gets it, and all of its text where that is kept to be read on in. */
export interface FittedResult {
  readonly result: ToolResult;
  readonly full?: string;
}

/** Characters of one result that are kept at most, and of all results of a session together. */
export const mostKept = { ofResult: 10_000_000, ofSession: 50_000_000 } as const;

/**
 * A result that is no longer than `maxLength` characters. What is beyond is kept where the agent can read on in it, and the note says how.
 * @param make the result, cut at as many characters
 */
export function fitResult(
  make: (maxLength: number) => ToolResult,
  maxLength: number,
  reader: Reader | undefined,
): FittedResult {
  if (reader === undefined) return { result: make(maxLength) };
  const whole = make(Math.max(maxLength, mostKept.ofResult));
  const full = textOf(whole);
  if (full.length <= maxLength || full.length > reader.room) return { result: cutResult(whole, maxLength) };
  return { result: beginning(whole, full, maxLength, reader), full };
}

function beginning(whole: ToolResult, full: string, maxLength: number, reader: Reader): ToolResult {
  const end = wholeCharacters(full, maxLength);
  const input = JSON.stringify({ tool_use_id: reader.toolUseId, offset: end });
  const note = `[cut: characters 0 to ${end} of ${full.length} are shown. To read on, call ${reader.tool} with ${input}]`;
  const text = `${full.slice(0, end)}\n${note}`;
  if (typeof whole.content !== "object") return { ...whole, content: text };
  // What is no text can't be read on in, and has as much room again.
  const others = cutResult(
    { ...whole, content: whole.content.filter(({ type }) => type !== "text") },
    maxLength,
  );
  return { ...whole, content: [{ type: "text", text }, ...(others.content as ResultBlock[])] };
}

/** Where a text can be cut up to here: never through the middle of a character. */
export function wholeCharacters(text: string, end: number): number {
  const [before, after] = [text.charCodeAt(end - 1), text.charCodeAt(end)];
  const isInside = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
  return isInside ? end - 1 : end;
}

function textOf({ content = "" }: ToolResult): string {
  if (typeof content === "string") return content;
  return content.flatMap((block: ResultBlock) => (block.type === "text" ? [block.text] : [])).join("\n");
}
