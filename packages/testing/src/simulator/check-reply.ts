import { validateHeaderName, validateHeaderValue } from "node:http";
import { checkIds, type Fields, faultOfBlock } from "./check-blocks.js";
import { checkUsage, checkWholeMessage, isListOfBlocks, isObject } from "./check-whole-message.js";
import { breaksHttp } from "./connection-headers.js";
import {
  type ErrorReply,
  isErrorReply,
  isWholeReply,
  type MessageReply,
  type Reply,
  type WholeReply,
} from "./mind.js";

/** The fields of each kind of reply; the compiler sees to it that none is missing. */
const fieldsOfMessage: Readonly<Record<keyof MessageReply, true>> = {
  content: true,
  stop_reason: true,
  stop_sequence: true,
  stop_details: true,
  usage: true,
};
const fieldsOfError: Readonly<Record<keyof ErrorReply, true>> = { status: true, error: true, headers: true };
const fieldsOfWhole: Readonly<Record<keyof WholeReply, true>> = { message: true, events: true };

/**
 * Makes sure that a mind's reply is one: a script in JSON has seen no compiler, a recording may have been edited by hand, and
 * a field that nobody reads would make a test of something else than it says.
 *
 * @throws Error that names what is wrong, and what was meant.
 */
export function checkReply(reply: Reply): void {
  const said: unknown = reply;
  if (!isObject(said)) throw new Error(`its reply is ${JSON.stringify(said)}; ${kinds}`);
  if (isErrorReply(reply)) return checkErrorReply(reply);
  if (isWholeReply(reply)) return checkWholeReply(reply);
  if (!("content" in reply)) throw new Error(`its reply has no content; ${kinds}`);
  checkMessageReply(reply);
}

const kinds = "a reply is { content }, { status, error } or { message }";

function checkErrorReply(reply: ErrorReply): void {
  const { status, error, headers } = reply;
  if (!isObject(error) || typeof error.type !== "string" || typeof error.message !== "string")
    throw new Error("an error reply has an error with a type and a message, which are texts");
  // Below are no errors, and HTTP can't say any other.
  if (!(Number.isInteger(status) && status >= 300 && status <= 599))
    throw new Error(
      `an error reply has a status from 300 to 599, and not ${JSON.stringify(status) ?? "none"}`,
    );
  checkReplyFields(reply, fieldsOfError);
  if (headers === undefined) return;
  if (!isObject(headers)) throw new Error("an error reply's headers are texts by name");
  for (const [name, value] of Object.entries(headers)) checkReplyHeader(name, value);
}

function checkReplyHeader(name: string, value: unknown): void {
  if (breaksHttp(name))
    throw new Error(`an error reply has a header ${JSON.stringify(name)}, which is the server's own to send`);
  try {
    if (typeof value !== "string") throw new TypeError("it is no text");
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (error) {
    throw new Error(`an error reply has a header ${JSON.stringify(name)} that HTTP can't send`, {
      cause: error,
    });
  }
}

function checkWholeReply(reply: WholeReply): void {
  checkReplyFields(reply, fieldsOfWhole);
  checkWholeMessage(reply.message);
  if (reply.events !== undefined && !isListOfBlocks(reply.events))
    throw new Error("its reply's events are no list of events with a type each");
}

function checkMessageReply(reply: MessageReply): void {
  const { content } = reply;
  if (typeof content !== "string" && !isListOfBlocks(content))
    throw new Error("its reply's content is neither text nor a list of blocks with a type each");
  if (typeof content !== "string") checkReplyBlocks(content as readonly object[] as readonly Fields[]);
  if ("role" in reply)
    throw new Error("its reply is a message of the API's, and a whole message goes in as { message }");
  checkReplyFields(reply, fieldsOfMessage);
  if (reply.usage !== undefined) checkUsage(reply.usage, "usage");
}

/** What a block can't be without, and nobody can make up. */
const textOf: Readonly<Record<string, string>> = {
  text: "text",
  thinking: "thinking",
  tool_use: "name",
  server_tool_use: "name",
};

function checkReplyBlocks(content: readonly Fields[]): void {
  for (const block of content) {
    const type = String(block.type);
    const field = Object.hasOwn(textOf, type) ? textOf[type] : undefined;
    if (field !== undefined && typeof block[field] !== "string")
      throw new Error(`its reply has a ${type} block without a ${field}`);
    const fault = faultOfBlock(block);
    if (fault !== undefined) throw new Error(`its reply has a ${type} block ${fault}`);
  }
  checkIds(content);
}

function checkReplyFields(reply: Reply, known: Readonly<Record<string, true>>): void {
  const strange = Object.keys(reply).find((name) => !Object.hasOwn(known, name));
  if (strange === undefined) return;
  const meant = Object.keys(known).find((name) => plain(name) === plain(strange));
  throw new Error(
    `its reply has a field ${strange}, which there is not: ${
      meant === undefined ? `its fields are ${Object.keys(known).join(", ")}` : `${meant} is meant`
    }`,
  );
}

/** `stop_reason` and `stopReason` are one name to a person. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}
