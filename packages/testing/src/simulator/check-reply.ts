import type { ErrorReply, MessageReply, Reply, ReplyBlock, WholeReply } from "./mind.js";

/** The fields of each kind of reply; the compiler sees to it that none is missing. */
const fieldsOfMessage: Readonly<Record<keyof MessageReply, true>> = {
  content: true,
  stopReason: true,
  stopSequence: true,
  stopDetails: true,
  usage: true,
};
const fieldsOfError: Readonly<Record<keyof ErrorReply, true>> = { status: true, error: true, headers: true };
const fieldsOfWhole: Readonly<Record<keyof WholeReply, true>> = { message: true, events: true };

/**
 * Makes sure that a mind's reply is one: a script in JSON has seen no compiler, and a field that nobody reads would make a
 * test of something else than it says.
 *
 * @throws Error that names what is wrong, and what was meant.
 */
export function checkReply(reply: Reply): void {
  if (!isObject(reply)) throw new Error(`its reply is ${JSON.stringify(reply)}; ${kinds}`);
  if ("error" in reply) {
    if (!isObject(reply.error) || !Number.isInteger(reply.status))
      throw new Error(
        "an error reply has a status, which is a number, and an error with a type and a message",
      );
    return checkFields(reply, fieldsOfError);
  }
  if ("message" in reply) {
    if (!isObject(reply.message)) throw new Error(`its reply's message is ${JSON.stringify(reply.message)}`);
    return checkFields(reply, fieldsOfWhole);
  }
  if (!("content" in reply)) throw new Error(`its reply has no content; ${kinds}`);
  if (typeof reply.content !== "string" && !isListOfBlocks(reply.content))
    throw new Error("its reply's content is neither text nor a list of blocks with a type each");
  if (typeof reply.content !== "string") for (const block of reply.content) checkBlock(block);
  if ("role" in reply)
    throw new Error("its reply is a message of the API's, and a whole message goes in as { message }");
  checkFields(reply, fieldsOfMessage);
}

/** What a block can't be without, and nobody can make up. */
const textOf: Readonly<Record<string, string>> = {
  text: "text",
  thinking: "thinking",
  tool_use: "name",
  server_tool_use: "name",
};

function checkBlock(block: ReplyBlock): void {
  const field = textOf[block.type];
  if (field === undefined || typeof Reflect.get(block, field) === "string") return;
  throw new Error(`its reply has a ${block.type} block without a ${field}`);
}

const kinds = "a reply is { content }, { status, error } or { message }";

function checkFields(reply: Reply, known: Readonly<Record<string, true>>): void {
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

function isListOfBlocks(content: unknown): boolean {
  return (
    Array.isArray(content) && content.every((block) => isObject(block) && typeof block.type === "string")
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
