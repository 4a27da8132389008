import type { Tool } from "@lockstitch/core";
import { commandTool, fetchTool, fileTools } from "@lockstitch/tools/handy";
import { expectTypeOf } from "vitest";

expectTypeOf(fileTools({ folder: "." })).toEqualTypeOf<readonly Tool[]>();
expectTypeOf(fetchTool()).toEqualTypeOf<Tool<{ url: string }>>();

const command = commandTool({
  folder: ".",
  needsApproval: (input) => {
    expectTypeOf(input.command).toEqualTypeOf<string>();
    expectTypeOf(input.arguments).toEqualTypeOf<readonly string[]>();
    return true;
  },
});
expectTypeOf(command).toExtend<Tool>();
