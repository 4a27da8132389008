import { AgentError, type ToolDefinition } from "@lockstitch/core";
import { refuseMessageRequest } from "@lockstitch/testing";
import { expect } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";

const definition = (input_schema: unknown): ToolDefinition => ({
  name: "probe",
  strict: true,
  input_schema: input_schema as { type: "object" },
});

/** Why an agent with this strict tool can't be made; `undefined` where it can. */
export function refusalOf(schema: unknown): string | undefined {
  return wordsOf(() => prepareAgent({ tools: [definition(schema)] }));
}

/** The words in which an agent is refused; fails for any other error. */
export function wordsOf(make: () => unknown): string | undefined {
  try {
    make();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(AgentError);
    return (error as AgentError).message;
  }
}

/** Why the simulated API would refuse the same. */
export function refusalOfApi(schema: unknown): string | undefined {
  const tool = { ...definition(schema), description: "A probe." };
  const messages = [{ role: "user", content: "Go." }];
  const request = { model: "claude-opus-5-5", max_tokens: 100, messages, stream: true, tools: [tool] };
  return refuseMessageRequest(JSON.parse(JSON.stringify(request)), { version: "2023-06-01", betas: [] });
}
