import type { Tool } from "./agent.js";
import { wholeCharacters } from "./pure/tool-result/read-on.js";
import { ToolError } from "./tool.js";

/** What the model asks `readResult` for. */
export interface ReadResultInput {
  readonly tool_use_id: string;
  /** Default 0. */
  readonly offset?: number;
  /** Default, and at most: what a result may have. */
  readonly length?: number;
}

/**
 * Reads on in a tool result that was cut at `limits.maxResultLength`. An agent that has it among its tools keeps the whole text of such
 * results in its log, up to 10 million characters each and 50 million a session, and the model is told how to read on.
 */
export const readResult: Tool<ReadResultInput> = {
  name: "read_result",
  description:
    "Reads on in an earlier tool result that was cut because it was too long. The note at its end says with which tool_use_id and offset.",
  inputSchema: {
    type: "object",
    properties: {
      tool_use_id: {
        type: "string",
        description: "The id that the note at the end of the cut result names.",
      },
      offset: { type: "integer", minimum: 0, description: "The first character to read, counted from 0." },
      length: {
        type: "integer",
        minimum: 1,
        description: "How many characters to read. Default: as many as fit.",
      },
    },
    required: ["tool_use_id"],
    additionalProperties: false,
  },
  effects: "none",
  // It gives again what was counted when it first came.
  reads: [],
  readsResults: true,
  parse(input) {
    const { tool_use_id, offset, length } = (input ?? {}) as Partial<Record<keyof ReadResultInput, unknown>>;
    if (typeof tool_use_id !== "string") throw new TypeError("tool_use_id must be a string.");
    const isWhole = (value: unknown, least: number): value is number | undefined =>
      value === undefined || (Number.isSafeInteger(value) && (value as number) >= least);
    if (!isWhole(offset, 0)) throw new TypeError("offset must be a whole number, 0 or more.");
    if (!isWhole(length, 1)) throw new TypeError("length must be a whole number, 1 or more.");
    return {
      tool_use_id,
      ...(offset === undefined ? {} : { offset }),
      ...(length === undefined ? {} : { length }),
    };
  },
  run({ tool_use_id: toolUseId, offset = 0, length = Number.POSITIVE_INFINITY }, call) {
    const text = call.resultOf(toolUseId);
    if (text === undefined)
      throw new ToolError(
        `No result of ${JSON.stringify(toolUseId)} was kept: only results that were cut are.`,
      );
    if (offset >= text.length)
      throw new ToolError(
        `That result has ${text.length} characters, so there is nothing at offset ${offset}.`,
      );
    const start = wholeCharacters(text, offset);
    const wanted = Math.min(text.length, start + Math.min(length, call.maxResultLength));
    const cut = wholeCharacters(text, wanted);
    // A character that is wider than what was asked for comes whole, or nobody would ever get past it.
    const end = cut > start ? cut : start + 2;
    const rest = end < text.length ? ` It goes on at offset ${end}.` : " Here it ends.";
    return `${text.slice(start, end).toWellFormed()}\n[characters ${start} to ${end} of ${text.length}.${rest}]`;
  },
};
