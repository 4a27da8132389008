import { mediaOf, type ResultBlock, ToolError } from "@lockstitch/core";
import { canonical } from "./definition.js";
import { isObject } from "./object.js";
import type { Answer } from "./sealed.js";

/**
 * A server's answer as a tool's. Throws `ToolError` with its words, as `clean` leaves them, where it says that the tool failed: what it
 * says then often quotes what it was sent.
 */
export function outputOf(answer: Answer, clean: (text: string) => string): string | ResultBlock[] {
  const content = blocksIn(answer).filter((block) => !repeats(answer, block));
  const { structuredContent } = answer;
  const structured = structuredContent === undefined ? [] : [asJson(structuredContent)];
  const blocks = [...structured, ...content.map(blockOf)];
  if (answer.isError === true)
    throw new ToolError(
      blocks.length === 0
        ? "The tool failed without saying why."
        : blocks.map((block) => (block.type === "text" ? text(clean(block.text)) : block)),
    );
  return blocks.length === 0 ? "" : blocks;
}

/** One alone is meant as a list of one. */
function blocksIn({ content }: Answer): readonly unknown[] {
  if (content === undefined || content === null) return [];
  return Array.isArray(content) ? content : [content];
}

function asJson(value: unknown): ResultBlock {
  try {
    return text(JSON.stringify(value));
  } catch {
    // So deep that no walk of it ends well.
    return text("[structured content that is too deep to be shown]");
  }
}

/** Servers give structured content a second time as text, for clients that know no other; the model needs it once. */
function repeats({ structuredContent }: Answer, block: unknown): boolean {
  const { type, text: words } = isObject(block) ? block : {};
  if (structuredContent === undefined || type !== "text" || typeof words !== "string") return false;
  try {
    return canonical(JSON.parse(words)) === canonical(structuredContent);
  } catch {
    return false;
  }
}

/** Of what a server says nothing is known. What is not as the protocol has it is told of: by then the call has happened. */
function blockOf(block: unknown): ResultBlock {
  if (typeof block === "string") return text(block);
  const { type, ...rest } = isObject(block) ? block : {};
  if (typeof type !== "string") return asJson(block);
  switch (type) {
    case "text":
      return typeof rest.text === "string" ? text(rest.text) : odd("text");
    case "image":
    case "audio":
      return typeof rest.data === "string" ? fileOf(type, rest.mimeType, rest.data) : odd(type);
    case "resource_link":
      return linkOf(rest);
    case "resource":
      return resourceOf(isObject(rest.resource) ? rest.resource : {});
    default:
      return text(`[content of a kind that is not known: ${brief(type)}]`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function linkOf({ uri, name, description, mimeType }: Fields): ResultBlock {
  if (typeof uri !== "string") return odd("resource_link");
  const about = [mimeType, description].filter((words) => typeof words === "string").join(": ");
  return text(
    `[resource ${typeof name === "string" ? `${name}: ` : ""}${uri}${about === "" ? "" : ` (${about})`}]`,
  );
}

function resourceOf({ uri, mimeType, text: words, blob }: Fields): ResultBlock {
  if (typeof uri !== "string") return odd("resource");
  if (typeof words === "string") return text(`[resource ${uri}]\n${words}`);
  return typeof blob === "string" ? fileOf(`resource ${uri}`, mimeType, blob, uri) : odd("resource");
}

/**
 * A file that the model can see is what its bytes say, not what the server says of them: one block that the API would refuse fails every
 * later request of its session. Any other is told of.
 */
function fileOf(what: string, type: unknown, data: string, title?: string): ResultBlock {
  const bytes = bytesOf(data);
  const media = bytes === undefined ? undefined : mediaOf(bytes);
  if (media !== undefined && "block" in media) {
    const { block } = media;
    return block.type === "document" && title !== undefined ? { ...block, title } : block;
  }
  const size = bytes === undefined ? "broken" : `${bytes.length} bytes`;
  const why = media === undefined ? "it can't be shown here" : `not shown, it is ${media.problem}`;
  return text(`[${what}, ${typeof type === "string" ? brief(type) : "of no known type"}, ${size}: ${why}]`);
}

/** Line breaks and a missing end are forgiven, as everywhere; `undefined` for what is no base64. */
function bytesOf(data: string): Uint8Array | undefined {
  try {
    const decoded = atob(data);
    const bytes = new Uint8Array(decoded.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = decoded.charCodeAt(index);
    return bytes;
  } catch {
    return undefined;
  }
}

function odd(type: string): ResultBlock {
  return text(`[content of the kind ${type} that is not as the protocol has it: it can't be shown here]`);
}

function brief(value: unknown): string {
  return String(value).slice(0, 100);
}

function text(words: string): ResultBlock {
  return { type: "text", text: words };
}
