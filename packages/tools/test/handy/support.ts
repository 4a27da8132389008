import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tool, type ToolCall, ToolError } from "@lockstitch/core";
import { onTestFinished } from "vitest";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "handy-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Parses and runs a tool's call, as a run does. */
export async function callTool(tool: Tool, input: unknown, signal?: AbortSignal): Promise<unknown> {
  return tool.run(await tool.parse(input), callWith(signal ?? new AbortController().signal));
}

/** The words of the `ToolError` that a call fails with; fails where it doesn't, or with something else. */
export async function refusalOf(tool: Tool, input: unknown): Promise<string> {
  try {
    await callTool(tool, input);
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
  throw new Error("The call was not refused.");
}

/** What the model reads, whichever way it went. */
export async function answerOf(tool: Tool, input: unknown): Promise<string> {
  try {
    const answer = await callTool(tool, input);
    return typeof answer === "string" ? answer : JSON.stringify(answer);
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

export function named(tools: readonly Tool[], name: string): Tool {
  const found = tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`There is no tool ${name}.`);
  return found;
}

/** Of a call these tools use its signal, and nothing else. */
function callWith(signal: AbortSignal): ToolCall {
  const call: Pick<ToolCall, "signal"> = { signal };
  return call as ToolCall;
}
