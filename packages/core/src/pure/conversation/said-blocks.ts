import type Anthropic from "@anthropic-ai/sdk";
import { isLegalCallId, isLegalToolName, type ResultBlock } from "../../tool-definition.js";
import { image, resultKinds, saidDocument, searchResult, text } from "../tool-result/blocks.js";
import { cacheControl } from "../tool-result/cache-control.js";
import {
  type Check,
  type Fields,
  isBoolean,
  isFields,
  isText,
  isWord,
  listOf,
  type Misfit,
  oneOfKinds,
  orNull,
  type Shape,
  that,
} from "../tool-result/shape.js";

type Block = Anthropic.ContentBlockParam;
type Role = Anthropic.MessageParam["role"];

/** What the API takes in a message that is not the assistant's; anything else would spoil the session for good. */
const saidTypes = ["text", "image", "document", "search_result", "tool_result", "container_upload"] as const;
type Said = Extract<Block, { type: (typeof saidTypes)[number] }>;

const isLeftOut: Check = that("left out: it is an SDK's, and the API refuses it", (it) => it === undefined);

/** What each role may say; `undefined` for an assistant, whose blocks came from the API, be they of kinds that nobody here knows. */
export function typesSaidBy(role: Role): readonly string[] | undefined {
  if (role === "assistant") return undefined;
  return role === "system" ? ["text"] : saidTypes;
}

/** Whether the API takes a block of this type from this role. */
export function maySay(role: Role, type: string): boolean {
  return typesSaidBy(role)?.includes(type) ?? !notByAssistant.includes(type);
}

const notByAssistant: readonly string[] = ["image", "document", "search_result", "tool_result"];

/** The first thing that the API would refuse about a block that may be said. */
export function saidMisfit(role: Role, block: Fields): Misfit | undefined {
  if (role !== "assistant") return (block.type === "tool_result" ? result : said)(block);
  return assistantMisfit(block);
}

const marker = { cache_control: cacheControl };

/** An empty text is refused in a result, and one of blanks alone is not. */
const resultBlocks = listOf(
  oneOfKinds<ResultBlock>({
    ...resultKinds,
    document: saidDocument,
    text: {
      ...text,
      required: { text: that("a text that is not empty", (it) => typeof it === "string" && it !== "") },
    },
  }),
  { mayBeEmpty: true },
);

const isContent: Check = (value) => {
  if (Array.isArray(value)) return resultBlocks(value);
  return typeof value === "string" ? undefined : { path: "", wanted: "a text, or a list of blocks" };
};

const toolResult: Shape<Anthropic.ToolResultBlockParam> = {
  required: { tool_use_id: isWord },
  optional: { ...marker, content: isContent, is_error: isBoolean, toolset_name: orNull(isText) },
};

const said = oneOfKinds<Said>({
  text,
  image,
  document: saidDocument,
  search_result: searchResult,
  tool_result: toolResult,
  container_upload: { required: { file_id: isWord }, optional: marker },
});

/**
 * What must be right about an assistant's block: conversations come from other services, too. Fields that nobody here knows pass, for the
 * API may have given them.
 */
const assistants: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  text: { text: isText, parsed_output: isLeftOut, annotations: isLeftOut },
  tool_use: {
    id: that("an id of letters, digits, _ and -", isLegalCallId),
    name: that("a tool's name: 1 to 64 letters, digits, _ or -", isLegalToolName),
    input: that("an object", isFields),
    caller: that("an object, or left out", (it) => it === undefined || isFields(it)),
  },
  server_tool_use: {
    id: that("an id of the API's, e.g. srvtoolu_1", (it) => /^srvtoolu_[a-zA-Z0-9_]+$/.test(String(it))),
    name: isWord,
    input: that("an object", isFields),
  },
  thinking: { thinking: isText, signature: isWord },
  redacted_thinking: { data: isWord },
};

function assistantMisfit(block: Fields): Misfit | undefined {
  const type = String(block.type);
  const checks = Object.hasOwn(assistants, type) ? assistants[type] : undefined;
  for (const [field, check] of Object.entries(checks ?? {})) {
    const wrong = check(block[field]);
    if (wrong !== undefined) return { ...wrong, path: field };
  }
  return undefined;
}

/** The API takes nothing but text in a result that is an error, and no error without any. */
function result(block: Fields): Misfit | undefined {
  const { content = "", is_error } = block;
  const isOfText = Array.isArray(content)
    ? content.every((inner: unknown) => (inner as Fields | null)?.type === "text")
    : content !== "";
  const isEmpty = Array.isArray(content) && content.length === 0;
  return said(block) ?? (is_error === true && (!isOfText || isEmpty) ? noError : undefined);
}

const noError: Misfit = {
  path: "content",
  wanted: "nothing but text, and some, to say what the error is; or leave is_error out",
};
