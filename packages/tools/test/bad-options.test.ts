import { AgentError, LockstitchError, ToolDefinitionError } from "@lockstitch/core";
import { agentTool, tool } from "@lockstitch/tools";
import { commandTool, fetchTool, fileTools } from "@lockstitch/tools/handy";
import { describe, expect, it } from "vitest";

const base = { name: "work", description: "Works." } as const;
const thrownBy = (make: () => unknown): unknown => {
  try {
    make();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("what is no options at all is told in words, by each that takes some", () => {
  const makers: Readonly<Record<string, (options: never) => unknown>> = {
    tool,
    agentTool: (options) => agentTool({}, options),
    fileTools,
    commandTool,
    fetchTool,
  };
  const wrong = [undefined, null, 5, "x", [], () => 1, Symbol("x")];
  it.each(Object.entries(makers))("%s", (name, make) => {
    for (const options of wrong) {
      // Of these all options may be left out.
      if (name === "fetchTool" && options === undefined) continue;
      const error = thrownBy(() => make(options as never));
      expect(error).toBeInstanceOf(ToolDefinitionError);
      expect(String(error)).toMatch(new RegExp(`${name}\\(\\) needs its options, an object`));
    }
  });

  it("and a definition that is none, by tool()", () => {
    for (const definition of [null, 5, "x", [], Symbol("x")]) {
      const error = thrownBy(() => tool({ ...base, definition: definition as never, run: () => 1 }));
      expect(error).toBeInstanceOf(ToolDefinitionError);
      expect(String(error)).toMatch(/work has a definition that is no object/);
    }
  });
});

describe("an agent that is made a tool is checked there and then", () => {
  it.each<[string, unknown, RegExp]>([
    ["with a misspelt field", { nam: "x" }, /an agent that can't be run.*no field "nam"/],
    ["with a tool that is none", { tools: [{ name: "x" }] }, /an agent that can't be run.*no `run` function/],
    ["that is a list", [], /an agent that can't be run.*must be an object/],
    [
      "with an output that is none",
      { output: {} },
      /an agent that can't be run.*agent\.output is not a schema/,
    ],
    ["that is a function", () => 1, /has no agent/],
    ["that is not there", undefined, /has no agent/],
  ])("one %s", (_what, agent, words) => {
    const error = thrownBy(() => agentTool(agent as never, base));
    expect(error).toBeInstanceOf(ToolDefinitionError);
    expect(String(error)).toMatch(words);
    if (agent !== undefined && typeof agent !== "function")
      expect((error as Error).cause).toBeInstanceOf(LockstitchError);
  });

  it("and one that is right is taken", () => {
    expect(thrownBy(() => agentTool({ name: "clerk", limits: { maxSteps: 3 } }, base))).toBeUndefined();
    expect(thrownBy(() => agentTool({ limits: { maxSteps: -1 } }, base))).toMatchObject({
      cause: expect.any(AgentError),
    });
  });
});
