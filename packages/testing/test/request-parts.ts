import { expect } from "vitest";
import { refuseMessageRequest } from "../src/index.js";

/** The rules are held against the words of the API itself, as its users have quoted them in bug reports. */

export const newest = { version: "2026-10-21", betas: [] };
export const older = { version: "2023-06-01", betas: [] };

export type Fields = Record<string, unknown>;

export const user = (...content: unknown[]): Fields => ({ role: "user", content });
export const assistant = (...content: unknown[]): Fields => ({ role: "assistant", content });
export const text = (words: string, more: Fields = {}): Fields => ({ type: "text", text: words, ...more });
export const use = (id: string, more: Fields = {}): Fields => ({
  type: "tool_use",
  id,
  name: "look",
  input: {},
  ...more,
});
export const result = (id: string, more: Fields = {}): Fields => ({
  type: "tool_result",
  tool_use_id: id,
  content: "ok",
  ...more,
});
export const serverUse = (id: string): Fields => ({
  type: "server_tool_use",
  id,
  name: "web_search",
  input: { query: "x" },
});
export const serverResult = (id: string): Fields => ({
  type: "web_search_tool_result",
  tool_use_id: id,
  content: [],
});
export const tool = (more: Fields = {}): Fields => ({
  name: "look",
  input_schema: { type: "object", properties: {} },
  ...more,
});
export const image = (source: Fields): Fields => ({ type: "image", source });
export const browserState = (more: Fields = {}): Fields => ({
  type: "browser_state",
  tabs: [{ tab_id: "1", title: "", url: "https://example.com", active: true }],
  ...more,
});
/** A picture of one pixel. */
export const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const cached = { cache_control: { type: "ephemeral" } };
export const hello = user(text("Hello"));

export const request = (more: Fields = {}): Fields => ({
  model: "claude-haiku-5-5",
  max_tokens: 100,
  messages: [hello],
  ...more,
});
export const history = (...messages: Fields[]): Fields => request({ messages: [hello, ...messages] });

export const unanswered = (index: number, ids: string): string =>
  `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. ` +
  "Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
export const unexpected = (path: string, id: string): string =>
  `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
  "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.";
export const unknownTag = (tag: string): RegExp =>
  new RegExp(`Input tag '${tag}' found using 'type' does not match any of the expected tags: '`);

export type Row = [what: string, request: unknown, message: string | RegExp];

export function expectRefusal(body: unknown, message: string | RegExp): void {
  const refusal = refuseMessageRequest(body, newest);
  if (typeof message === "string") expect(refusal).toBe(message);
  else expect(refusal).toMatch(message);
}
