import type Anthropic from "@anthropic-ai/sdk";
import type { ToolDefinition } from "../../tool-definition.js";
import { type CitingRequest, citationsProblem, evenCitations, inWords } from "./citations.js";
import { textForCode } from "./code-calls.js";
import { mapContent } from "./map-content.js";
import { knownReference, referencesProblem } from "./tool-references.js";

type Message = Anthropic.MessageParam;
type Result = Anthropic.ToolResultBlockParam;

/** Why the API would refuse what is said beside all else in its request, though it may be right by itself; and what to do about it. */
export function conflictIn(
  held: readonly Message[],
  said: readonly Message[],
  request: CitingRequest,
): string | undefined {
  const isMixed = said.some(
    ({ content }) => typeof content !== "string" && content.some((block) => hasMixed(block)),
  );
  if (isMixed)
    return "a tool result that holds search results may hold nothing else. Give the rest as text in one of them";
  return citationsProblem(held, said, request) ?? referencesProblem(said, request.tools);
}

/** Results as the API takes them beside all else in their request: what it would refuse there is changed or put into words. */
export function reconcileResults(
  held: readonly Message[],
  results: readonly Result[],
  tools: readonly ToolDefinition[],
): readonly Result[] {
  const known = knownReference(tools);
  const even = evenCitations(held, tools);
  return results
    .map(textForCode(held))
    .map((result) => mapContent(result, known))
    .map((result) => (hasMixed(result) ? mapContent(result, inWords) : result))
    .map((result) => mapContent(result, even));
}

/** What was said, likewise: two may have spoken at once. */
export function reconcileSaid(
  held: readonly Message[],
  said: readonly Message[],
  tools: readonly ToolDefinition[],
): readonly Message[] {
  const even = evenCitations(held, tools);
  return said.map((message) => (message.role === "user" ? mapContent(message, even) : message));
}

/** What is kept of a conversation, likewise, where it goes on with other tools. */
export function reconcileKept(
  kept: readonly Message[],
  tools: readonly ToolDefinition[],
): readonly Message[] {
  const known = knownReference(tools);
  return reconcileSaid(
    [],
    kept.map((message) => mapContent(message, known)),
    tools,
  );
}

/** Search results must be by themselves in a tool's result. Source: the API's documentation of search results. */
function hasMixed({ type, ...result }: Anthropic.ContentBlockParam): boolean {
  if (type !== "tool_result" || !("content" in result) || !Array.isArray(result.content)) return false;
  const found = result.content.filter((block) => block.type === "search_result").length;
  return found > 0 && found < result.content.length;
}
