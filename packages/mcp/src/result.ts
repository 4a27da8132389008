import { type ResultBlock, ToolError } from "@lockstitch/core";
import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/client";
import { canonical } from "./definition.js";

/** A server's answer as a tool's. Throws `ToolError` with its words where it says that the tool failed. */
export function outputOf(result: CallToolResult): string | ResultBlock[] {
  const blocks = [
    ...structured(result),
    ...result.content.filter((block) => !repeats(result, block)).map(blockOf),
  ];
  if (result.isError === true)
    throw new ToolError(blocks.length === 0 ? "The tool failed without saying why." : blocks);
  return blocks.length === 0 ? "" : blocks;
}

function structured({ structuredContent }: CallToolResult): readonly ResultBlock[] {
  return structuredContent === undefined ? [] : [text(JSON.stringify(structuredContent))];
}

/** Servers give structured content a second time as text, for clients that know no other; the model needs it once. */
function repeats({ structuredContent }: CallToolResult, block: ContentBlock): boolean {
  if (structuredContent === undefined || block.type !== "text") return false;
  try {
    return canonical(JSON.parse(block.text)) === canonical(structuredContent);
  } catch {
    return false;
  }
}

function blockOf(block: ContentBlock): ResultBlock {
  switch (block.type) {
    case "text":
      return text(block.text);
    case "image":
      return imageOf(block.data, block.mimeType) ?? text(unseen("image", block.mimeType, block.data));
    case "audio":
      return text(unseen("audio", block.mimeType, block.data));
    case "resource_link": {
      const { uri, name, description, mimeType } = block;
      const about = [mimeType, description].filter((words) => words !== undefined).join(": ");
      return text(`[resource ${name}: ${uri}${about === "" ? "" : ` (${about})`}]`);
    }
    case "resource":
      return resourceOf(block.resource);
    default:
      block satisfies never;
      return text(`[content of an unknown type: ${String((block as { type?: unknown }).type)}]`);
  }
}

type Resource = Extract<ContentBlock, { type: "resource" }>["resource"];

function resourceOf(resource: Resource): ResultBlock {
  const { uri, mimeType = "application/octet-stream" } = resource;
  if ("text" in resource) return text(`[resource ${uri}]\n${resource.text}`);
  return (
    imageOf(resource.blob, mimeType) ??
    pdfOf(resource.blob, mimeType, uri) ??
    text(unseen(`resource ${uri}`, mimeType, resource.blob))
  );
}

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;
type ImageType = (typeof imageTypes)[number];

/** In characters of base64: what the API takes of an image, and of a document. */
const largest = { image: 10_000_000, document: 24_000_000 };

function imageOf(data: string, type: string): ResultBlock | undefined {
  if (!imageTypes.includes(type as ImageType) || !isBase64(data, largest.image)) return undefined;
  return { type: "image", source: { type: "base64", media_type: type as ImageType, data } };
}

function pdfOf(data: string, type: string, title: string): ResultBlock | undefined {
  if (type !== "application/pdf" || !isBase64(data, largest.document)) return undefined;
  return { type: "document", title, source: { type: "base64", media_type: type, data } };
}

/** One block that the API would refuse fails every later request of its session. */
function isBase64(data: string, longest: number): boolean {
  return (
    data !== "" && data.length <= longest && data.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(data)
  );
}

function unseen(what: string, type: string, data: string): string {
  return `[${what}, ${type}, about ${Math.floor((data.length * 3) / 4)} bytes: it can't be shown here]`;
}

function text(words: string): ResultBlock {
  return { type: "text", text: words };
}
