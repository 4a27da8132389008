import { isDeferred, type ToolDefinition } from "./tool-definition.js";

/** Why the API would refuse the deferred tools among these definitions, and what to do about it. Source: its documentation of tool search. */
export function deferredProblem(definitions: readonly ToolDefinition[]): string | undefined {
  const deferred = definitions.filter(isDeferred);
  const marked = deferred.find((tool) => "cache_control" in tool && tool.cache_control != null);
  if (marked !== undefined) {
    const name = "name" in marked ? String(marked.name) : "";
    return (
      `The tool ${name} has defer_loading and cache_control, which the API refuses: what is deferred stands in no prompt. ` +
      "Leave cache_control out, for `agent.cache` has the tools cached that are not deferred; or keep the tool: " +
      `deferTools(tools, { keep: [${JSON.stringify(name)}] }).`
    );
  }
  return deferred.length > 0 && deferred.length === definitions.length
    ? "All tools are deferred, and the API wants one that is not, to find them by. deferTools() adds its search; or leave defer_loading out of one."
    : undefined;
}
