import type Anthropic from "@anthropic-ai/sdk";
import type { ResultBlock } from "../../tool-definition.js";
import { toJson } from "../tool-result/json.js";
import { inWords } from "./citations.js";

type Message = Anthropic.MessageParam;
type Result = Anthropic.ToolResultBlockParam;

/**
 * Gives a result of a call that code made as text alone: of any other block the API refuses the request, and every later one of the
 * session. Source: the API's documentation of programmatic tool calling.
 * @param held the conversation, with the reply that the calls stand in
 */
export function textForCode(held: readonly Message[]): (result: Result) => Result {
  const byCode = new Set(held.flatMap(callsByCode));
  return (result) => {
    if (!byCode.has(result.tool_use_id) || !Array.isArray(result.content)) return result;
    return { ...result, content: result.content.map(asText) };
  };
}

function callsByCode({ content }: Message): readonly string[] {
  if (typeof content === "string") return [];
  return content.flatMap((block) =>
    block.type === "tool_use" && block.caller?.type.startsWith("code_execution_") === true ? [block.id] : [],
  );
}

function asText(block: ResultBlock): ResultBlock {
  const said = inWords(block);
  switch (said.type) {
    case "text":
      return said;
    case "document":
      return { type: "text", text: wordsOf(said) ?? notShown("a document") };
    case "image":
      return { type: "text", text: notShown("an image") };
    default:
      return { type: "text", text: toJson(said) };
  }
}

/** Those of a document that holds a text. */
function wordsOf({ title, context, source }: Anthropic.DocumentBlockParam): string | undefined {
  if (source.type !== "text") return undefined;
  return [title ?? "", context ?? "", source.data].filter((words) => words !== "").join("\n");
}

function notShown(what: string): string {
  return `(not shown: ${what}; a tool that is called by code can give it only text)`;
}
