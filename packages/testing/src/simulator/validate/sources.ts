import { readImageHeader } from "./image-header.js";
import { pdfProblem } from "./pdf.js";
import { type Fields, firstRefusal, isFields } from "./rule.js";
import { at, checkFields, matching, nonEmptyText, oneOf, type Shapes, text, unknownTag } from "./shape.js";
import { isWholeImage } from "./whole-image.js";

/** https://platform.claude.com/docs/en/build-with-claude/vision#request-limits; measured in base64. */
const maxImageBytes = 10 * 1024 * 1024;

const address = (value: unknown): string | undefined =>
  text(value) ?? (/^https:\/\/./i.test(value as string) ? undefined : "Only HTTPS URLs are supported.");

const url: Shapes = { required: { type: text, url: address } };
const file: Shapes = { required: { type: text, file_id: nonEmptyText } };
const base64 = (...mediaTypes: readonly string[]): Shapes => ({
  required: { type: text, media_type: oneOf(...mediaTypes), data: text },
});

const sources: Readonly<Record<string, Readonly<Record<string, Shapes>>>> = {
  image: { base64: base64("image/jpeg", "image/png", "image/gif", "image/webp"), url, file },
  document: {
    base64: base64("application/pdf"),
    text: { required: { type: text, media_type: oneOf("text/plain"), data: text } },
    content: { required: { type: text, content: () => undefined } },
    url,
    file,
  },
};

/** What is wrong with the `source` of an image or a document; what a `content` source holds is not looked at. */
export function checkSource({ type, source }: Fields, path: string): string | undefined {
  const of = sources[String(type)] ?? {};
  if (!isFields(source)) return `${path}.${String(type)}.source: Input should be a valid dictionary`;
  const tag = String(source.type);
  const shapes = Object.hasOwn(of, tag) ? of[tag] : undefined;
  if (shapes === undefined) {
    return `${path}.${String(type)}.source: ${unknownTag(source.type, Object.keys(of))}`;
  }
  const problem = checkFields(source, `${path}.${String(type)}.source.${tag}`, shapes);
  if (problem !== undefined || tag !== "base64") return problem;
  return type === "image" ? checkImage(source, path) : checkPdf(source, path);
}

function checkImage({ data, media_type }: Fields, path: string): string | undefined {
  const place = `${path}.image.source.base64`;
  const encoded = String(data);
  if (encoded === "") return `${place}: image cannot be empty`;
  if (!isBase64(encoded)) return `${place}.data: Invalid base64 data`;
  if (encoded.length > maxImageBytes) {
    return `${place}: image exceeds 10 MB maximum: ${encoded.length} bytes > ${maxImageBytes} bytes`;
  }
  const bytes = Buffer.from(encoded, "base64");
  const header = readImageHeader(bytes);
  if (header !== undefined && header.mediaType !== media_type) {
    return `${place}: The image was specified using the ${String(media_type)} media type, but the image appears to be a ${header.mediaType} image`;
  }
  return isWholeImage(bytes) ? undefined : `${place}.data: Could not process image`;
}

function checkPdf({ data }: Fields, path: string): string | undefined {
  const place = `${path}.pdf.source.base64`;
  const encoded = String(data);
  if (encoded === "") return `${place}: PDF cannot be empty`;
  if (!isBase64(encoded)) return `${place}.data: Invalid base64 data`;
  return at(`${place}.data`, pdfProblem(Buffer.from(encoded, "base64")));
}

const alphabet = matching(/^[A-Za-z0-9+/]*={0,2}$/);

function isBase64(encoded: string): boolean {
  return encoded.length % 4 === 0 && alphabet(encoded) === undefined;
}

/** The first problem of any of the blocks of a `content` source, each checked by `check`. */
export function checkContentSource(
  source: Fields,
  path: string,
  check: (block: unknown, path: string) => string | undefined,
): string | undefined {
  const { content } = source;
  const place = `${path}.document.source.content.content`;
  if (typeof content === "string") return undefined;
  if (!Array.isArray(content)) return `${place}: Input should be a valid list`;
  return firstRefusal(content.map((block, index) => check(block, `${place}.${index}`)));
}
