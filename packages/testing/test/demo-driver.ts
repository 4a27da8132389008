import type { MessageCreateParams, MessageParam, Tool } from "@anthropic-ai/sdk/resources/messages";
import { expect } from "vitest";
import {
  demoMind,
  type ErrorReply,
  type MessageReply,
  type ReplyBlock,
  refuseMessageRequest,
} from "../src/index.js";
import { violations } from "./json-schema.js";

/** The built-in mind speaks in blocks. */
type Spoken = (MessageReply & { readonly content: readonly ReplyBlock[] }) | ErrorReply;

/** A Sunday. */
const now = Date.parse("2026-11-22T10:00:00Z");

interface Call {
  readonly name: string;
  readonly input: Record<string, never>;
}

export interface Conversation {
  /** The calls of each round. */
  readonly rounds: readonly (readonly Call[])[];
  readonly answer: string;
  readonly messages: readonly MessageParam[];
}

export type RunTool = (name: string, input: Record<string, never>) => unknown;

/**
 * Has the demo mind answer a question as an agent would, and checks on the way what must always hold: every request is
 * one that the API takes, every input is valid against its tool's schema, no call is made twice, and there is an end.
 */
export function converse(
  tools: readonly Tool[],
  question: string,
  runTool: RunTool,
  more: Partial<MessageCreateParams> & { readonly before?: readonly MessageParam[] } = {},
): Conversation {
  const { before = [], ...fields } = more;
  const messages: MessageParam[] = [...before, { role: "user", content: question }];
  const rounds: Call[][] = [];
  const made = new Set<string>();
  for (let step = 0; step < 20; step++) {
    // As it would come over the wire.
    const body = JSON.stringify({ model: "claude-haiku-5-5", max_tokens: 1_000, messages, tools, ...fields });
    expect(body, "half a surrogate pair").not.toMatch(/\\ud[89a-f]/);
    const request: MessageCreateParams = JSON.parse(body);
    expect(refuseMessageRequest(request, { version: "2026-10-21", betas: [] })).toBeUndefined();
    const reply = demoMind(request, { now, signal: new AbortController().signal }) as Spoken;
    expect(JSON.stringify(request), "a request that was changed").toBe(body);
    const calls = blocksOf(reply).flatMap((block) =>
      block.type === "tool_use" ? [block as unknown as Call] : [],
    );
    if (calls.length === 0) {
      const answer = textOf(reply);
      return { rounds, answer, messages: [...messages, { role: "assistant", content: answer }] };
    }
    for (const { name, input } of calls) {
      const tool = tools.find((candidate) => candidate.name === name);
      expect([name, input, violations(input, tool?.input_schema)]).toEqual([name, input, []]);
      const text = `${name} ${JSON.stringify(input)}`;
      expect(made, "a call that was made before").not.toContain(text);
      made.add(text);
    }
    rounds.push(calls.map(({ name, input }) => ({ name, input })));
    const ids = calls.map((_, index) => `toolu_${messages.length}_${index}`);
    messages.push({
      role: "assistant",
      content: calls.map(({ name, input }, index) => ({
        type: "tool_use",
        id: ids[index] ?? "",
        name,
        input,
      })),
    });
    messages.push({
      role: "user",
      content: calls.map(({ name, input }, index) => ({
        tool_use_id: ids[index] ?? "",
        ...toResult(name, input, runTool),
      })),
    });
  }
  throw new Error("the demo mind came to no end");
}

function blocksOf(reply: Spoken): readonly ReplyBlock[] {
  return "error" in reply ? [] : reply.content;
}

/** What it says in words, in an answer or in an error. */
function textOf(reply: Spoken): string {
  if ("error" in reply) return `${reply.status}: ${reply.error.message}`;
  return reply.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

function toResult(
  name: string,
  input: Record<string, never>,
  runTool: RunTool,
): { type: "tool_result"; content: string; is_error?: true } {
  try {
    const result = runTool(name, input);
    return {
      type: "tool_result",
      content: typeof result === "string" ? result : (JSON.stringify(result) ?? ""),
    };
  } catch (error) {
    return { type: "tool_result", content: (error as Error).message, is_error: true };
  }
}

/** A tool without ceremony; its parameters are required unless named in `optional`. */
export function toolOf(
  name: string,
  description: string,
  properties: Record<string, unknown> = {},
  optional: readonly string[] = [],
): Tool {
  const required = Object.keys(properties).filter((property) => !optional.includes(property));
  return { name, description, input_schema: { type: "object", properties, required } };
}

export type JsonSchema = Record<string, unknown>;

/** An object with these properties, each required, and no others. */
export const closed = (properties: JsonSchema, more: JsonSchema = {}): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

export const text = (description = "", more: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: "string",
  description,
  ...more,
});
export const number = (description = "", more: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: "number",
  description,
  ...more,
});

/** The mind's answer to one request, be it one that the API takes or not. */
export function answerTo(question: string, fields: Partial<MessageCreateParams>): string {
  return textOf(replyTo(question, fields));
}

export function replyTo(question: string, fields: Partial<MessageCreateParams>): Spoken {
  const messages: MessageParam[] = [{ role: "user", content: question }];
  const request = {
    model: "claude-haiku-5-5",
    max_tokens: 1_000,
    messages,
    ...fields,
  } as MessageCreateParams;
  return demoMind(request, { now, signal: new AbortController().signal }) as Spoken;
}

/** The calls that were made, in order. */
export const callsOf = ({ rounds }: Conversation): [name: string, input: unknown][] =>
  rounds.flat().map(({ name, input }) => [name, input]);
